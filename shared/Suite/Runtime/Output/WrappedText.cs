namespace Pipeline.Suite.Runtime.Output;

/// <summary>Texts in lines of a width.</summary>
internal static class WrappedText
{
    /// <summary>A text in lines of so many characters at most, broken between words; a longer word has a line of its own. At least one line.</summary>
    public static IEnumerable<string> Lines(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        yield return line;
    }
}
