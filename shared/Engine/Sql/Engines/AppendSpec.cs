using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Engines;

/// <summary>Rows to append to a Delta table that were chosen by what the table held: they may be added only while it still holds that.</summary>
public sealed record AppendSpec
{
    /// <summary>Alias of the table in <see cref="ConditionSql"/>.</summary>
    public const string TargetAlias = "target";

    /// <summary>Alias of the rows in <see cref="ConditionSql"/>.</summary>
    public const string SourceAlias = "source";

    /// <summary>Path or URI of the table.</summary>
    public required string Path { get; init; }

    /// <summary>Query of the rows.</summary>
    public required string Sql { get; init; }

    /// <summary>Columns of the rows.</summary>
    public required StructType Schema { get; init; }

    /// <summary>The version by which the rows were chosen; null where there was no table. The append creates the table then.</summary>
    public required long? ReadVersion { get; init; }

    /// <summary>Number of rows that are to be written.</summary>
    public required long Rows { get; init; }

    /// <summary>When a row of the table has the key of a row to append, in the engine's dialect; for an engine that looks for them, and only where there is a table.</summary>
    public required Func<string> ConditionSql { get; init; }

    /// <summary>Writer options, as in <see cref="SinkSpec"/>; with <c>replaceWhere</c> the rows take the place of those for which it holds.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }
}

/// <summary>What came of an append that depends on what was read. The family is closed.</summary>
public abstract record AppendResult
{
    private protected AppendResult()
    {
    }
}

/// <summary>The rows are in the table, as many as were to be written.</summary>
/// <param name="Version">The version that was made.</param>
/// <param name="Rows">Rows in its data files.</param>
public sealed record RowsAppended(long Version, long Rows) : AppendResult;

/// <summary>Nothing was written: the table holds the transaction of the options (<c>txnAppId</c>, <c>txnVersion</c>) already.</summary>
public sealed record AppendRepeated : AppendResult;

/// <summary>Nothing was written: another writer changed the table after it was read. Read it again and choose the rows again.</summary>
/// <param name="Message">What the other writer did, in a sentence.</param>
public sealed record AppendConflict(string Message) : AppendResult;

/// <summary>Only some of the rows were written, since another writer had added the keys of the others first. Only an engine that compares keys within the commit answers this.</summary>
/// <param name="Version">The version that was made.</param>
/// <param name="Rows">Rows in its data files.</param>
public sealed record AppendNarrowed(long Version, long Rows) : AppendResult;

/// <summary>The writer wrote another number of rows than it was given.</summary>
/// <param name="Rows">Rows in the data files.</param>
/// <param name="Version">The version that has them; null where they were counted before the commit and nothing was committed.</param>
public sealed record AppendMiscounted(long Rows, long? Version) : AppendResult;
