using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql;

/// <summary>Functions over columns, with Spark's names and meaning. A string stands for the column of that name.</summary>
/// <remarks>How each is spelled by an engine, and its type, stands in <c>Dialects/FunctionTable</c>.</remarks>
public static partial class Functions
{
    /// <summary>The column of this name.</summary>
    public static Column Col(string columnName) => new(columnName);

    /// <summary>The column of this name.</summary>
    public static Column Column(string columnName) => new(columnName);

    /// <summary>A value; a column is handed back.</summary>
    public static Column Lit(object? literal) => literal as Column ?? new(LiteralValue.Of(literal));

    /// <summary>An expression in Spark's SQL: <c>age + 1 AS next</c>. What the parser does not know goes to the engine as it is.</summary>
    public static Column Expr(string expr) => new(SqlText.Parse(expr));

    /// <summary>The value where the condition holds; go on with <c>When</c> and <c>Otherwise</c>, else NULL.</summary>
    public static Column When(Column condition, object? value)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new(new Case([new CaseBranch(condition.Node, Operand(value))], null));
    }

    /// <summary>The first value that is not NULL.</summary>
    public static Column Coalesce(params Column[] columns) => Of("coalesce", Sql.Column.Nodes(columns));

    /// <summary>The first, or where it is NULL the second.</summary>
    public static Column IfNull(Column column, object? replacement) => Of("coalesce", column.Node, Operand(replacement));

    /// <summary>NULL where they are equal, else the first.</summary>
    public static Column NullIf(Column column, object? value) => Of("nullif", column.Node, Operand(value));

    /// <summary>Whether it is NULL.</summary>
    public static Column IsNull(Column column) => column.IsNull();

    /// <summary>Whether it is not NULL.</summary>
    public static Column IsNotNull(Column column) => column.IsNotNull();

    /// <summary>Does not hold.</summary>
    public static Column Not(Column column) => !column;

    /// <summary>Ascending, NULL first.</summary>
    public static Column Asc(string columnName) => Col(columnName).Asc();

    /// <summary>Ascending, NULL first.</summary>
    public static Column AscNullsFirst(string columnName) => Col(columnName).AscNullsFirst();

    /// <summary>Ascending, NULL last.</summary>
    public static Column AscNullsLast(string columnName) => Col(columnName).AscNullsLast();

    /// <summary>Descending, NULL last.</summary>
    public static Column Desc(string columnName) => Col(columnName).Desc();

    /// <summary>Descending, NULL first.</summary>
    public static Column DescNullsFirst(string columnName) => Col(columnName).DescNullsFirst();

    /// <summary>Descending, NULL last.</summary>
    public static Column DescNullsLast(string columnName) => Col(columnName).DescNullsLast();

    /// <summary>Any other function of the engine by its name, as it is: no check, and the engine's own meaning.</summary>
    public static Column CallFunction(string name, params Column[] columns)
    {
        if (!SqlText.IsFunctionName(name)) throw new ArgumentException($"'{name}' is not the name of a function: letters, digits, underscores and points only.", nameof(name));
        return new(new EngineCall(name, Sql.Column.Nodes(columns)));
    }

    /// <summary>A number that grows over the rows. Unique within one query only, and not dense on Spark.</summary>
    public static Column MonotonicallyIncreasingId() => Of("monotonically_increasing_id");

    /// <summary>The file that the row was read from.</summary>
    public static Column InputFileName() => Of("input_file_name");

    /// <summary>Number of the current partition; 0 on an engine that has none.</summary>
    public static Column SparkPartitionId() => Of("spark_partition_id");

    /// <summary>A hint that a join should send this frame to every node; DuckDB needs none.</summary>
    public static DataFrame Broadcast(DataFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return frame.Hint("broadcast");
    }

    private static Column Of(string function, params ReadOnlySpan<Expr> arguments) => new(new Call(function, ImmutableArray.Create(arguments)));

    [OverloadResolutionPriority(1)]
    private static Column Of(string function, ImmutableArray<Expr> arguments) => new(new Call(function, arguments));

    private static Literal Value(object? value) => LiteralValue.Of(value);

    private static Expr Operand(object? value) => Sql.Column.ExprOf(value);

    private static Lambda LambdaOf(Func<Column, Column> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var parameter = new LambdaVariable(LambdaName());
        return new Lambda([parameter.Name], function(new Column(parameter)).Node);
    }

    private static Lambda LambdaOf(Func<Column, Column, Column> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var first = new LambdaVariable(LambdaName());
        var second = new LambdaVariable(LambdaName());
        return new Lambda([first.Name, second.Name], function(new Column(first), new Column(second)).Node);
    }

    private static string LambdaName() => $"x{Interlocked.Increment(ref lambdas)}";

    private static int lambdas;
}
