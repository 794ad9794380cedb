using System.Diagnostics;
using System.Globalization;
using Pipeline.Engine.Types;
using Spectre.Console;

namespace Pipeline.Suite.Runtime.Output;

/// <summary>Steps on a terminal: a line that is redrawn while the step runs, with a bar where the total is known, and the final line when it ends.</summary>
internal sealed class TerminalProgress(IAnsiConsole console) : IProgressReporter
{
    private const int BarWidth = 30;
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);

    public IStep Start(string title, long? total) => new TerminalStep(console, title, total);

    private sealed class TerminalStep : IStep
    {
        private readonly IAnsiConsole console;
        private readonly string title;
        private readonly long? total;
        private readonly long startedAt = Stopwatch.GetTimestamp();
        private readonly Timer timer;
        private readonly Lock drawing = new();
        private long done;
        private string? note;
        private string? summary;
        private bool isOver;

        public TerminalStep(IAnsiConsole console, string title, long? total)
        {
            this.console = console;
            this.title = title;
            this.total = total;
            timer = new Timer(_ => Draw(), null, TimeSpan.Zero, RedrawInterval);
        }

        public void Report(long done) => Interlocked.Exchange(ref this.done, done);

        public void Note(string text) => Volatile.Write(ref note, text);

        public void Done(string summary) => this.summary = summary;

        public void Dispose()
        {
            lock (drawing)
            {
                if (isOver) return;
                isOver = true;
            }
            timer.Dispose();
            var isFinished = summary is not null;
            var line = LineProgress.Line(title, summary, Stopwatch.GetElapsedTime(startedAt), isFinished);
            console.Write(new ControlCode("\r\e[2K"));
            console.MarkupLine($"[{(isFinished ? "green" : "red")}]{Markup.Escape(line[..1])}[/]{Markup.Escape(line[1..])}");
        }

        private void Draw()
        {
            lock (drawing)
            {
                if (isOver) return;
                var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
                var at = Interlocked.Read(ref done);
                var progress = total is > 0
                    ? string.Create(CultureInfo.InvariantCulture, $" {Bar((double)at / total.Value)} {at:N0} / {total:N0}")
                    : at > 0 ? string.Create(CultureInfo.InvariantCulture, $" {at:N0}") : "";
                console.Write(new ControlCode("\r\e[2K"));
                var now = Volatile.Read(ref note) is { } text ? $" {text}" : "";
                var line = PrintableText.OneLine(string.Create(CultureInfo.InvariantCulture, $"{title}{progress} {seconds:0} s{now}"));
                // One line and no more, since only one is taken back.
                console.Markup(Markup.Escape(line[..Math.Min(line.Length, Math.Max(1, console.Profile.Width - 1))]));
            }
        }

        private static string Bar(double share)
        {
            var full = (int)(Math.Clamp(share, 0, 1) * BarWidth);
            return new string('━', full) + new string('╌', BarWidth - full);
        }
    }
}
