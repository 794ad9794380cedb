using System.Text;

namespace Pipeline.Suite.Runtime.Output;

/// <summary>Writes to a terminal until it is closed; what comes after that goes nowhere, as each write would fail and end the program before its result is written.</summary>
/// <remarks>Only that one failure of a terminal is taken so. Not thread-safe by itself: the console makes it so.</remarks>
internal sealed class TerminalWriter : TextWriter
{
    private const int InputOutputError = 5;
    private readonly TextWriter terminal;
    private bool isGone;

    private TerminalWriter(TextWriter terminal) : base(terminal.FormatProvider) => this.terminal = terminal;

    /// <inheritdoc/>
    public override Encoding Encoding => terminal.Encoding;

    /// <summary>Has the console of this process outlive its terminal; for the start of a program. Files and pipes stay as they are.</summary>
    public static void GuardConsole()
    {
        if (!Console.IsOutputRedirected) Console.SetOut(new TerminalWriter(Console.Out));
        if (!Console.IsErrorRedirected) Console.SetError(new TerminalWriter(Console.Error));
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
            terminal.Write(buffer);
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
