namespace Pipeline.Jobs.Datasets.StudentMessages;

/// <summary>The shapes that a message may have, as regular expressions that Java and RE2 read alike.</summary>
/// <remarks>
/// Loops over characters are unrolled (<c>[^x]*(?:\\.[^x]*)*</c>) and messages are short (<see cref="LongestMessage"/>), since Java walks a repeated group on its stack.
/// Nothing here can match in two ways, so that no message takes more than linear time but for its blanks.
/// </remarks>
internal static class MessageShapes
{
    /// <summary>Longest message that is read, in characters.</summary>
    public const int LongestMessage = 4_000;

    /// <summary>Characters that no text has: controls but for tab and line breaks, and the range that is empty in Latin-1.</summary>
    public const string NotText = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\\x{FFFD}]";

    // No NUL, and no half of a surrogate pair: engines differ on both.
    private const string Escape = "\\\\(?:[\"'\\\\/bfnrt]|x[0-9a-fA-F]{2}|u(?:[1-9a-cefA-CEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}|0[1-9a-fA-F][0-9a-fA-F]{2}|00[1-9a-fA-F][0-9a-fA-F]|000[1-9a-fA-F]))";
    private const string DoubleQuoted = "\"[^\"\\\\\\x00-\\x1F]*(?:" + Escape + "[^\"\\\\\\x00-\\x1F]*)*\"";
    private const string SingleQuoted = "'[^'\\\\\\x00-\\x1F]*(?:" + Escape + "[^'\\\\\\x00-\\x1F]*)*'";
    private const string Text = "[uU]?(?:" + DoubleQuoted + "|" + SingleQuoted + ")";
    private const string Scalar = "(?:" + Text + "|-?[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|True|False|None)";

    /// <summary>A key and its plain value in an object.</summary>
    public const string Member = Text + "\\s*:\\s*" + Scalar;

    /// <summary>The key (group 1) and the value (group 2) of a member.</summary>
    public const string MemberParts = "^(" + Text + ")\\s*:\\s*(" + Scalar + ")";

    /// <summary>A JSON object or Python dict of plain values; a comma may trail, as in Python.</summary>
    public const string FlatObject = "^\\{\\s*" + Member + "(?:\\s*,\\s*" + Member + ")*\\s*,?\\s*\\}$";

    private const string KeyText = "[^=:,;|\\r\\n\"'{}\\[\\]]+";

    /// <summary>A key and its value separated by = or a colon; a value in quotes may hold what parts pairs.</summary>
    public const string Pair = "[\"']?" + KeyText + "[\"']?\\s*[=:]\\s*(?:\"[^\"\\r\\n]*\"|'[^'\\r\\n]*'|[^,;|\\r\\n]*)";

    /// <summary>Pairs and nothing else.</summary>
    public const string Pairs = "^" + Pair + "(?:[,;|\\r\\n][\\s,;|]*" + Pair + ")*[\\s,;|]*$";

    /// <summary>A text that begins as pairs do.</summary>
    public const string BeginsWithPair = "^[\"']?" + KeyText + "[\"']?\\s*[=:]";

    /// <summary>The key of a pair.</summary>
    public const string PairKey = "^\\s*[\"']?(" + KeyText + ")";

    /// <summary>The value of a pair, with its quotes.</summary>
    public const string PairValue = "^[^=:]*[=:]\\s*([^\\r\\n]*)$";

    /// <summary>Characters that may part the fields of a line, the surest first.</summary>
    public static readonly char[] Delimiters = [';', '|', '\t', ','];

    /// <summary>A field of a line before which its delimiter stands.</summary>
    public static string CellAfter(char delimiter)
    {
        var escaped = delimiter switch { '|' => "\\|", '\t' => "\\t", _ => delimiter.ToString() };
        return $"{escaped}\\s*(\"(?:[^\"]|\"\")*\"|[^{escaped}]*)";
    }
}
