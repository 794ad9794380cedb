using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

internal static partial class FunctionTable
{
    private static IEnumerable<Function> Operators() =>
    [
        Comparison("=", "="), Comparison("<>", "<>"), Comparison("<", "<"), Comparison(">", ">"), Comparison("<=", "<="), Comparison(">=", ">="),
        new("<=>", "..", Is(Boolean), "~{(0)} <=> {(1)}", "~{(0)} IS NOT DISTINCT FROM {(1)}") { Compares = true, NeverNull = true },
        Both("and", "bb", Is(Boolean), "~{(0)} AND {(1)}"),
        Both("or", "bb", Is(Boolean), "~{(0)} OR {(1)}"),
        Both("not", "b", Is(Boolean), "~NOT {(0)}"),
        Arithmetic("+"), Arithmetic("-"), Arithmetic("*"),
        new("/", "nn", call => Typing.Arithmetic("/", call.Arguments[0], call.Arguments[1]), "~{(0)} / {(1)}", Spelling.Operator(Quotient)),
        new("%", "nn", call => Typing.Arithmetic("%", call.Arguments[0], call.Arguments[1]), "~{(0)} % {(1)}", Spelling.Operator(Remainder)),
        new("div", "ll", Is(Long), "~{(0)} div {(1)}", Spelling.By(call => $"CAST({call.Operand(0)} // {Divisor(call, call.Argument(1))} AS BIGINT)")),
        new("pmod", "nn", call => Typing.Arithmetic("pmod", call.Arguments[0], call.Arguments[1]), "pmod({*})", Spelling.By(call => $"CASE WHEN {Remainder(call)} < 0 THEN (({Remainder(call)}) + {call.Operand(1)}) % {call.Operand(1)} ELSE {Remainder(call)} END")),
        Both("negative", "n", Of(0), "~-{(0)}"),
        Both("&", "..", Whole, "~{(0)} & {(1)}"),
        Both("|", "..", Whole, "~{(0)} | {(1)}"),
        new("^", "..", Whole, "~{(0)} ^ {(1)}", "xor({*})"),
        Both("~", ".", Of(0), "~~{(0)}"),
    ];

    private static IEnumerable<Function> Conditions() =>
    [
        Both("isnull", ".", Is(Boolean), "~{(0)} IS NULL") with { NeverNull = true },
        Both("isnotnull", ".", Is(Boolean), "~{(0)} IS NOT NULL") with { NeverNull = true },
        new("isnan", "d", Is(Boolean), "isnan({0})", "coalesce(isnan({0}), false)") { NeverNull = true },
        Both("between", "...", Is(Boolean), "~{(0)} BETWEEN {(1)} AND {(2)}") with { Compares = true },
        Both("in", "..*", Is(Boolean), Spelling.Operator(call => call.Count == 1 ? $"{call.Operand(0)} IS NULL AND false" : $"{call.Operand(0)} IN ({string.Join(", ", call.Texts(1))})")) with { Compares = true },
        Both("coalesce", ".*", CommonOf, "coalesce({*})") with { SameTypes = true },
        Both("nullif", "..", Of(0), "nullif({*})") with { Compares = true },
        Both("nanvl", "nn", CommonOf, "CASE WHEN isnan({0}) THEN {1} ELSE {0} END") with { SameTypes = true },
        Both("greatest", ".*", CommonOf, "greatest({*})") with { SameTypes = true },
        Both("least", ".*", CommonOf, "least({*})") with { SameTypes = true },
    ];

    private static Function Comparison(string name, string symbol) => Both(name, "..", Is(Boolean), $"~{{(0)}} {symbol} {{(1)}}") with { Compares = true };

    private static Function Arithmetic(string symbol) => new(symbol, "nn", call => Typing.Arithmetic(symbol, call.Arguments[0], call.Arguments[1]),
        $"~{{(0)}} {symbol} {{(1)}}", Spelling.Operator(call => call.Result is DecimalType type
            ? $"CAST({call.Operand(0)} {symbol} {call.Operand(1)} AS {call.Dialect.TypeName(type)})"
            : $"{call.Operand(0)} {symbol} {call.Operand(1)}"));

    /// <summary>Double division; NULL by 0. DuckDB divides decimals as doubles, so that places beyond 15 digits may differ from Spark's.</summary>
    private static string Quotient(CallText call)
    {
        var left = Typing.Convert(call.Argument(0), Double);
        var right = Typing.Convert(call.Argument(1), Double);
        var quotient = $"{call.RenderOperand(left)} / {Divisor(call, right)}";
        return call.Result is DecimalType type ? $"CAST({quotient} AS {call.Dialect.TypeName(type)})" : quotient;
    }

    /// <summary>What is divided by, NULL where it is 0.</summary>
    private static string Divisor(CallText call, Expr divisor) => divisor is Literal { Value: { } constant and not string } && System.Convert.ToDouble(constant, System.Globalization.CultureInfo.InvariantCulture) != 0
        ? call.RenderOperand(divisor)
        : $"nullif({call.Render(divisor)}, 0)";

    private static string Remainder(CallText call)
    {
        var remainder = $"{call.Operand(0)} % {Divisor(call, call.Argument(1))}";
        return call.Result is DecimalType type ? $"CAST({remainder} AS {call.Dialect.TypeName(type)})" : remainder;
    }

    private static DataType? Whole(Call call) => CommonOf(call);
}
