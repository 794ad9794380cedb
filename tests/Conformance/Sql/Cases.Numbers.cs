using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Mathematics at and outside the edges.</summary>
internal sealed partial class Cases
{
    private void AddNumbers()
    {
        (string Name, Func<Column, Column> Function)[] everywhere =
        [
            ("abs", Abs), ("ceil", Ceil), ("floor", Floor), ("sqrt", Sqrt), ("cbrt", Cbrt), ("ln", Ln), ("log10", Log10), ("log2", Log2), ("log1p", Log1p), ("asin", Asin), ("acos", Acos), ("atan", Atan),
            ("tanh", Tanh), ("degrees", Degrees), ("radians", Radians), ("signum", Signum), ("rint", Rint),
        ];
        (string Name, Func<Column, Column> Function)[] small = [("exp", Exp), ("expm1", Expm1), ("sin", Sin), ("cos", Cos), ("tan", Tan), ("sinh", Sinh), ("cosh", Cosh)];
        foreach (var (name, function) in everywhere)
        {
            Value(name, function(e));
            Value($"{name} d", function(d));
        }
        foreach (var (name, function) in small) Value(name, function(e));
        Value("abs n", Abs(n));
        Value("ceil n", Ceil(n));
        Value("floor n", Floor(n));
        Value("ceil i", Ceil(i));
        Value("sin f", Sin(f));
        Value("round", Round(d));
        Value("round 1", Round(e * 1.25, 1));
        Value("round half", Round(Lit(2.5) + e.Cast("int")));
        Value("round n", Round(n, 1));
        Value("round i", Round(i, -1));
        Value("bround", BRound(Lit(2.5)));
        Value("bround n", BRound(n, 1));
        Value("round lit", Round(Lit(1.005), 2));
        Value("round lit2", Round(Lit(2.675), 2));
        Value("pow", Pow(e, 2));
        Value("pow neg", Pow(i, 0.5));
        Value("log b", Log(2.0, e));
        Value("atan2", Atan2(d, e));
        Value("hypot", Hypot(e, 3.0));
        Value("factorial", Factorial(j));
        Value("wb", WidthBucket(i, Lit(0.0), Lit(10.0), Lit(5L)));
        Value("trydiv", TryDivide(i, j));
    }
}
