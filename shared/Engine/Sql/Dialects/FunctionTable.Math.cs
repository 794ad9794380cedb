using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

internal static partial class FunctionTable
{
    private static IEnumerable<Function> Mathematics() =>
    [
        Both("abs", "n", Of(0), "abs({0})"),
        new("ceil", "n", WholeOf, "ceil({0})", Spelling.By(call => ToWhole(call, "ceil"))),
        new("floor", "n", WholeOf, "floor({0})", Spelling.By(call => ToWhole(call, "floor"))),
        new("round", "ni", Rounded, "round({*})", Spelling.By(call => Round(call, "round"))),
        new("bround", "ni", Rounded, "bround({*})", Spelling.By(call => Round(call, "round_even"))),
        new("rint", "d", Is(Double), "rint({0})", "round_even({0}, 0)"),
        new("sqrt", "d", Is(Double), "sqrt({0})", "CASE WHEN {(0)} < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt({0}) END"),
        Both("cbrt", "d", Is(Double), "cbrt({0})"),
        Both("pow", "dd", Is(Double), "pow({*})"),
        Both("exp", "d", Is(Double), "exp({0})"),
        new("expm1", "d", Is(Double), "expm1({0})", "exp({0}) - 1"),
        new("ln", "d", Is(Double), "ln({0})", Positive("ln({0})")),
        new("log", "dd", Is(Double), "log({*})", "CASE WHEN {(0)} > 0 AND {(1)} > 0 THEN ln({1}) / ln({0}) END"),
        new("log10", "d", Is(Double), "log10({0})", Positive("log10({0})")),
        new("log2", "d", Is(Double), "log2({0})", Positive("log2({0})")),
        new("log1p", "d", Is(Double), "log1p({0})", "CASE WHEN {(0)} > -1 THEN ln(1 + {(0)}) END"),
        new("sin", "d", Is(Double), "sin({0})", Finite("sin({0})")),
        new("cos", "d", Is(Double), "cos({0})", Finite("cos({0})")),
        new("tan", "d", Is(Double), "tan({0})", Finite("tan({0})")),
        new("asin", "d", Is(Double), "asin({0})", Unit("asin({0})")),
        new("acos", "d", Is(Double), "acos({0})", Unit("acos({0})")),
        Both("atan", "d", Is(Double), "atan({0})"),
        Both("atan2", "dd", Is(Double), "atan2({*})"),
        Both("sinh", "d", Is(Double), "sinh({0})"),
        Both("cosh", "d", Is(Double), "cosh({0})"),
        Both("tanh", "d", Is(Double), "tanh({0})"),
        Both("degrees", "d", Is(Double), "degrees({0})"),
        Both("radians", "d", Is(Double), "radians({0})"),
        new("signum", "d", Is(Double), "signum({0})", "CASE WHEN isnan({0}) THEN {0} ELSE CAST(sign({0}) AS DOUBLE) END"),
        new("hypot", "dd", Is(Double), "hypot({*})", "sqrt({(0)} * {(0)} + {(1)} * {(1)})"),
        new("factorial", "i", Is(Long), "factorial({0})", "CASE WHEN {(0)} BETWEEN 0 AND 20 THEN CAST(factorial({0}) AS BIGINT) END"),
        new("shiftleft", ".i", Of(0), "shiftleft({*})", "CASE WHEN {(0)} < 0 THEN -((-{(0)}) << {(1)}) ELSE {(0)} << {(1)} END"),
        new("shiftright", ".i", Of(0), "shiftright({*})", "~{(0)} >> {(1)}"),
        new("width_bucket", "dddl", Is(Long), "width_bucket({*})",
            "CASE WHEN {(3)} <= 0 OR {(1)} = {(2)} THEN NULL WHEN {(0)} < {(1)} THEN 0 WHEN {(0)} >= {(2)} THEN {(3)} + 1 ELSE CAST(floor(({(0)} - {(1)}) / ({(2)} - {(1)}) * {(3)}) AS BIGINT) + 1 END"),
        new("rand", "", Is(Double), "rand()", "random()") { NeverNull = true, IsVolatile = true },
    ];

    private static Spelling Positive(string spelling) => $"CASE WHEN {{(0)}} > 0 THEN {spelling} END";

    private static Spelling Finite(string spelling) => $"CASE WHEN isinf({{0}}) THEN CAST('nan' AS DOUBLE) ELSE {spelling} END";

    private static Spelling Unit(string spelling) => $"CASE WHEN abs({{0}}) > 1 THEN CAST('nan' AS DOUBLE) ELSE {spelling} END";

    private static DataType? WholeOf(Call call) => call.Arguments[0].Type switch
    {
        null => null,
        DecimalType type => new DecimalType(Math.Min(38, type.Precision - type.Scale + 1), 0),
        _ => Long,
    };

    private static string ToWhole(CallText call, string function)
    {
        if (call.Type(0) is IntegralType) return $"CAST({call.Text(0)} AS BIGINT)";
        var rounded = $"{function}({call.Text(0)})";
        return call.Result is DecimalType type ? $"CAST({rounded} AS {call.Dialect.TypeName(type)})" : call.Render(new CastTo(new Physical(rounded) { Type = Double }, Long));
    }

    private static DataType? Rounded(Call call) => call.Arguments[0].Type is DecimalType type && call.Arguments[1] is Literal { Value: int places }
        ? new DecimalType(Math.Min(38, type.Precision - type.Scale + Math.Clamp(places, 0, type.Scale) + 1), Math.Clamp(places, 0, type.Scale))
        : call.Arguments[0].Type;

    private static string Round(CallText call, string function)
    {
        var rounded = $"{function}({call.Text(0)}, {call.Text(1)})";
        // Spark rounds the digits that are printed (1.005 is 1.01), DuckDB the binary value (1.00).
        if (function == "round" && call.Type(0) is DoubleType && call.ConstantOrNull(1) is int and > 0)
            return $"coalesce(CAST(round(TRY_CAST(CAST({call.Text(0)} AS VARCHAR) AS DECIMAL(38, 18)), {call.Text(1)}) AS DOUBLE), {rounded})";
        return call.Result is DecimalType or IntegralType ? $"CAST({rounded} AS {call.Dialect.TypeName(call.Result)})" : rounded;
    }
}
