using System.Text;
using System.Text.Unicode;

namespace Pipeline.Engine.Files;

/// <summary>Text of a file as UTF-8, whatever of the known encodings it has.</summary>
public static class Utf8Text
{
    /// <summary>The same text in UTF-8: by its byte order mark where that is UTF-16's, unchanged where it is UTF-8, and else with each byte that is no UTF-8 as the character of Windows-1252 that it is.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <returns>The same array where nothing is to be changed.</returns>
    public static byte[] Of(byte[] content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content is [0xFF, 0xFE, ..]) return Encoding.Convert(Encoding.Unicode, Encoding.UTF8, content, 2, content.Length - 2);
        if (content is [0xFE, 0xFF, ..]) return Encoding.Convert(Encoding.BigEndianUnicode, Encoding.UTF8, content, 2, content.Length - 2);
        if (Utf8.IsValid(content)) return content;
        using var mixed = new MixedTextStream(new MemoryStream(content));
        using var text = new MemoryStream(content.Length + content.Length / 8);
        mixed.CopyTo(text);
        return text.ToArray();
    }
}
