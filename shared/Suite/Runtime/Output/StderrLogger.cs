using Microsoft.Extensions.Logging;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Output;

/// <summary>One line a message on stderr, whatever stands in it: time, level, text. Written at once, so that nothing is lost when the process is killed.</summary>
/// <param name="error">Where to.</param>
/// <param name="minimum">Least level that is written.</param>
/// <param name="useColor">Whether levels are colored.</param>
/// <param name="isTerminal">Whether a step's line may stand there that is redrawn: a message takes its place, and the step draws it again below.</param>
internal sealed class StderrLogger(TextWriter error, LogLevel minimum, bool useColor, bool isTerminal = false) : ILogger
{
    private const string ClearLine = "\r\e[2K";

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var (word, color) = logLevel switch
        {
            LogLevel.Critical or LogLevel.Error => ("error", "\e[31m"),
            LogLevel.Warning => ("warning", "\e[33m"),
            LogLevel.Information => ("info", "\e[36m"),
            _ => ("debug", "\e[90m"),
        };
        var text = formatter(state, exception) + (exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})");
        var label = useColor ? $"{color}{word}\e[0m" : word;
        var line = FormattableString.Invariant($"{DateTime.Now:HH:mm:ss.fff} {label} {PrintableText.OneLine(Secrets.Mask(text))}");
        lock (error) error.WriteLine(isTerminal ? ClearLine + line : line);
    }
}
