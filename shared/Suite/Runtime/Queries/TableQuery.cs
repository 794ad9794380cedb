using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;

namespace Pipeline.Suite.Runtime.Queries;

/// <summary>Queries over the lake's tables by name: <c>water_samples</c>, <c>water_samples_quarantine</c>, <c>batches</c>; each also AS OF a version or time.</summary>
/// <remarks>Only tables that the text names are opened. <c>NAME VERSION AS OF 3</c> and <c>NAME TIMESTAMP AS OF '2024-01-01'</c> work on both engines.</remarks>
public sealed partial class TableQuery
{
    private readonly SparkSession spark;

    private TableQuery(SparkSession spark, LakeTables tables)
    {
        this.spark = spark;
        Tables = tables;
    }

    /// <summary>The tables that may be asked.</summary>
    public LakeTables Tables { get; }

    /// <summary>Lists the lake's tables; none is opened yet.</summary>
    public static async Task<TableQuery> OpenAsync(SparkSession spark, LakeLayout lake, CancellationToken cancellationToken = default) =>
        new(spark, await LakeTables.ListAsync(lake, cancellationToken));

    /// <summary>Whether the table is at fault, and not the query.</summary>
    private static bool IsOfTheTable(EngineException error) =>
        error.InnerException is DeltaException { Kind: DeltaErrorKind.DataFile or DeltaErrorKind.CorruptLog or DeltaErrorKind.UnsupportedFeature };

    /// <summary>What an engine says of a query, its first line without the full stop.</summary>
    public static string Reason(EngineException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.Message.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.', '!');
    }

    /// <summary>The frame of a query. Any other statement is refused before a table is opened.</summary>
    /// <param name="sql">One query.</param>
    /// <param name="allowFiles">Whether the query may read files by their paths; else it reads the lake's tables and nothing more.</param>
    /// <param name="closeFilesBut">Folders beside the tables' that the session still has to reach, where it is for this one query and its way to other files is closed; null leaves the session as it is.</param>
    /// <exception cref="UsageException">The query is not right; the message is the engine's, with the lake's tables.</exception>
    /// <exception cref="EngineException">A table cannot be read: its <see cref="DeltaException"/> is the cause.</exception>
    public DataFrame Run(string sql, bool allowFiles = false, IReadOnlyList<string>? closeFilesBut = null)
    {
        ArgumentNullException.ThrowIfNull(sql);
        try
        {
            var text = TimeTravel().Replace(sql, match => ViewAsOf(match.Groups["table"].Value, match.Groups["what"].Value, match.Groups["value"].Value));
            spark.Engine.RequireQuery(text, allowFiles);
            foreach (var name in Words().Matches(text).Select(static word => word.Value.Trim('`', '"')).Where(Tables.Contains).Distinct(StringComparer.OrdinalIgnoreCase))
                spark.Read().Format("delta").Load(Tables.PathOf(name)).CreateOrReplaceTempView(name);
            if (closeFilesBut is not null && !allowFiles) spark.Engine.CloseFiles(closeFilesBut);
            return spark.Sql(text);
        }
        catch (EngineException error) when (!error.IsTransient && !IsOfTheTable(error))
        {
            var advice = error.ErrorClass == QueryRefusal.FilesNotAllowed ? "Allow files with --allow-files." : Tables.Describe();
            throw new UsageException($"The query cannot be run: {Reason(error)}. {advice}", error);
        }
    }

    private string ViewAsOf(string table, string what, string value)
    {
        var bare = table.Trim('`', '"');
        var (option, suffix) = what.StartsWith("V", StringComparison.OrdinalIgnoreCase)
            ? ("versionAsOf", value)
            : ("timestampAsOf", Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(value)));
        var view = string.Create(CultureInfo.InvariantCulture, $"{bare}__as_of_{suffix.Trim('\'')}");
        spark.Read().Format("delta").Option(option, value.Trim('\'')).Load(Tables.PathOf(bare)).CreateOrReplaceTempView(view);
        return view;
    }

    [GeneratedRegex("""(?<table>[A-Za-z_]\w*|`[^`]+`|"[^"]+")\s+(?:FOR\s+)?(?<what>VERSION|TIMESTAMP)\s+AS\s+OF\s+(?<value>[0-9]+|'[^']*')""", RegexOptions.IgnoreCase)]
    private static partial Regex TimeTravel();

    [GeneratedRegex("""[A-Za-z_]\w*|`[^`]+`|"[^"]+" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Words();
}
