using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql;

// Aggregates: one value of many rows.
public static partial class Functions
{
    /// <summary>Number of rows where it is not NULL; of all rows for <c>*</c> or a literal.</summary>
    public static Column Count(Column column) => Of("count", column.Node);

    /// <summary>Number of different combinations that hold no NULL.</summary>
    public static Column CountDistinct(Column column, params Column[] columns) => new(new Call("count", Sql.Column.Nodes([column, .. columns])) { IsDistinct = true });

    /// <summary>Number of different combinations that hold no NULL.</summary>
    public static Column Count_Distinct(Column column, params Column[] columns) => CountDistinct(column, columns);

    /// <summary>Number of different values, estimated.</summary>
    public static Column ApproxCountDistinct(Column column) => Of("approx_count_distinct", column.Node);

    /// <summary>Number of rows where the condition holds.</summary>
    public static Column CountIf(Column condition) => Of("count_if", condition.Node);

    /// <summary>Sum: long of whole numbers, double of floating ones; NULL where there is no value.</summary>
    public static Column Sum(Column column) => Of("sum", column.Node);

    /// <summary>Sum of the different values.</summary>
    public static Column SumDistinct(Column column) => new(new Call("sum", column.Node) { IsDistinct = true });

    /// <summary>Mean as double.</summary>
    public static Column Avg(Column column) => Of("avg", column.Node);

    /// <summary>Mean as double.</summary>
    public static Column Mean(Column column) => Of("avg", column.Node);

    /// <summary>Smallest value; NaN is the greatest.</summary>
    public static Column Min(Column column) => Of("min", column.Node);

    /// <summary>Greatest value; NaN is the greatest.</summary>
    public static Column Max(Column column) => Of("max", column.Node);

    /// <summary>The value of <paramref name="column"/> where <paramref name="ordering"/> is smallest.</summary>
    public static Column MinBy(Column column, Column ordering) => Of("min_by", column.Node, ordering.Node);

    /// <summary>The value of <paramref name="column"/> where <paramref name="ordering"/> is greatest.</summary>
    public static Column MaxBy(Column column, Column ordering) => Of("max_by", column.Node, ordering.Node);

    /// <summary>Standard deviation of the sample; NULL of one value.</summary>
    public static Column Stddev(Column column) => Of("stddev_samp", column.Node);

    /// <summary>Standard deviation of the sample; NULL of one value.</summary>
    public static Column StddevSamp(Column column) => Of("stddev_samp", column.Node);

    /// <summary>Standard deviation of the population.</summary>
    public static Column StddevPop(Column column) => Of("stddev_pop", column.Node);

    /// <summary>Variance of the sample; NULL of one value.</summary>
    public static Column Variance(Column column) => Of("var_samp", column.Node);

    /// <summary>Variance of the sample; NULL of one value.</summary>
    public static Column VarSamp(Column column) => Of("var_samp", column.Node);

    /// <summary>Variance of the population.</summary>
    public static Column VarPop(Column column) => Of("var_pop", column.Node);

    /// <summary>Skewness of the population, as Spark has it.</summary>
    public static Column Skewness(Column column) => Of("skewness", column.Node);

    /// <summary>Excess kurtosis of the population, as Spark has it.</summary>
    public static Column Kurtosis(Column column) => Of("kurtosis", column.Node);

    /// <summary>The middle value, as double, interpolated.</summary>
    public static Column Median(Column column) => Of("median", column.Node);

    /// <summary>The value below which the share <paramref name="percentage"/> (0 to 1) lies, as double, interpolated linearly.</summary>
    public static Column Percentile(Column column, double percentage) => Of("percentile", column.Node, Value(percentage));

    /// <summary>The value below which the share <paramref name="percentage"/> lies: one of the values, estimated.</summary>
    public static Column PercentileApprox(Column column, double percentage) => Of("percentile_approx", column.Node, Value(percentage));

    /// <summary>The values as an array, NULL left out; no order promised.</summary>
    public static Column CollectList(Column column) => Of("collect_list", column.Node);

    /// <summary>The different values as an array, NULL left out; no order promised.</summary>
    public static Column CollectSet(Column column) => Of("collect_set", column.Node);

    /// <summary>The first value that is met.</summary>
    public static Column First(Column column, bool ignoreNulls = false) => Of(ignoreNulls ? "first_value_not_null" : "first", column.Node);

    /// <summary>The last value that is met.</summary>
    public static Column Last(Column column, bool ignoreNulls = false) => Of(ignoreNulls ? "last_value_not_null" : "last", column.Node);

    /// <summary>Some value that is met.</summary>
    public static Column AnyValue(Column column) => Of("any_value", column.Node);

    /// <summary>Whether it holds in all rows that have a value.</summary>
    public static Column BoolAnd(Column column) => Of("bool_and", column.Node);

    /// <summary>Whether it holds in a row.</summary>
    public static Column BoolOr(Column column) => Of("bool_or", column.Node);

    /// <summary>Whether it holds in all rows that have a value.</summary>
    public static Column Every(Column column) => Of("bool_and", column.Node);

    /// <summary>Slope of the least-squares line of <paramref name="y"/> over <paramref name="x"/>.</summary>
    public static Column RegrSlope(Column y, Column x) => Of("regr_slope", y.Node, x.Node);

    /// <summary>Where the least-squares line meets x = 0.</summary>
    public static Column RegrIntercept(Column y, Column x) => Of("regr_intercept", y.Node, x.Node);

    /// <summary>Share of the variance that the least-squares line explains.</summary>
    public static Column RegrR2(Column y, Column x) => Of("regr_r2", y.Node, x.Node);

    /// <summary>Pairs without NULL.</summary>
    public static Column RegrCount(Column y, Column x) => Of("regr_count", y.Node, x.Node);

    /// <summary>Pearson's correlation.</summary>
    public static Column Corr(Column column1, Column column2) => Of("corr", column1.Node, column2.Node);

    /// <summary>Covariance of the population.</summary>
    public static Column CovarPop(Column column1, Column column2) => Of("covar_pop", column1.Node, column2.Node);

    /// <summary>Covariance of the sample.</summary>
    public static Column CovarSamp(Column column1, Column column2) => Of("covar_samp", column1.Node, column2.Node);

    /// <summary>1 where the key is summed over in this row of a rollup or cube, else 0.</summary>
    public static Column Grouping(Column column) => Of("grouping", column.Node);
}
