using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;

namespace Pipeline.Suite.Runtime.Queries;

/// <summary>Queries over the lake's tables by name: <c>water_samples</c>, <c>water_samples_quarantine</c>, <c>batches</c>; each also AS OF a version or time.</summary>
/// <remarks>
/// Only tables that the text names are opened. <c>NAME VERSION AS OF 3</c> and <c>NAME TIMESTAMP AS OF '2024-01-01'</c> work on both engines, and so do <c>SHOW TABLES</c>, <c>DESCRIBE NAME</c>,
/// <c>information_schema.tables</c> and <c>information_schema.columns</c>: they tell of the lake's tables (<see cref="LakeCatalog"/>), and not of what the session happens to have.
/// </remarks>
public sealed partial class TableQuery
{
    private const string TablesView = "information_schema_tables";
    private const string ColumnsView = "information_schema_columns";
    private readonly SparkSession spark;
    private readonly LakeLayout lake;

    private TableQuery(SparkSession spark, LakeLayout lake, LakeTables tables)
    {
        this.spark = spark;
        this.lake = lake;
        Tables = tables;
    }

    /// <summary>The tables that may be asked.</summary>
    public LakeTables Tables { get; }

    /// <summary>Lists the lake's tables; none is opened yet.</summary>
    public static async Task<TableQuery> OpenAsync(SparkSession spark, LakeLayout lake, CancellationToken cancellationToken = default) =>
        new(spark, lake, await LakeTables.ListAsync(lake, cancellationToken));

    /// <summary>Whether the table is at fault, and not the query.</summary>
    private static bool IsOfTheTable(EngineException error) =>
        error.InnerException is DeltaException { Kind: DeltaErrorKind.DataFile or DeltaErrorKind.CorruptLog or DeltaErrorKind.UnsupportedFeature };

    /// <summary>The error of a query that failed while it ran, with its place in the text where the engine names one.</summary>
    public static UsageException Failed(EngineException error)
    {
        var told = QueryError.Of(error);
        return new UsageException($"The query failed: {told.Sentence}.", error) { Detail = told.Place };
    }

    /// <summary>The frame of a query. Any other statement is refused before a table is opened.</summary>
    /// <param name="sql">One query.</param>
    /// <param name="allowFiles">Whether the query may read files by their paths; else it reads the lake's tables and nothing more.</param>
    /// <param name="closeFilesBut">Folders beside the tables' that the session still has to reach, where it is for this one query and its way to other files is closed; null leaves the session as it is.</param>
    /// <param name="cancellationToken">Cancels the look at the tables' logs.</param>
    /// <exception cref="UsageException">The query is not right; the message is the engine's, with the lake's tables where the query names one that is not there.</exception>
    /// <exception cref="EngineException">A table cannot be read: its <see cref="DeltaException"/> is the cause.</exception>
    public async Task<DataFrame> RunAsync(string sql, bool allowFiles = false, IReadOnlyList<string>? closeFilesBut = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sql);
        try
        {
            var earlier = new List<EarlierVersion>();
            var text = Rewritten(sql, earlier);
            spark.Engine.RequireQuery(text, allowFiles);
            foreach (var version in earlier)
                spark.Read().Format("delta").Option(version.Option, version.Value).Load(Tables.PathOf(version.Table)).CreateOrReplaceTempView(version.View);
            var words = Words().Matches(text).Select(static word => word.Value.Trim('`', '"')).ToHashSet(StringComparer.OrdinalIgnoreCase);
            foreach (var name in words.Where(Tables.Contains)) spark.Read().Format("delta").Load(Tables.PathOf(name)).CreateOrReplaceTempView(name);
            if (words.Contains(TablesView) || words.Contains(ColumnsView)) await OpenCatalogAsync(cancellationToken);
            if (closeFilesBut is not null && !allowFiles) spark.Engine.CloseFiles(closeFilesBut);
            return spark.Sql(text);
        }
        catch (EngineException error) when (!error.IsTransient && !IsOfTheTable(error))
        {
            var told = QueryError.Of(error);
            throw new UsageException($"The query cannot be run: {told.Sentence}.{Advice(error)}", error) { Detail = told.Place };
        }
    }

    /// <summary>What to do about it; what tables there are is told only where the query names one that is not there.</summary>
    private string Advice(EngineException error) =>
        error.ErrorClass == QueryRefusal.FilesNotAllowed ? " Allow files with --allow-files."
        : QueryError.MissingTable(error) is { } name ? $"{NearestName.Suggestion(name, Tables.Names)} {Tables.Describe()}"
        : "";

    /// <summary>The text with a view's name in the place of each table AS OF, and of the catalogue's; as long as it was wherever that is possible, so that the engine's errors name the right place.</summary>
    private string Rewritten(string sql, List<EarlierVersion> earlier)
    {
        if (ShowTables().IsMatch(sql)) return $"SELECT table_name AS name FROM {TablesView} ORDER BY table_name";
        if (Describe().Match(sql) is { Success: true } asked && asked.Groups["table"].Value.Trim('`', '"') is var table && Tables.Contains(table))
            return $"SELECT column_name, data_type, is_nullable, key, unit, description FROM {ColumnsView} WHERE table_name = {spark.Engine.Dialect.Literal(Tables.NameOf(table), new StringType())} ORDER BY ordinal_position";
        return Special().Replace(sql, match =>
        {
            if (match.Groups["skipped"].Success) return match.Value;
            if (match.Groups["catalog"].Success) return match.Value.Replace('.', '_');
            var version = EarlierVersion.Of(match, earlier.Count);
            earlier.Add(version);
            var first = match.Groups["table"].Value[0];
            return (first is '`' or '"' ? $"{first}{version.View}{first}" : version.View).PadRight(match.Length);
        });
    }

    private async Task OpenCatalogAsync(CancellationToken cancellationToken)
    {
        var tables = await LakeCatalog.ReadAsync(lake, Tables, cancellationToken);
        spark.CreateDataFrame(tables.Select(LakeCatalog.TableRow), LakeCatalog.TableColumns).CreateOrReplaceTempView(TablesView);
        spark.CreateDataFrame(tables.SelectMany(LakeCatalog.ColumnRows), LakeCatalog.ColumnColumns).CreateOrReplaceTempView(ColumnsView);
    }

    [GeneratedRegex("""
        (?<skipped>'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/)
        |(?<catalog>\binformation_schema\.(?:tables|columns)\b)
        |(?<table>[A-Za-z_]\w*|`[^`]+`|"[^"]+")\s+(?:FOR\s+)?(?<what>VERSION|TIMESTAMP)\s+AS\s+OF\s+(?<value>[0-9]+|'[^']*')
        """, RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Special();

    [GeneratedRegex("""\A\s*SHOW\s+(?:ALL\s+)?TABLES\s*;?\s*\z""", RegexOptions.IgnoreCase)]
    private static partial Regex ShowTables();

    [GeneratedRegex("""\A\s*(?:DESCRIBE|DESC)\s+(?:TABLE\s+)?(?<table>\w+|`[^`]+`|"[^"]+")\s*;?\s*\z""", RegexOptions.IgnoreCase)]
    private static partial Regex Describe();

    [GeneratedRegex("""[A-Za-z_]\w*|`[^`]+`|"[^"]+" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Words();

    /// <summary>A table AS OF a version or time, and the view that stands for it.</summary>
    private sealed record EarlierVersion(string View, string Table, string Option, string Value)
    {
        public static EarlierVersion Of(Match match, int number)
        {
            var table = match.Groups["table"].Value.Trim('`', '"');
            var value = match.Groups["value"].Value.Trim('\'');
            return match.Groups["what"].Value.StartsWith("V", StringComparison.OrdinalIgnoreCase)
                ? new EarlierVersion($"{table}__v{value}", table, "versionAsOf", value)
                : new EarlierVersion(string.Create(CultureInfo.InvariantCulture, $"{table}__t{number}"), table, "timestampAsOf", value);
        }
    }
}
