using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Tests.Support.Processes;

/// <summary>Who started whom on this machine, read from /proc.</summary>
public static class ProcessTree
{
    /// <summary>Ids of the processes of this name (<c>java</c>, <c>dotnet</c>) that the process started, itself or through others.</summary>
    public static IReadOnlyList<int> Descendants(int processId, string name)
    {
        var all = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(static entry => int.TryParse(entry, CultureInfo.InvariantCulture, out _))
            .Select(static entry => Read(int.Parse(entry!, CultureInfo.InvariantCulture))).OfType<Entry>().ToList();
        var found = new List<Entry>();
        var next = new Queue<int>([processId]);
        while (next.TryDequeue(out var parent))
        {
            foreach (var child in all.Where(entry => entry.Parent == parent))
            {
                found.Add(child);
                next.Enqueue(child.Id);
            }
        }
        return [.. found.Where(entry => entry.Name == name).Select(static entry => entry.Id)];
    }

    /// <summary>Whether the process runs.</summary>
    public static bool IsAlive(int processId) => Read(processId) is { State: not "Z" };

    /// <summary>Waits until none of them runs; false where one still does after the time.</summary>
    public static async Task<bool> HaveEndedAsync(IReadOnlyList<int> processIds, TimeSpan time)
    {
        var waited = Stopwatch.StartNew();
        while (processIds.Any(IsAlive))
        {
            if (waited.Elapsed > time) return false;
            await Task.Delay(50);
        }
        return true;
    }

    private static Entry? Read(int id)
    {
        try
        {
            // id (name) state parent …; the name may hold anything.
            var text = File.ReadAllText($"/proc/{id}/stat");
            var close = text.LastIndexOf(')');
            var rest = text[(close + 2)..].Split(' ');
            return new Entry(id, text[(text.IndexOf('(', StringComparison.Ordinal) + 1)..close], rest[0], int.Parse(rest[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // It ended in between.
            return null;
        }
    }

    private sealed record Entry(int Id, string Name, string State, int Parent);
}
