namespace Pipeline.Suite.Export.Files;

/// <summary>Text on its way to a writer: collected and written in blocks of at least 32 Ki characters, so that a row costs no call of the system. Not thread-safe.</summary>
/// <remarks>What was appended last may still be collected: <see cref="Flush"/> writes it.</remarks>
/// <param name="writer">Where the text goes; stays open.</param>
public sealed class TextBlocks(TextWriter writer)
{
    private const int BlockSize = 1 << 15;
    private readonly string newLine = writer.NewLine;
    private char[] block = new char[BlockSize * 2];
    private int used;

    /// <summary>Adds one character.</summary>
    public void Append(char letter)
    {
        if (used == block.Length) Grow(1);
        block[used++] = letter;
    }

    /// <summary>Adds a text.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        if (block.Length - used < text.Length) Grow(text.Length);
        text.CopyTo(block.AsSpan(used));
        used += text.Length;
    }

    /// <summary>Adds the text of a value, as <see cref="ValueText.Of"/> has it.</summary>
    public void AppendValue(object value)
    {
        const int longestNumber = 64;
        if (block.Length - used < longestNumber) Grow(longestNumber);
        var room = block.AsSpan(used);
        if (ValueText.TryFormat(value, room, out var written)) used += written;
        else Append(ValueText.Of(value));
    }

    /// <summary>Ends a line; writes what was collected where that fills a block.</summary>
    public void EndLine()
    {
        Append(newLine);
        if (used >= BlockSize) Write();
    }

    /// <summary>Writes what was collected, and has the writer do so too.</summary>
    public void Flush()
    {
        Write();
        writer.Flush();
    }

    private void Write()
    {
        writer.Write(block, 0, used);
        used = 0;
    }

    private void Grow(int needed) => Array.Resize(ref block, Math.Max(block.Length * 2, used + needed));
}
