using NUnit.Framework;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Operators, conditions and literals.</summary>
public sealed class OperatorsTextTests
{
    private static IEnumerable<Said> All()
    {
        yield return new(Col("i") == 5, "\"i\" = 5");
        yield return new(Col("s") != "it's",
            """`s` <> 'it\'s'""",
            "\"s\" <> 'it''s'");
        yield return new(Col("d").EqNullSafe(null),
            "`d` <=> NULL",
            "\"d\" IS NOT DISTINCT FROM NULL");
        yield return new(Col("i") > 1 & Col("b") | !Col("b"), """(("i" > 1) AND "b") OR (NOT "b")""");
        yield return new((Col("i") + 1) * 2 - -Col("i"), """(("i" + 1) * 2) - (-"i")""");
        yield return new(Col("i") / 2,
            "`i` / 2",
            """CAST("i" AS DOUBLE) / 2e0""");
        yield return new(Col("d") / Col("d"),
            "`d` / `d`",
            "\"d\" / nullif(\"d\", 0)");
        yield return new(Col("i") % 3, "\"i\" % 3");
        yield return new(Div(Col("i"), 2),
            "`i` div 2L",
            """CAST("i" // CAST(2 AS BIGINT) AS BIGINT)""");
        yield return new(Pmod(Col("i"), 3),
            "pmod(`i`, 3)",
            """CASE WHEN "i" % 3 < 0 THEN (("i" % 3) + 3) % 3 ELSE "i" % 3 END""");
        yield return new(Col("n") + Col("n"),
            "`n` + `n`",
            """CAST("n" + "n" AS DECIMAL(11,2))""");
        yield return new(Col("n") * 2,
            "`n` * 2",
            """CAST("n" * 2 AS DECIMAL(12,2))""");
        yield return new(Col("n") / 3,
            "`n` / 3",
            """CAST(TRY_CAST("n" AS DOUBLE) / 3e0 AS DECIMAL(14,6))""");
        yield return new(Col("i").BitwiseAND(6).BitwiseXOR(1),
            "(`i` & 6) ^ 1",
            """xor("i" & 6, 1)""");
        yield return new(Col("s") == 1,
            "CAST(`s` AS INT) = 1",
            """TRY_CAST(regexp_extract("s", '^\s*([+-]?[0-9]+)(?:\.[0-9]*)?\s*$', 1) AS INTEGER) = 1""");
        yield return new(Col("day") >= "2020-01-31", "\"day\" >= DATE '2020-01-31'");
        yield return new(Col("at") == Col("day"),
            "`at` = CAST(`day` AS TIMESTAMP)",
            "\"at\" = make_timestamptz(epoch_us(CAST(\"day\" AS TIMESTAMP)))");
        yield return new(Col("s").IsNull() & Col("s").IsNotNull(), """("s" IS NULL) AND ("s" IS NOT NULL)""");
        yield return new(Col("d").IsNaN(),
            "isnan(`d`)",
            """coalesce(isnan("d"), false)""");
        yield return new(Col("i").Between(1, 9), "\"i\" BETWEEN 1 AND 9");
        yield return new(Col("i").IsIn(1, 2, null), "\"i\" IN (1, 2, NULL)");
        yield return new(Col("i").IsIn(), "\"i\" IS NULL AND false");
        yield return new(Coalesce("i", "l", Lit(0)),
            "coalesce(CAST(`i` AS BIGINT), `l`, 0L)",
            """coalesce(CAST("i" AS BIGINT), "l", CAST(0 AS BIGINT))""");
        yield return new(NullIf("s", ""), """nullif("s", '')""");
        yield return new(Greatest("i", "d"), """greatest(CAST("i" AS DOUBLE), "d")""");
        yield return new(When(Col("i") > 5, "big").When(Col("i") < 0, "small").Otherwise("middling"), """CASE WHEN "i" > 5 THEN 'big' WHEN "i" < 0 THEN 'small' ELSE 'middling' END""");
        yield return new(When(Col("b"), Col("i")).Otherwise(Col("d")), """CASE WHEN "b" THEN CAST("i" AS DOUBLE) ELSE "d" END""");
        yield return new(Lit(1L),
            "1L",
            "CAST(1 AS BIGINT)");
        yield return new(Lit(1.5),
            "1.5D",
            "1.5e0");
        yield return new(Lit(double.NaN),
            "CAST('NaN' AS DOUBLE)",
            "CAST('nan' AS DOUBLE)");
        yield return new(Lit(12.30m),
            "CAST(12.30BD AS DECIMAL(4,2))",
            "CAST(12.30 AS DECIMAL(4,2))");
        yield return new(Lit("a\\b\n'c'"),
            """'a\\b\n\'c\''""",
            """E'a\\b\n''c'''""");
        yield return new(Lit(new DateOnly(2020, 1, 31)), "DATE '2020-01-31'");
        yield return new(Lit(new DateTime(2020, 1, 31, 13, 45, 59, DateTimeKind.Utc)),
            "TIMESTAMP '2020-01-31 13:45:59.000000Z'",
            "TIMESTAMPTZ '2020-01-31 13:45:59.000000+00'");
        yield return new(Lit(new byte[] { 0, 255 }),
            "X'00FF'",
            """'\x00\xFF'::BLOB""");
        yield return new(Lit(null), "NULL");
        yield return new(Lit(-1) - Lit(-2), "(-1) - (-2)");
    }

    [TestCaseSource(nameof(All))]
    public void An_expression_is_spelled_in_both_dialects(object said) => ((Said)said).Check();
}
