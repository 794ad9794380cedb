using System.Collections.Immutable;
using Apache.Arrow;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Engines;

/// <summary>What a <see cref="TableFunction"/> is called with, and for what.</summary>
public enum TableFunctionKind
{
    /// <summary><c>Func&lt;IEnumerable&lt;Row&gt;, IEnumerable&lt;Row&gt;&gt;</c>, or with <see cref="GenericRow"/> as the result: once for each partition, its rows in, rows out.</summary>
    Rows,

    /// <summary><c>Func&lt;IEnumerable&lt;RecordBatch&gt;, IEnumerable&lt;RecordBatch&gt;&gt;</c>: once for each partition, its batches in, batches out.</summary>
    Batches,

    /// <summary><c>Func&lt;RecordBatch, RecordBatch&gt;</c>: once for each group, all its rows in, rows out.</summary>
    Group,

    /// <summary><c>Action&lt;Row&gt;</c>: once for each row. It answers one row for each partition: the number of rows.</summary>
    EachRow,

    /// <summary><c>Action&lt;IEnumerable&lt;Row&gt;&gt;</c>: once for each partition. It answers one row for each partition: the number of rows that were read.</summary>
    EachPartition,
}

/// <summary>A C# function from rows to rows: the delegate, the columns that it takes and those that it answers. Immutable.</summary>
/// <remarks>How many partitions there are, and in which order the rows of one come, is the engine's matter. An engine may call it again for the same rows.</remarks>
public sealed record TableFunction
{
    /// <summary>The column of <see cref="TableFunctionKind.EachRow"/> and <see cref="TableFunctionKind.EachPartition"/>.</summary>
    public static StructType Counted { get; } = new(new StructField("rows", new LongType()));

    /// <summary>The name that errors and plans show.</summary>
    public required string Name { get; init; }

    /// <summary>The code.</summary>
    public required Delegate Body { get; init; }

    /// <summary>What it is called with.</summary>
    public required TableFunctionKind Kind { get; init; }

    /// <summary>The columns that it takes.</summary>
    public required StructType Input { get; init; }

    /// <summary>The columns that it answers.</summary>
    public required StructType Output { get; init; }

    /// <summary>The keys of a group as errors name them; empty without groups.</summary>
    public ImmutableArray<string> Keys { get; init; } = [];

    /// <summary>Whether the delegate is one of the kind.</summary>
    public static bool Fits(TableFunctionKind kind, Type body) => kind switch
    {
        TableFunctionKind.Rows => body == typeof(Func<IEnumerable<Row>, IEnumerable<Row>>) || body == typeof(Func<IEnumerable<Row>, IEnumerable<GenericRow>>),
        TableFunctionKind.Batches => body == typeof(Func<IEnumerable<RecordBatch>, IEnumerable<RecordBatch>>),
        TableFunctionKind.Group => body == typeof(Func<RecordBatch, RecordBatch>),
        TableFunctionKind.EachRow => body == typeof(Action<Row>),
        TableFunctionKind.EachPartition => body == typeof(Action<IEnumerable<Row>>),
        _ => false,
    };

    internal static string NameOf(Delegate body, string otherwise) => body.Method.Name.Contains('<', StringComparison.Ordinal) ? otherwise : body.Method.Name;
}

/// <summary>A query whose rows a C# function is called with.</summary>
/// <param name="Sql">The query in the engine's dialect: the function's <see cref="TableFunction.Input"/>, then the keys.</param>
/// <param name="Function">The function.</param>
/// <param name="Keys">Names of the key columns of <paramref name="Sql"/>, in order; empty without groups.</param>
/// <param name="IsStreaming">Whether the query reads a stream.</param>
public sealed record TableFunctionQuery(string Sql, TableFunction Function, ImmutableArray<string> Keys, bool IsStreaming);
