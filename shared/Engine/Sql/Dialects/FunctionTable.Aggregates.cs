using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

internal static partial class FunctionTable
{
    private const int SumDigits = 10;
    private const int AverageDigits = 4;

    private static IEnumerable<Function> Aggregates() =>
    [
        Aggregate("count", "..*", Is(Long), "count({d}{*})", Spelling.By(Count)) with { NeverNull = true },
        Aggregate("count_if", "b", Is(Long), "count_if({0})", "count(*) FILTER (WHERE {0}){over}") with { NeverNull = true },
        Aggregate("approx_count_distinct", ".", Is(Long), "approx_count_distinct({0})") with { NeverNull = true },
        Aggregate("sum", "n", SumType, "sum({d}{0})", Spelling.By(Sum)),
        Aggregate("avg", "n", AverageType, "avg({d}{0})", Spelling.By(call => call.Result is DecimalType type ? $"CAST(avg({Distinct(call)}{call.Text(0)}){call.Over} AS {call.Dialect.TypeName(type)})" : $"avg({Distinct(call)}{call.Text(0)}){call.Over}")),
        Aggregate("min", ".", Of(0), "min({0})"),
        Aggregate("max", ".", Of(0), "max({0})"),
        Aggregate("min_by", "..", Of(0), "min_by({*})", "arg_min_null({*})"),
        Aggregate("max_by", "..", Of(0), "max_by({*})", "arg_max_null({*})"),
        Aggregate("first", ".", Of(0), "first({0})"),
        Aggregate("last", ".", Of(0), "last({0})"),
        Aggregate("first_value_not_null", ".", Of(0), "first({0}, true)", NotNull("first", "first_value")),
        Aggregate("last_value_not_null", ".", Of(0), "last({0}, true)", NotNull("last", "last_value")),
        Aggregate("any_value", ".", Of(0), "any_value({0})", "first({0})"),
        Aggregate("bool_and", "b", Is(Boolean), "bool_and({0})"),
        Aggregate("bool_or", "b", Is(Boolean), "bool_or({0})"),
        Aggregate("collect_list", ".", ArrayOfElement, "collect_list({0})", "coalesce(list({0}) FILTER (WHERE {(0)} IS NOT NULL){over}, [])") with { NeverNull = true },
        Aggregate("collect_set", ".", ArrayOfElement, "collect_set({0})", "coalesce(list(DISTINCT {0}) FILTER (WHERE {(0)} IS NOT NULL){over}, [])") with { NeverNull = true },
        Aggregate("grouping", ".", Is(new ByteType()), "grouping({0})", "CAST(grouping({0}) AS TINYINT)"),
    ];

    private static IEnumerable<Function> Statistics() =>
    [
        Aggregate("stddev_samp", "d", Is(Double), "stddev_samp({0})"),
        Aggregate("stddev_pop", "d", Is(Double), "stddev_pop({0})"),
        Aggregate("var_samp", "d", Is(Double), "var_samp({0})"),
        Aggregate("var_pop", "d", Is(Double), "var_pop({0})"),
        Aggregate("skewness", "d", Is(Double), "skewness({0})",
            "CASE WHEN count({0}){over} < 3 THEN (CASE WHEN var_pop({0}){over} > 0 THEN 0e0 END) ELSE skewness({0}){over} * (count({0}){over} - 2) / sqrt(count({0}){over} * (count({0}){over} - 1)) END"),
        Aggregate("kurtosis", "d", Is(Double), "kurtosis({0})", "kurtosis_pop({0})"),
        Aggregate("median", "d", Is(Double), "median({0})"),
        Aggregate("percentile", "dd", Is(Double), "percentile({*})", "quantile_cont({*})"),
        Aggregate("percentile_approx", ".d", Of(0), "percentile_approx({*})", "quantile_disc({*})"),
        Aggregate("corr", "dd", Is(Double), "corr({*})", NotNan("corr")),
        Aggregate("covar_pop", "dd", Is(Double), "covar_pop({*})"),
        Aggregate("covar_samp", "dd", Is(Double), "covar_samp({*})"),
        Aggregate("regr_slope", "dd", Is(Double), "regr_slope({*})", NotNan("regr_slope")),
        Aggregate("regr_intercept", "dd", Is(Double), "regr_intercept({*})", NotNan("regr_intercept")),
        Aggregate("regr_r2", "dd", Is(Double), "regr_r2({*})", NotNan("regr_r2")),
        Aggregate("regr_count", "dd", Is(Long), "regr_count({*})", "CAST(regr_count({*}){over} AS BIGINT)") with { NeverNull = true },
    ];

    /// <summary>Where the spread is 0, DuckDB answers NaN and Spark NULL.</summary>
    private static Spelling NotNan(string function) => $"nullif({function}({{*}}){{over}}, CAST('nan' AS DOUBLE))";

    /// <summary>DuckDB filters aggregates but no window functions, and skips NULLs in those only.</summary>
    private static Spelling NotNull(string grouped, string windowed) => Spelling.By(call => call.Over.Length > 0
        ? $"{windowed}({call.Text(0)} IGNORE NULLS){call.Over}"
        : $"{grouped}({call.Text(0)}) FILTER (WHERE {call.Operand(0)} IS NOT NULL)");

    private static string Distinct(CallText call) => call.IsDistinct ? "DISTINCT " : "";

    /// <summary>DuckDB counts a combination that holds a NULL; Spark does not.</summary>
    private static string Count(CallText call)
    {
        if (call.Count == 1) return call.Argument(0) is Literal { Value: not null } && !call.IsDistinct ? $"count(*){call.Over}" : $"count({Distinct(call)}{call.Text(0)}){call.Over}";
        var present = string.Join(" AND ", call.Operands().Select(operand => $"{operand} IS NOT NULL"));
        return $"count({Distinct(call)}CASE WHEN {present} THEN row({string.Join(", ", call.Texts())}) END){call.Over}";
    }

    private static string Sum(CallText call)
    {
        var sum = $"sum({Distinct(call)}{call.Text(0)}){call.Over}";
        return call.Result is LongType or DecimalType ? $"CAST({sum} AS {call.Dialect.TypeName(call.Result)})" : sum;
    }

    private static DataType? SumType(Call call) => call.Arguments[0].Type switch
    {
        null => null,
        IntegralType => Long,
        DecimalType type => new DecimalType(Math.Min(38, type.Precision + SumDigits), type.Scale),
        _ => Double,
    };

    private static DataType? AverageType(Call call) => call.Arguments[0].Type switch
    {
        null => null,
        DecimalType type => Typing.Adjusted(type.Precision + AverageDigits, type.Scale + AverageDigits),
        _ => Double,
    };
}
