namespace Pipeline.Suite.Export;

/// <summary>A database that takes tables of metrics: all of them in one transaction, or none.</summary>
/// <remarks>Thread-safe. Writing the same tables again changes nothing.</remarks>
public interface IMetricsSink : IAsyncDisposable
{
    /// <summary>Where it is, without secrets; for result.json and messages.</summary>
    string Address { get; }

    /// <summary>Finds out whether it can be reached, and changes nothing.</summary>
    /// <returns>What answers, for people: product and version.</returns>
    /// <exception cref="ExportException">It cannot be reached; the kind tells what helps.</exception>
    Task<string> ProbeAsync(CancellationToken cancellationToken = default);

    /// <summary>Takes a number that is higher than those of all runs before; to be taken before the rows are read (<see cref="RunInfo.Sequence"/>). Runs that were ousted (<see cref="SinkOptions.Ousted"/>) commit nothing after it.</summary>
    /// <exception cref="ExportException">It cannot be reached; the kind tells what helps.</exception>
    Task<long> NextSequenceAsync(CancellationToken cancellationToken = default);

    /// <summary>Makes the sink's tables hold the given rows: inserts, updates by key and deletes, reads back and compares before it commits.</summary>
    /// <exception cref="ExportException">Nothing was changed; the kind tells what helps.</exception>
    Task<IReadOnlyList<ExportedTable>> WriteAsync(IReadOnlyList<MetricsTable> tables, RunInfo run, CancellationToken cancellationToken = default);
}

/// <summary>The run that exports.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="StartedAt">When it started, by this machine's clock; for people.</param>
public sealed record RunInfo(string RunId, DateTimeOffset StartedAt)
{
    /// <summary>Id of the Delta table that the rows were read from; null where they are of no one table.</summary>
    public string? SourceTable { get; init; }

    /// <summary>Its version that was read: an older version never overwrites what was exported from a newer one.</summary>
    public long? TableVersion { get; init; }

    /// <summary>The sink's number, taken before the rows were read: of two runs on one version, or on different tables, the one of the lower number never overwrites the other's. Null has PostgreSQL take one when it writes; a SQLite file is then without an order of exports.</summary>
    public long? Sequence { get; init; }
}

/// <summary>What was done to one table.</summary>
/// <param name="Name">The table's name in the sink.</param>
/// <param name="Rows">Rows that it now holds of the source.</param>
/// <param name="Changed">Rows that were inserted or updated.</param>
/// <param name="Deleted">Rows that were deleted.</param>
/// <param name="Checksum">Checksum of the rows, the same in any order (<see cref="RowChecksum"/>).</param>
public sealed record ExportedTable(string Name, long Rows, long Changed, long Deleted, string Checksum)
{
    /// <summary>Columns that the sink's table lacked and that were added to it.</summary>
    public IReadOnlyList<string> AddedColumns { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(ExportedTable? other) =>
        other is not null && (Name, Rows, Changed, Deleted, Checksum) == (other.Name, other.Rows, other.Changed, other.Deleted, other.Checksum) && AddedColumns.SequenceEqual(other.AddedColumns, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Rows, Changed, Deleted, Checksum, AddedColumns.Count);
}
