using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Operators and conditions.</summary>
internal sealed partial class Cases
{
    private void AddOperators()
    {
        Value("eq", s == tt);
        Value("ne", i != 5);
        Value("lt", d < e);
        Value("gt nan", d > 5.0);
        Value("ge nan nan", d >= Col("d"));
        Value("nan eq", d == double.NaN);
        Value("eqns", i.EqNullSafe(null));
        Value("eqns2", i.EqNullSafe(5));
        Value("cmp str int", num == 12);
        Value("cmp str dbl", num > 1.5);
        Value("cmp date str", day == "2020-01-31");
        Value("cmp at date", at > day);
        Value("cmp at str", at >= "2020-01-01 00:00:00");
        Value("cmp bool str", b == "true");
        Value("and", b & (i > 0));
        Value("or", b | (i > 0));
        Value("not", !b);
        Value("plus int", i.Cast("bigint") + 1);
        Value("minus", l - i.Cast("bigint").Cast("double"));
        Value("times", j * 2);
        Value("times dbl", d * 2);
        Value("plus str", num + 1);
        Value("div int", i / j);
        Value("div long", l / j);
        Value("div dbl", d / e);
        Value("div 0", Lit(1) / 0);
        Value("mod", i % j);
        Value("mod neg", i % -3);
        Value("mod dbl", d % 2.0);
        Value("neg", -d);
        Value("pmod", Pmod(i, 3));
        Value("pmod neg", Pmod(j, -3));
        Value("pmod d", Pmod(e, 3.0));
        Value("div op", Div(i, j));
        Value("dec plus", n + n2);
        Value("dec minus", n - 1);
        Value("dec times", n * n2);
        Value("dec times lit", n * 2);
        Value("dec div", n / n2);
        Value("dec mod", n % n2);
        Value("dec dbl", n * 1.5);
        Value("dec int div", n / 3);
        Value("dec lit", n + 1.5m);
        Value("band", i.BitwiseAND(6));
        Value("bor", i.BitwiseOR(8));
        Value("bxor", i.BitwiseXOR(3));
        Value("bnot", BitwiseNot("i"));
        Value("shl", ShiftLeft("j", 2));
        Value("shr", ShiftRight("i", 1));
        Value("isnull", s.IsNull());
        Value("notnull", s.IsNotNull());
        Value("isnan", d.IsNaN());
        Value("between", i.Between(0, 7));
        Value("in", i.IsIn(5, 7, 100));
        Value("in none", i.IsIn());
        Value("in str", tt.IsIn("a", "b"));
        Value("in null", i.IsIn(5, null));
        Value("coalesce", Coalesce(d, e, Lit(0.0)));
        Value("coalesce mix", Coalesce(i, l));
        Value("nullif", NullIf(i, 5));
        Value("nanvl", NanVl(d, e));
        Value("greatest", Greatest(d, e));
        Value("least", Least(d, e));
        Value("greatest i", Greatest(i, j, Lit(3)));
        Value("case", When(i > 5, "big").When(i < 0, "neg").Otherwise("mid"));
        Value("case mix", When(b, i).Otherwise(d));
        Value("case none", When(i > 5, 1));
    }
}
