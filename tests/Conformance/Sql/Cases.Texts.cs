using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Text, patterns and encodings.</summary>
internal sealed partial class Cases
{
    private void AddTexts()
    {
        Value("upper", Upper(s));
        Value("lower", Lower(s));
        Value("initcap", InitCap(s));
        Value("trim", Trim(s));
        Value("btrim", Trim(s, " A"));
        Value("ltrim", Ltrim(s));
        Value("rtrim", Rtrim(s));
        Value("length", Length(s));
        Value("length bin", Length(bin));
        Value("octet", OctetLength(s));
        Value("concat", Concat(s, Lit("-"), tt));
        Value("concat int", Concat(s, i));
        Value("concat_ws", ConcatWs("|", s, tt, i));
        Value("concat_ws arr", ConcatWs("|", s, names));
        Value("concat arr", Concat(list, list2));
        foreach (var (p, len) in new[] { (1, 3), (0, 3), (2, 100), (-3, 2), (-30, 27), (-5, 3), (3, 0), (3, -1) })
            Value($"substr {p} {len}", Substring(s, p, len));
        Value("substr col", Substring(s, j, Lit(3)));
        Value("left", Left(s, 3));
        Value("right", Right(s, 3));
        Value("left0", Left(s, 0));
        Value("substring_index", SubstringIndex(s, ".", 2));
        Value("substring_index-", SubstringIndex(s, ".", -2));
        Value("split", Split(s, " "));
        Value("split re", Split(s, "[. ]+"));
        Value("split dot", Split(s, "\\."));
        Value("split_part", SplitPart(s, ".", 2));
        Value("split_part-", SplitPart(s, ".", -1));
        Value("re_extract", RegexpExtract(s, "([a-z]+) ?([A-Z]?)", 1));
        Value("re_extract2", RegexpExtract(s, "([a-z]+) ?([A-Z]?)", 2));
        Value("re_extract0", RegexpExtract(s, "[0-9]+", 0));
        Value("re_all", RegexpExtractAll(s, "([a-z])", 1));
        Value("re_replace", RegexpReplace(s, "([a-z])([a-z])", "$2$1"));
        Value("re_replace2", RegexpReplace(s, "\\s+", "_"));
        Value("re_replace$", RegexpReplace(s, "a", "\\$"));
        Value("re_count", RegexpCount(s, "[a-z]"));
        Value("replace", Replace(s, "o", "0"));
        Value("translate", Translate(s, "abco", "xyz"));
        Value("lpad", Lpad(tt, 5, "*+"));
        Value("rpad", Rpad(tt, 5, "*+"));
        Value("lpad cut", Lpad(s, 3, "*"));
        Value("repeat", Repeat(tt, 2));
        Value("repeat0", Repeat(tt, 0));
        Value("reverse", Reverse(s));
        Value("instr", Instr(s, "o"));
        Value("locate", Locate("b", s));
        Value("base64", Base64(bin));
        Value("base64 s", Base64(s));
        Value("unbase64", Unbase64(Base64(bin)));
        Value("encode", Encode(s, "UTF-8"));
        Value("decode", Decode(Lit("abc").Cast("binary"), "UTF-8"));
        Value("decode latin-1", Decode(bin, "ISO-8859-1"));
        Value("trydecode", TryDecodeUtf8(bin));
        Value("hex s", Hex(s));
        Value("hex bin", Hex(bin));
        Value("hex i", Hex(l));
        Value("unhex", Unhex(Hex(bin)));
        Value("md5", Md5(s));
        Value("md5 bin", Md5(bin));
        for (var word = 0; word < 4; word++) Value(FormattableString.Invariant($"md5_word {word}"), Md5Word(s, word));
        Value("md5_word bin", Md5Word(bin, 3));
        Value("sha1", Sha1(s));
        Value("sha2", Sha2(s, 256));
        Value("sha hex", Sha256Hex(bin));
        Value("ascii", Ascii(s));
        Value("chr", Chr(j + 65));
        Value("levenshtein", Levenshtein(s, tt));
        Value("format", FormatString("%s=%d", tt, i));
        Value("format_number", FormatNumber(d, 2));
        Value("format_number n", FormatNumber(n, 1));
        Value("like", s.Like("%o%"));
        Value("like esc", tt.Like("100\\%"));
        Value("like _", tt.Like("_"));
        Value("ilike", s.ILike("%HELLO%"));
        Value("rlike", s.RLike("^[A-Z].*o"));
        Value("starts", s.StartsWith("H"));
        Value("ends", s.EndsWith("c"));
        Value("contains", s.Contains("a"));
        Value("contains col", s.Contains(tt));
    }
}
