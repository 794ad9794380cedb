using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Kafka;
using Pipeline.Lake;
using Pipeline.Sql;
using Pipeline.Sql.Engine;

namespace Pipeline.Runtime;

/// <summary>Queries over the lake's tables by name: <c>water_samples</c>, <c>water_samples_quarantine</c>, <c>batches</c>; each also AS OF a version or time.</summary>
/// <remarks>Only tables that the text names are opened. <c>NAME VERSION AS OF 3</c> and <c>NAME TIMESTAMP AS OF '2024-01-01'</c> work on both engines.</remarks>
public sealed partial class TableQuery
{
    private const string QuarantineSuffix = "_quarantine";
    private readonly SparkSession spark;
    private readonly LakeLayout lake;
    private readonly Dictionary<string, string> paths = new(StringComparer.OrdinalIgnoreCase);

    private TableQuery(SparkSession spark, LakeLayout lake)
    {
        this.spark = spark;
        this.lake = lake;
    }

    /// <summary>Names of the tables that may be asked, ordered.</summary>
    public IReadOnlyList<string> Tables => [.. paths.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Lists the lake's tables; none is opened yet.</summary>
    public static async Task<TableQuery> OpenAsync(SparkSession spark, LakeLayout lake, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lake);
        var query = new TableQuery(spark, lake);
        foreach (var table in await lake.ListTablesAsync(cancellationToken)) query.paths[table] = lake.Table(table);
        foreach (var table in await lake.ListQuarantinesAsync(cancellationToken)) query.paths[table + QuarantineSuffix] = lake.Quarantine(table);
        if (await lake.Storage.StatAsync("batches", cancellationToken) is { IsFolder: true }) query.paths["batches"] = lake.Batches;
        return query;
    }

    /// <summary>Where a table lies.</summary>
    /// <exception cref="UsageException">There is no such table; the message names the nearest and all that there are.</exception>
    public string PathOf(string table) => paths.GetValueOrDefault(table) ?? throw new UsageException($"There is no table '{table}' in the lake '{lake.Root}'.{NearestName.Suggestion(table, Tables)} {Known()}");

    /// <summary>The frame of a query.</summary>
    /// <exception cref="UsageException">The query is not right; the message is the engine's, with the lake's tables.</exception>
    public DataFrame Run(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        var text = TimeTravel().Replace(sql, match => ViewAsOf(match.Groups["table"].Value, match.Groups["what"].Value, match.Groups["value"].Value));
        try
        {
            foreach (var name in Words().Matches(text).Select(static word => word.Value.Trim('`', '"')).Where(paths.ContainsKey).Distinct(StringComparer.OrdinalIgnoreCase))
                spark.Read().Format("delta").Load(paths[name]).CreateOrReplaceTempView(name);
            return spark.Sql(text);
        }
        catch (EngineException error) when (!error.IsTransient)
        {
            throw new UsageException($"The query cannot be run: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}. {Known()}", error);
        }
    }

    private string ViewAsOf(string table, string what, string value)
    {
        var bare = table.Trim('`', '"');
        var (option, suffix) = what.StartsWith("V", StringComparison.OrdinalIgnoreCase)
            ? ("versionAsOf", value)
            : ("timestampAsOf", Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(value)));
        var view = string.Create(CultureInfo.InvariantCulture, $"{bare}__as_of_{suffix.Trim('\'')}");
        spark.Read().Format("delta").Option(option, value.Trim('\'')).Load(PathOf(bare)).CreateOrReplaceTempView(view);
        return view;
    }

    private string Known() => paths.Count == 0
        ? $"The lake '{lake.Root}' has no tables yet: run stream-ingest, batch-etl or 'pipeline demo' first, or name another with --lake."
        : $"The lake has: {string.Join(", ", Tables)}.";

    [GeneratedRegex("""(?<table>[A-Za-z_]\w*|`[^`]+`|"[^"]+")\s+(?:FOR\s+)?(?<what>VERSION|TIMESTAMP)\s+AS\s+OF\s+(?<value>[0-9]+|'[^']*')""", RegexOptions.IgnoreCase)]
    private static partial Regex TimeTravel();

    [GeneratedRegex("""[A-Za-z_]\w*|`[^`]+`|"[^"]+" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Words();
}
