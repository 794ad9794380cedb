using Apache.Arrow;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

// C# functions from rows to rows. They run where the rows are: in Spark's executors, or in this process on the embedded engine, which has one partition.
public sealed partial class DataFrame
{
    /// <summary>What a C# function makes of the rows of each partition. The function runs when the frame is read, again for each time that it is read.</summary>
    /// <param name="schema">The columns of the answer. The values of an answered row are taken by their places and have to be of these types; a number may be narrower.</param>
    /// <param name="func">
    /// A static method or a lambda that captures simple values only (as <c>Functions.Udf</c>). It reads the rows as they come and may leave some unread; it answers rows as it goes.
    /// </param>
    /// <exception cref="EngineException">The engine cannot run the function; the message says why.</exception>
    public DataFrame MapPartitions(StructType schema, Func<IEnumerable<Row>, IEnumerable<Row>> func) => Mapped(schema, func, TableFunctionKind.Rows, nameof(MapPartitions));

    /// <summary>As <see cref="MapPartitions(StructType, Func{IEnumerable{Row}, IEnumerable{Row}})"/>; the answered rows need no schema of their own.</summary>
    public DataFrame MapPartitions(StructType schema, Func<IEnumerable<Row>, IEnumerable<GenericRow>> func) => Mapped(schema, func, TableFunctionKind.Rows, nameof(MapPartitions));

    /// <summary>What a C# function makes of each partition as Arrow batches, of at most <c>spark.sql.execution.arrow.maxRecordsPerBatch</c> rows each.</summary>
    /// <param name="schema">The columns of the answer. Those of an answered batch are taken by their places and have to be of these types.</param>
    /// <param name="func">As for <see cref="MapPartitions(StructType, Func{IEnumerable{Row}, IEnumerable{Row}})"/>. A batch is gone when the next one is asked for.</param>
    public DataFrame MapInArrow(StructType schema, Func<IEnumerable<RecordBatch>, IEnumerable<RecordBatch>> func) => Mapped(schema, func, TableFunctionKind.Batches, nameof(MapInArrow));

    /// <summary>Calls a C# function with each row, where the rows are.</summary>
    /// <param name="func">As for <see cref="ForeachPartition"/>.</param>
    /// <param name="cancellationToken">Stops the engine.</param>
    public void Foreach(Action<Row> func, CancellationToken cancellationToken = default) => Each(func, TableFunctionKind.EachRow, nameof(Foreach), cancellationToken);

    /// <summary>Calls a C# function with the rows of each partition, where the rows are.</summary>
    /// <param name="func">
    /// A static method or a lambda that captures simple values only. Effects on this process's variables are not seen on Spark and refused where they need a captured variable;
    /// a task that fails is run again by Spark, so an effect outside may happen twice.
    /// </param>
    /// <param name="cancellationToken">Stops the engine.</param>
    public void ForeachPartition(Action<IEnumerable<Row>> func, CancellationToken cancellationToken = default) => Each(func, TableFunctionKind.EachPartition, nameof(ForeachPartition), cancellationToken);

    /// <summary>What a C# function makes of each group of equal keys.</summary>
    internal DataFrame Grouped(IReadOnlyList<Expr> keys, StructType schema, Func<RecordBatch, RecordBatch> func)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(func);
        if (keys.Count == 0) throw new ArgumentException("Apply needs keys: GroupBy(\"k\").Apply(…). For all rows use Coalesce(1).MapInArrow(…).");
        RequireUniqueNames("apply a function to");
        var names = keys.Select(static (_, i) => FormattableString.Invariant($"pipeline_key_{i + 1}")).ToArray();
        var columns = Root.Output.Select(column => (Expr)Ref(column)).Concat(keys.Select((key, i) => new Aliased(key is Aliased named ? named.Value : key, [names[i]])));
        var function = Function(func, TableFunctionKind.Group, schema, "Apply") with { Keys = [.. keys.Select(Naming.NameOf)] };
        return Opened(new TableFunctionQuery(Projected(columns).ToSql(), function, [.. names], IsStreaming()));
    }

    private DataFrame Mapped(StructType schema, Delegate func, TableFunctionKind kind, string method)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(func);
        RequireUniqueNames("apply a function to");
        return Opened(new TableFunctionQuery(ToSql(), Function(func, kind, schema, method), [], IsStreaming()));
    }

    private void Each(Delegate func, TableFunctionKind kind, string method, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(func);
        var (sql, _) = Executable(method);
        var counts = Opened(new TableFunctionQuery(sql, Function(func, kind, TableFunction.Counted, method), [], false));
        _ = counts.Agg(Functions.Sum("rows")).Collect(cancellationToken);
    }

    private TableFunction Function(Delegate func, TableFunctionKind kind, StructType output, string method) => output.Count == 0
        ? throw new ArgumentException($"{method} needs the columns of the answer, and the schema has none.")
        : new TableFunction { Name = TableFunction.NameOf(func, method), Body = func, Kind = kind, Input = Schema(), Output = output };

    private DataFrame Opened(TableFunctionQuery query) => With(SourceNode.Of(SparkSession.Engine.OpenFunction(query)));
}
