using System.Text;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Runtime.Output;

/// <summary>Writes to a terminal until it is closed; what comes after that goes nowhere, as each write would fail and end the program before its result is written.</summary>
/// <remarks>On stdout, where only data stand, control characters are written as codes: what a table holds does not steer the terminal. Only that one failure of a terminal is taken so. Not thread-safe by itself: the console makes it so.</remarks>
internal sealed class TerminalWriter : TextWriter
{
    private const int InputOutputError = 5;
    private const int PipeBlock = 1 << 16;
    private readonly TextWriter terminal;
    private readonly bool escapes;
    private bool isGone;

    /// <param name="terminal">The terminal.</param>
    /// <param name="escapes">Whether control characters are written as codes, but for line breaks and tabs.</param>
    internal TerminalWriter(TextWriter terminal, bool escapes) : base(terminal.FormatProvider)
    {
        this.terminal = terminal;
        this.escapes = escapes;
    }

    /// <inheritdoc/>
    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Has the console of this process outlive its terminal; for the start of a program. What goes to a file or pipe goes there in blocks as large as it was written in, in UTF-8, and not in pieces of 256 characters.</summary>
    public static void GuardConsole()
    {
        Console.SetOut(Console.IsOutputRedirected
            ? new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), PipeBlock) { AutoFlush = true, NewLine = "\n" }
            : new TerminalWriter(Console.Out, escapes: true));
        if (!Console.IsErrorRedirected) Console.SetError(new TerminalWriter(Console.Error, escapes: false));
    }

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (isGone) return;
        try
        {
            if (escapes) terminal.Write(PrintableText.Lines(buffer.ToString()));
            else terminal.Write(buffer);
        }
        catch (IOException error) when ((error.HResult & 0xFFFF) == InputOutputError)
        {
            isGone = true;
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        if (isGone) return;
        try
        {
            terminal.Flush();
        }
        catch (IOException error) when ((error.HResult & 0xFFFF) == InputOutputError)
        {
            isGone = true;
        }
    }
}
