using System.Diagnostics;
using System.Globalization;
using Pipeline.Producer.Sending;
using Spectre.Console;

namespace Pipeline.Producer.CommandLine;

/// <summary>Shows a send on stderr: a bar that is redrawn on a terminal, elsewhere a line a batch, or a line a second where batches are faster.</summary>
internal sealed class SendProgressBar : IProgress<SendProgress>, IDisposable
{
    private const int BarWidth = 30;
    private const int PercentWidth = 7;
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(1);
    private readonly TextWriter _error;
    private readonly IAnsiConsole? _terminal;
    private readonly Lock _drawing = new();
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private long _drawnAt;
    private bool _isDrawn;

    internal SendProgressBar(ProgramConsole console, bool useColor)
    {
        _error = console.Error;
        if (console.IsErrorTerminal)
        {
            _terminal = AnsiConsole.Create(new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(console.Error),
                ColorSystem = useColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            });
        }
    }

    public void Report(SendProgress value)
    {
        lock (_drawing)
        {
            if (_drawnAt != 0 && Stopwatch.GetElapsedTime(_drawnAt) < (_terminal is null ? LineInterval : RedrawInterval))
                return;
            _drawnAt = Stopwatch.GetTimestamp();
            if (_terminal is null)
                _error.WriteLine(Line(value));
            else
                Draw(_terminal, value);
        }
    }

    /// <summary>Writes a line for people above the bar.</summary>
    internal void WriteLine(string line)
    {
        lock (_drawing)
        {
            Clear();
            _error.WriteLine(line);
        }
    }

    public void Dispose()
    {
        lock (_drawing)
            Clear();
    }

    private void Draw(IAnsiConsole terminal, SendProgress value)
    {
        var text = Line(value);
        var share = value.Total is > 0 ? (double?)value.Done / value.Total : null;
        // One line and no more, since only one is taken back.
        var room = terminal.Profile.Width - 1;
        var bar = share is { } known ? Bar(known, Math.Clamp(room - text.Length - PercentWidth, 0, BarWidth)) : "";
        var rest = (share is { } percent ? string.Create(CultureInfo.InvariantCulture, $" {percent * 100:0} % ") : "") + text;
        Clear();
        terminal.Markup($"[green]{bar}[/]{Markup.Escape(rest[..Math.Clamp(room - bar.Length, 0, rest.Length)])}");
        _isDrawn = true;
    }

    private void Clear()
    {
        if (!_isDrawn)
            return;
        _terminal?.Write(new ControlCode("\r\e[2K"));
        _isDrawn = false;
    }

    private string Line(SendProgress value)
    {
        var counts = value.Counts;
        var seconds = Stopwatch.GetElapsedTime(_startedAt).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"batch {counts.Batches:N0}: {counts.Sent:N0} sent, {counts.Acknowledged:N0} acknowledged{(counts.Failed > 0 ? $", {counts.Failed:N0} failed" : "")}, {counts.Acknowledged / Math.Max(seconds, 0.001):N0}/s");
    }

    private static string Bar(double share, int width)
    {
        var full = (int)(Math.Clamp(share, 0, 1) * width);
        return new string('━', full) + new string('╌', width - full);
    }
}
