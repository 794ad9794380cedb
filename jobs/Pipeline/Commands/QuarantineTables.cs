using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>The rejected rows of a lake, over all its tables.</summary>
internal sealed class QuarantineTables
{
    private const int IdLength = 64;
    private const int ShortestPrefix = 8;
    private readonly JobContext context;

    private QuarantineTables(JobContext context, IReadOnlyList<string> names)
    {
        this.context = context;
        Names = names;
    }

    /// <summary>Names of the tables that rows were kept out of, ordered.</summary>
    public IReadOnlyList<string> Names { get; }

    public static async Task<QuarantineTables> OpenAsync(JobContext context, CancellationToken cancellationToken) =>
        new(context, [.. (await context.Lake.ListQuarantinesAsync(cancellationToken)).Where(name => DeltaTable.IsDeltaTable(context.Spark, context.Lake.Quarantine(name)))]);

    /// <summary>The same, after the tables were brought to the columns of this release; for commands that change them.</summary>
    public static async Task<QuarantineTables> OpenToChangeAsync(JobContext context, CancellationToken cancellationToken)
    {
        var tables = await OpenAsync(context, cancellationToken);
        foreach (var table in tables.Names) context.EvolveQuarantine(table);
        context.EvolveBatches();
        return tables;
    }

    /// <summary>Rows kept out of a table, columns as in <see cref="Quarantine.Schema"/>.</summary>
    public DataFrame Rows(string table) =>
        TableEvolution.Read(context.Spark, context.Lake.Quarantine(table), Quarantine.Schema);

    /// <summary>Rows kept out of any of some tables, in one frame.</summary>
    public DataFrame Rows(IReadOnlyList<string> tables) => tables.Select(Rows).Aggregate(static (left, right) => left.Union(right));

    /// <summary>The tables in whose quarantine an id stands, and the condition that picks its rows.</summary>
    /// <param name="id">A row's id or its first 8 characters and more; or a batch, for all rows of it.</param>
    /// <exception cref="UsageException">Nothing has that id, or more than one row begins with it.</exception>
    public (IReadOnlyList<string> Tables, Column Condition) Find(string id)
    {
        var isHex = id.Length <= IdLength && id.All(char.IsAsciiHexDigitLower);
        if (isHex && id.Length < ShortestPrefix) throw new UsageException($"'{id}' is too short for the id of a row in quarantine: give its first {ShortestPrefix} characters at least, as 'pipeline quarantine list' shows them.");
        var condition = isHex ? Col(Quarantine.RowId).StartsWith(Lit(id)) : Col("batch_id") == Lit(id);
        var found = Names.Select(table => (Table: table, Ids: Rows(table).Filter(condition).Select(Quarantine.RowId).Distinct().Limit(2).Collect().Select(static row => row.GetAs<string>(0)).ToList())).Where(static each => each.Ids.Count > 0).ToList();
        if (found.Count == 0) throw new UsageException($"Nothing in quarantine in the lake '{context.Lake.Root}' has the id '{id}', row or batch. 'pipeline quarantine list' shows what there is.");
        if (isHex && found.SelectMany(static each => each.Ids).Distinct(StringComparer.Ordinal).Take(2).ToList() is [var first, var second])
            throw new UsageException($"More than one row in quarantine begins with '{id}', such as '{first}' and '{second}'. Give more of the id.");
        return ([.. found.Select(static each => each.Table)], condition);
    }
}
