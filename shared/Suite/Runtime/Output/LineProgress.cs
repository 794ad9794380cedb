using System.Diagnostics;
using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Runtime.Output;

/// <summary>Steps as one line each, when they end: for pipes, logs and CI.</summary>
internal sealed class LineProgress(TextWriter error, bool isQuiet) : IProgressReporter
{
    private static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(1);

    public IStep Start(string title, long? total) => new LineStep(title, isQuiet ? TextWriter.Null : error);

    internal static string Line(string title, string? summary, TimeSpan time, bool isFinished) => PrintableText.OneLine(string.Create(
        CultureInfo.InvariantCulture, $"{(isFinished ? "✓" : "✗")} {title}{(summary is null ? "" : $": {summary}")} ({time.TotalSeconds:0.0} s)"));

    private sealed class LineStep(string title, TextWriter writer) : IStep
    {
        private readonly long startedAt = Stopwatch.GetTimestamp();
        private long notedAt;
        private string? summary;
        private bool isOver;

        public void Report(long done)
        {
        }

        public void Note(string text)
        {
            lock (writer)
            {
                if (notedAt != 0 && Stopwatch.GetElapsedTime(notedAt) < NoteInterval) return;
                notedAt = Stopwatch.GetTimestamp();
                writer.WriteLine(PrintableText.OneLine(text));
            }
        }

        public void Done(string summary) => this.summary = summary;

        public void Dispose()
        {
            if (isOver) return;
            isOver = true;
            lock (writer) writer.WriteLine(Line(title, summary, Stopwatch.GetElapsedTime(startedAt), summary is not null));
        }
    }
}
