using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;

namespace Pipeline.Suite.Runtime.Queries;

/// <summary>The tables of a lake by the names that people use: a table, its rejected rows as <c>TABLE_quarantine</c>, and <c>batches</c>.</summary>
public sealed class LakeTables
{
    /// <summary>What follows the name of a table in the name of its quarantine.</summary>
    public const string QuarantineSuffix = "_quarantine";

    private const string BatchesName = "batches";
    private readonly LakeLayout lake;
    private readonly Dictionary<string, string> paths = new(StringComparer.OrdinalIgnoreCase);

    private LakeTables(LakeLayout lake) => this.lake = lake;

    /// <summary>Their names, ordered.</summary>
    public IReadOnlyList<string> Names => [.. paths.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Lists what there is.</summary>
    public static async Task<LakeTables> ListAsync(LakeLayout lake, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lake);
        var tables = new LakeTables(lake);
        foreach (var table in await lake.ListTablesAsync(cancellationToken)) tables.paths[table] = lake.Table(table);
        foreach (var table in await lake.ListQuarantinesAsync(cancellationToken)) tables.paths[table + QuarantineSuffix] = lake.Quarantine(table);
        if (await lake.Storage.StatAsync(BatchesName, cancellationToken) is { IsFolder: true }) tables.paths[BatchesName] = lake.Batches;
        return tables;
    }

    /// <summary>Whether there is a table of this name.</summary>
    public bool Contains(string name) => paths.ContainsKey(name);

    /// <summary>A table's name as the lake spells it, for one in whatever case.</summary>
    internal string NameOf(string name) => paths.Keys.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;

    /// <summary>Where a table lies.</summary>
    /// <exception cref="UsageException">There is no such table; the message names the nearest and all that there are.</exception>
    public string PathOf(string name) => paths.GetValueOrDefault(name)
        ?? throw new UsageException($"There is no table '{name}' in the lake '{lake.Root}'.{NearestName.Suggestion(name, Names)} {Describe()}");

    /// <summary>A sentence that names them all.</summary>
    public string Describe() => paths.Count == 0
        ? $"The lake '{lake.Root}' has no tables yet: run 'pipeline demo', stream-ingest or batch-etl first, or name another lake with --lake."
        : $"The lake has: {string.Join(", ", Names)}.";
}
