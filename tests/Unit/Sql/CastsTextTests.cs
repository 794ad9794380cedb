using NUnit.Framework;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Casts: NULL where one fails, fractions cut off.</summary>
public sealed class CastsTextTests
{
    private static IEnumerable<Said> All()
    {
        yield return new(Col("s").Cast("int"),
            "CAST(`s` AS INT)",
            """TRY_CAST(regexp_extract("s", '^\s*([+-]?[0-9]+)(?:\.[0-9]*)?\s*$', 1) AS INTEGER)""");
        yield return new(Col("s").Cast("double"),
            "CAST(`s` AS DOUBLE)",
            """TRY_CAST(replace(trim("s"), '_', '?') AS DOUBLE)""");
        yield return new(Col("s").Cast("boolean"),
            "CAST(`s` AS BOOLEAN)",
            """CASE WHEN lower(trim("s")) IN ('t', 'true', 'y', 'yes', '1') THEN true WHEN lower(trim("s")) IN ('f', 'false', 'n', 'no', '0') THEN false END""");
        yield return new(Col("s").Cast("timestamp"),
            "CAST(`s` AS TIMESTAMP)",
            """TRY_CAST(trim("s") AS TIMESTAMPTZ)""");
        yield return new(Col("s").Cast("binary"),
            "CAST(`s` AS BINARY)",
            """encode("s")""");
        yield return new(Col("d").Cast("int"),
            "CAST(`d` AS INT)",
            """CASE WHEN isnan("d") THEN 0 WHEN "d" >= 2147483647 THEN 2147483647 WHEN "d" <= -2147483648 THEN -2147483648 ELSE CAST(trunc("d") AS INTEGER) END""");
        yield return new(Col("d").Cast("string"),
            "CAST(`d` AS STRING)",
            """CASE WHEN isnan("d") THEN 'NaN' WHEN isinf("d") THEN CASE WHEN "d" > 0 THEN 'Infinity' ELSE '-Infinity' END ELSE CAST("d" AS VARCHAR) END""");
        yield return new(Col("n").Cast("bigint"),
            "CAST(`n` AS BIGINT)",
            """TRY_CAST(trunc("n") AS BIGINT)""");
        yield return new(Col("n").Cast("decimal(5,1)"),
            "CAST(`n` AS DECIMAL(5,1))",
            """TRY_CAST("n" AS DECIMAL(5,1))""");
        yield return new(Col("at").Cast("date"),
            "CAST(`at` AS DATE)",
            """CAST(make_timestamp(epoch_us("at")) AS DATE)""");
        yield return new(Col("at").Cast("string"),
            "CAST(`at` AS STRING)",
            """CAST(make_timestamp(epoch_us("at")) AS VARCHAR)""");
        yield return new(Col("day").Cast("timestamp"),
            "CAST(`day` AS TIMESTAMP)",
            """make_timestamptz(epoch_us(CAST("day" AS TIMESTAMP)))""");
        yield return new(Col("i").Cast("timestamp"),
            "CAST(`i` AS TIMESTAMP)",
            """to_timestamp("i")""");
        yield return new(Col("i").Cast("bigint"), """CAST("i" AS BIGINT)""");
        yield return new(Col("i").Cast("int"), "\"i\"");
        yield return new(Col("bin").Cast("string"),
            "CAST(`bin` AS STRING)",
            """TRY(decode("bin"))""");
    }

    [TestCaseSource(nameof(All))]
    public void An_expression_is_spelled_in_both_dialects(object said) => ((Said)said).Check();
}
