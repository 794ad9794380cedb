using System.Diagnostics;

namespace Pipeline.Engine.Spark.Launch;

/// <summary>Passes the JVM's lines on and keeps the last ones, for the error of a start that failed. Thread-safe.</summary>
internal sealed class JvmLogTail(Action<string>? onward)
{
    private const int Kept = 8;
    private readonly Lock gate = new();
    private readonly Queue<string> lines = [];

    /// <summary>Takes a line as <see cref="Process"/> hands it over; null is the end.</summary>
    public void Take(object sender, DataReceivedEventArgs received)
    {
        if (received.Data is not { Length: > 0 } line) return;
        lock (gate)
        {
            if (!line.StartsWith("\tat ", StringComparison.Ordinal)) lines.Enqueue(line);
            if (lines.Count > Kept) _ = lines.Dequeue();
        }
        onward?.Invoke(line);
    }

    /// <summary>Whether one of the last lines holds a text.</summary>
    public bool Holds(string text)
    {
        lock (gate) return lines.Any(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>The last lines as a sentence.</summary>
    public string Describe()
    {
        lock (gate) return lines.Count == 0 ? "It printed nothing." : $"Its last lines:\n{string.Join('\n', lines)}";
    }
}
