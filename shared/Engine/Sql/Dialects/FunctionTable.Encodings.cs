using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

internal static partial class FunctionTable
{
    private static IEnumerable<Function> Encodings() =>
    [
        new("base64", "x", Is(String), "base64({0})", "to_base64({0})"),
        new("unbase64", "s", Is(Binary), "unbase64({0})", "TRY(from_base64({0}))"),
        new("encode", "ss", Is(Binary), "encode({*})", Spelling.By(call => IsUtf8(call) ? $"encode({call.Text(0)})" : throw OtherCharset(call))),
        new("decode", "xs", Is(String), "decode({*})", Spelling.By(call => IsUtf8(call) ? $"TRY(decode({call.Text(0)}))" : IsLatin1(call) ? Latin1(call) : throw OtherCharset(call))),
        new("try_decode_utf8", "x", Is(String), "CASE WHEN CAST(regexp_replace(CAST({0} AS STRING), '(?!)', '') AS BINARY) = {(0)} THEN CAST({0} AS STRING) END", "TRY(decode({0}))"),
        new("hex", ".", Is(String), "hex({0})", Spelling.By(call => call.Type(0) is NumericType and not IntegralType ? $"hex(CAST({call.Text(0)} AS BIGINT))" : $"hex({call.Text(0)})")),
        new("unhex", "s", Is(Binary), "unhex({0})", "TRY(unhex({0}))"),
        new("md5", "x", Is(String), "md5({0})", "md5({0})"),
        new("md5_word", "xi", Is(Long), Spelling.By(call => $"CAST(conv({SmallestFirst($"md5({call.Text(0)})", Word(call))}, 16, 10) AS BIGINT)"), Spelling.By(call => $"CAST((md5_number({call.Text(0)}) >> {32 * Word(call)}) & 4294967295 AS BIGINT)")),
        new("sha1", "x", Is(String), "sha1({0})", "sha1({0})"),
        new("sha2", "xi", Is(String), "sha2({*})", Spelling.By(call => call.Constant<int>(1, "the number of bits") is 0 or 256
            ? $"sha256({call.Text(0)})" : throw new NotSupportedException($"DuckDB cannot say 'sha2' of {call.Text(1)} bits, only of 256."))),
        new("crc32", "x", Is(Long), "crc32({0})", Spelling.Refused("it has no such function. Use Md5 or Sha2(column, 256).")),
    ];

    private static int Word(CallText call) => call.Constant<int>(1, "the word's number") is >= 0 and <= 3 and var word
        ? word : throw new NotSupportedException($"An MD5 has the words 0 to 3, and not {call.Text(1)}.");

    /// <summary>A word's hexadecimal digits, its last byte first.</summary>
    private static string SmallestFirst(string digits, int word) =>
        $"concat({string.Join(", ", new[] { 7, 5, 3, 1 }.Select(at => FormattableString.Invariant($"substring({digits}, {(8 * word) + at}, 2)")))})";

    private static bool IsUtf8(CallText call) => call.Constant<string>(1, "the charset").Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() is "UTF8" or "USASCII";

    private static bool IsLatin1(CallText call) => call.Constant<string>(1, "the charset").Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() is "ISO88591" or "LATIN1";

    /// <summary>Byte by byte: in ISO-8859-1 a byte is the number of its character.</summary>
    private static string Latin1(CallText call) =>
        $"CASE WHEN {call.Operand(0)} IS NOT NULL THEN coalesce(array_to_string(list_transform(regexp_extract_all(hex({call.Text(0)}), '..'), lambda h: chr(CAST('0x' || h AS INTEGER))), ''), '') END";

    private static NotSupportedException OtherCharset(CallText call) =>
        new($"DuckDB cannot say '{call.Name}' for the charset {call.Text(1)}, only for 'UTF-8'{(call.Name == "decode" ? " and 'ISO-8859-1'" : "")}.");
}
