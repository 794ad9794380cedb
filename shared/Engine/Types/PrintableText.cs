using System.Buffers;
using System.Globalization;
using System.Text;

namespace Pipeline.Engine.Types;

/// <summary>Text as it may be shown: what could steer a terminal, forge a line of a log or turn the reading direction is written as a code, such as <c>\u001B</c>.</summary>
public static class PrintableText
{
    /// <summary>Control characters (C0, DEL, C1), Unicode's line and paragraph separators, the marks of its bidirectional algorithm, and what is no character: halves of surrogate pairs (whole pairs are told apart), U+FFFE, U+FFFF.</summary>
    private static readonly SearchValues<char> Unsafe = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(static code => (char)code).Where(char.IsControl), '\u061C', '\u200E', '\u200F', '\u2028', '\u2029', '\uFFFE', '\uFFFF', .. Range('\uD800', '\uDFFF'), .. Range('\u202A', '\u202E'), .. Range('\u2066', '\u2069')]);

    /// <summary>The text on one line: line breaks and tabs are codes too.</summary>
    public static string OneLine(string text) => Escape(text, keepsLines: false);

    /// <summary>The text with its line breaks and tabs as they are; a carriage return alone, which would have a terminal write over the line, is a code.</summary>
    public static string Lines(string text) => Escape(text, keepsLines: true);

    private static string Escape(string text, bool keepsLines)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAny(Unsafe)) return text;
        var shown = new StringBuilder(text.Length + 16);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (i + 1 < text.Length && char.IsSurrogatePair(letter, text[i + 1])) shown.Append(letter).Append(text[++i]);
            else if (!Unsafe.Contains(letter) || (keepsLines && IsLayout(letter, i + 1 < text.Length ? text[i + 1] : '\0'))) shown.Append(letter);
            else if (letter == '\n') shown.Append("\\n");
            else if (letter == '\r') shown.Append("\\r");
            else if (letter == '\t') shown.Append("\\t");
            else shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
        }

        return shown.ToString();
    }

    private static bool IsLayout(char letter, char next) => letter is '\n' or '\t' || (letter == '\r' && next == '\n');

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(static code => (char)code);
}
