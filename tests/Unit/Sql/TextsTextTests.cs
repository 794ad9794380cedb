using NUnit.Framework;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Text, patterns and encodings.</summary>
public sealed class TextsTextTests
{
    private static IEnumerable<Said> All()
    {
        yield return new(Upper("s"), """upper("s")""");
        yield return new(Upper("i"),
            "upper(CAST(`i` AS STRING))",
            """upper(CAST("i" AS VARCHAR))""");
        yield return new(InitCap("s"),
            "initcap(`s`)",
            """array_to_string(list_transform(string_split(lower("s"), ' '), lambda w: upper(w[1]) || w[2:]), ' ')""");
        yield return new(Trim("s"),
            "trim(`s`)",
            """trim("s", ' ')""");
        yield return new(Length("s"),
            "length(`s`)",
            """CAST(length("s") AS INTEGER)""");
        yield return new(Length("bin"),
            "length(`bin`)",
            """CAST(octet_length("bin") AS INTEGER)""");
        yield return new(Concat(Col("s"), Lit("-"), Col("i")),
            "concat(`s`, '-', `i`)",
            """("s" || '-' || CAST("i" AS VARCHAR))""");
        yield return new(Concat(Col("list"), Col("list")),
            "concat(`list`, `list`)",
            """CASE WHEN "list" IS NOT NULL AND "list" IS NOT NULL THEN list_concat("list", "list") END""");
        yield return new(ConcatWs(",", Col("s"), Col("i")),
            "concat_ws(',', `s`, `i`)",
            """concat_ws(',', "s", CAST("i" AS VARCHAR))""");
        yield return new(ConcatWs(",", Col("s"), Col("names")),
            "concat_ws(',', `s`, `names`)",
            """CASE WHEN ',' IS NOT NULL THEN coalesce(array_to_string(list_concat(["s"], "names"), ','), '') END""");
        yield return new(Substring("s", 2, 3), """substring("s", 2, 3)""");
        yield return new(Substring("s", 0, 3),
            "substring(`s`, 0, 3)",
            """substring("s", 1, 3)""");
        yield return new(Substring("s", -3, 2),
            "substring(`s`, -3, 2)",
            """CASE WHEN (length("s") + -3) >= 0 THEN substring("s", (length("s") + -3) + 1, 2) ELSE substring("s", 1, greatest(2 + (length("s") + -3), 0)) END""");
        yield return new(Left("s", 2), """left("s", 2)""");
        yield return new(Lpad("s", 5, "*"), """lpad("s", 5, '*')""");
        yield return new(SubstringIndex("s", ".", -2),
            "substring_index(`s`, '.', -2)",
            """array_to_string((string_split("s", '.'))[-2:], '.')""");
        yield return new(Split("s", ","),
            "split(`s`, ',', -1)",
            """string_split("s", ',')""");
        yield return new(Split("s", "[,;]"),
            "split(`s`, '[,;]', -1)",
            """string_split_regex("s", '[,;]')""");
        yield return new(Split("s", "\\|"),
            """split(`s`, '\\|', -1)""",
            """string_split("s", '|')""");
        yield return new(RegexpExtract("s", "([a-z]+)([0-9]+)", 2),
            "regexp_extract(`s`, '([a-z]+)([0-9]+)', 2)",
            """CASE WHEN "s" IS NOT NULL THEN regexp_extract("s", '([a-z]+)([0-9]+)', 2) END""");
        yield return new(RegexpReplace("s", "(a)(b)", "$2-$1"),
            "regexp_replace(`s`, '(a)(b)', '$2-$1')",
            """regexp_replace("s", '(a)(b)', '\2-\1', 'g')""");
        yield return new(Replace("s", "a", "b"), """replace("s", 'a', 'b')""");
        yield return new(Instr("s", "a"),
            "instr(`s`, 'a')",
            """CAST(instr("s", 'a') AS INTEGER)""");
        yield return new(Locate("a", "s"),
            "instr(`s`, 'a')",
            """CAST(instr("s", 'a') AS INTEGER)""");
        yield return new(FormatNumber("i", 2),
            "format_number(`i`, 2)",
            """format('{:,.2f}', CAST("i" AS DOUBLE))""");
        yield return new(FormatString("%s-%d", Col("s"), Col("i")),
            "format_string('%s-%d', `s`, `i`)",
            """printf('%s-%d', "s", "i")""");
        yield return new(Col("s").Like("a%"),
            "`s` LIKE 'a%'",
            "\"s\" LIKE 'a%' ESCAPE '\\'");
        yield return new(Col("s").RLike("^a"),
            "`s` RLIKE '^a'",
            """regexp_matches("s", '^a')""");
        yield return new(Col("s").StartsWith("a"),
            "startswith(`s`, 'a')",
            """starts_with("s", 'a')""");
        yield return new(Md5Word(Col("bin"), 1),
            "CAST(conv(concat(substring(md5(`bin`), 15, 2), substring(md5(`bin`), 13, 2), substring(md5(`bin`), 11, 2), substring(md5(`bin`), 9, 2)), 16, 10) AS BIGINT)",
            """CAST((md5_number("bin") >> 32) & 4294967295 AS BIGINT)""");
        yield return new(Md5("s"),
            "md5(CAST(`s` AS BINARY))",
            """md5(encode("s"))""");
        yield return new(Sha2("bin", 256),
            "sha2(`bin`, 256)",
            """sha256("bin")""");
        yield return new(Sha256Hex("s"),
            "sha2(CAST(`s` AS BINARY), 256)",
            """sha256(encode("s"))""");
        yield return new(Base64("bin"),
            "base64(`bin`)",
            """to_base64("bin")""");
        yield return new(Decode("bin", "UTF-8"),
            "decode(`bin`, 'UTF-8')",
            """TRY(decode("bin"))""");
        yield return new(Decode("bin", "ISO-8859-1"),
            "decode(`bin`, 'ISO-8859-1')",
            """CASE WHEN "bin" IS NOT NULL THEN coalesce(array_to_string(list_transform(regexp_extract_all(hex("bin"), '..'), lambda h: chr(CAST('0x' || h AS INTEGER))), ''), '') END""");
        yield return new(TryDecodeUtf8("bin"),
            "CASE WHEN CAST(regexp_replace(CAST(`bin` AS STRING), '(?!)', '') AS BINARY) = `bin` THEN CAST(`bin` AS STRING) END",
            """TRY(decode("bin"))""");
        yield return new(Hex("l"), """hex("l")""");
    }

    [TestCaseSource(nameof(All))]
    public void An_expression_is_spelled_in_both_dialects(object said) => ((Said)said).Check();
}
