namespace Pipeline.Engine.Sql;

// Mathematics. Arguments outside the domain give NULL or NaN, as in Spark.
public static partial class Functions
{
    /// <summary>Without its sign.</summary>
    public static Column Abs(Column column) => Of("abs", column.Node);

    /// <summary>The whole number at or above, as long.</summary>
    public static Column Ceil(Column column) => Of("ceil", column.Node);

    /// <summary>The whole number at or below, as long.</summary>
    public static Column Floor(Column column) => Of("floor", column.Node);

    /// <summary>Rounded half away from zero to so many places.</summary>
    public static Column Round(Column column, int scale = 0) => Of("round", column.Node, Value(scale));

    /// <summary>Rounded half to even to so many places.</summary>
    public static Column BRound(Column column, int scale = 0) => Of("bround", column.Node, Value(scale));

    /// <summary>The nearest whole number as double, half to even.</summary>
    public static Column Rint(Column column) => Of("rint", column.Node);

    /// <summary>Square root; NaN below 0.</summary>
    public static Column Sqrt(Column column) => Of("sqrt", column.Node);

    /// <summary>Cube root.</summary>
    public static Column Cbrt(Column column) => Of("cbrt", column.Node);

    /// <summary><paramref name="left"/> to the power of <paramref name="right"/>, as double.</summary>
    public static Column Pow(Column left, Column right) => Of("pow", left.Node, right.Node);

    /// <summary><paramref name="left"/> to the power of <paramref name="right"/>, as double.</summary>
    public static Column Pow(Column left, double right) => Of("pow", left.Node, Value(right));

    /// <summary>e to the power.</summary>
    public static Column Exp(Column column) => Of("exp", column.Node);

    /// <summary>e to the power, less 1.</summary>
    public static Column Expm1(Column column) => Of("expm1", column.Node);

    /// <summary>Natural logarithm; NULL at or below 0.</summary>
    public static Column Log(Column column) => Of("ln", column.Node);

    /// <summary>Logarithm to a base; NULL at or below 0.</summary>
    public static Column Log(double logBase, Column column) => Of("log", Value(logBase), column.Node);

    /// <summary>Natural logarithm; NULL at or below 0.</summary>
    public static Column Ln(Column column) => Of("ln", column.Node);

    /// <summary>Logarithm to base 10; NULL at or below 0.</summary>
    public static Column Log10(Column column) => Of("log10", column.Node);

    /// <summary>Logarithm to base 2; NULL at or below 0.</summary>
    public static Column Log2(Column column) => Of("log2", column.Node);

    /// <summary>Natural logarithm of 1 more; NULL at or below -1.</summary>
    public static Column Log1p(Column column) => Of("log1p", column.Node);

    /// <summary>Sine of radians.</summary>
    public static Column Sin(Column column) => Of("sin", column.Node);

    /// <summary>Cosine of radians.</summary>
    public static Column Cos(Column column) => Of("cos", column.Node);

    /// <summary>Tangent of radians.</summary>
    public static Column Tan(Column column) => Of("tan", column.Node);

    /// <summary>Arc sine in radians; NaN outside -1 to 1.</summary>
    public static Column Asin(Column column) => Of("asin", column.Node);

    /// <summary>Arc cosine in radians; NaN outside -1 to 1.</summary>
    public static Column Acos(Column column) => Of("acos", column.Node);

    /// <summary>Arc tangent in radians.</summary>
    public static Column Atan(Column column) => Of("atan", column.Node);

    /// <summary>Angle of the point (x, y) in radians.</summary>
    public static Column Atan2(Column y, Column x) => Of("atan2", y.Node, x.Node);

    /// <summary>Angle of the point (x, y) in radians.</summary>
    public static Column Atan2(Column y, double x) => Of("atan2", y.Node, Value(x));

    /// <summary>Hyperbolic sine.</summary>
    public static Column Sinh(Column column) => Of("sinh", column.Node);

    /// <summary>Hyperbolic cosine.</summary>
    public static Column Cosh(Column column) => Of("cosh", column.Node);

    /// <summary>Hyperbolic tangent.</summary>
    public static Column Tanh(Column column) => Of("tanh", column.Node);

    /// <summary>Degrees of radians.</summary>
    public static Column Degrees(Column column) => Of("degrees", column.Node);

    /// <summary>Radians of degrees.</summary>
    public static Column Radians(Column column) => Of("radians", column.Node);

    /// <summary>-1.0, 0.0 or 1.0 by its sign.</summary>
    public static Column Signum(Column column) => Of("signum", column.Node);

    /// <summary>Square root of the sum of squares.</summary>
    public static Column Hypot(Column left, Column right) => Of("hypot", left.Node, right.Node);

    /// <summary>Square root of the sum of squares.</summary>
    public static Column Hypot(Column left, double right) => Of("hypot", left.Node, Value(right));

    /// <summary>The greatest of the values that are not NULL.</summary>
    public static Column Greatest(params Column[] columns) => Of("greatest", [.. Sql.Column.Nodes(columns)]);

    /// <summary>The smallest of the values that are not NULL.</summary>
    public static Column Least(params Column[] columns) => Of("least", [.. Sql.Column.Nodes(columns)]);

    /// <summary>Remainder that is never negative for a positive divisor.</summary>
    public static Column Pmod(Column dividend, Column divisor) => Of("pmod", dividend.Node, divisor.Node);

    /// <summary>Remainder that is never negative for a positive divisor.</summary>
    public static Column Pmod(Column dividend, int divisor) => Of("pmod", dividend.Node, Value(divisor));

    /// <summary>Remainder that is never negative for a positive divisor.</summary>
    public static Column Pmod(Column dividend, double divisor) => Of("pmod", dividend.Node, Value(divisor));

    /// <summary>Factorial of 0 to 20; NULL else.</summary>
    public static Column Factorial(Column column) => Of("factorial", column.Node);

    /// <summary>Bits moved left.</summary>
    public static Column ShiftLeft(Column column, int numBits) => Of("shiftleft", column.Node, Value(numBits));

    /// <summary>Bits moved right, the sign kept.</summary>
    public static Column ShiftRight(Column column, int numBits) => Of("shiftright", column.Node, Value(numBits));

    /// <summary>All bits turned.</summary>
    public static Column BitwiseNot(Column column) => Of("~", column.Node);

    /// <summary>Whole-number division, as long; NULL by 0.</summary>
    public static Column Div(Column left, Column right) => Of("div", left.Node, right.Node);

    /// <summary>Whole-number division, as long; NULL by 0.</summary>
    public static Column Div(Column left, long right) => Of("div", left.Node, Value(right));

    /// <summary>The quotient or NULL, as the operator <c>/</c>.</summary>
    public static Column TryDivide(Column left, Column right) => Of("/", left.Node, right.Node);

    /// <summary>The quotient or NULL, as the operator <c>/</c>.</summary>
    public static Column TryDivide(Column left, double right) => Of("/", left.Node, Value(right));

    /// <summary>The negative.</summary>
    public static Column Negate(Column column) => Of("negative", column.Node);

    /// <summary>NaN replaced: <paramref name="left"/> unless it is NaN.</summary>
    public static Column NanVl(Column left, Column right) => Of("nanvl", left.Node, right.Node);

    /// <summary>A random number from 0 up to 1.</summary>
    public static Column Rand() => Of("rand");

    /// <summary>Whether it is NaN; false for NULL.</summary>
    public static Column IsNaN(Column column) => Of("isnan", column.Node);

    /// <summary>Bin of equal width in which the value lies, 0 and one more for those outside.</summary>
    public static Column WidthBucket(Column value, Column min, Column max, Column numBucket) => Of("width_bucket", value.Node, min.Node, max.Node, numBucket.Node);
}
