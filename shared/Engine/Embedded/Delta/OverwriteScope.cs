using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Which rows of a table an overwrite replaces: all, those of a condition (<c>replaceWhere</c>), or those of the partitions that it writes (<c>partitionOverwriteMode=dynamic</c>).</summary>
/// <remarks>Options and settings are Delta's. Source: "Selective overwrite" of the Delta docs.</remarks>
internal sealed record OverwriteScope
{
    private const string ModeOption = "partitionOverwriteMode";
    private const string ModeKey = "spark.sql.sources.partitionOverwriteMode";
    private const string CheckKey = "spark.databricks.delta.replaceWhere.constraintCheck.enabled";

    /// <summary>All rows.</summary>
    public static OverwriteScope All { get; } = new();

    /// <summary>The rows that are replaced, as SQL; null where no condition is given.</summary>
    public string? Condition { get; private init; }

    /// <summary>Whether each row that is written must meet the condition.</summary>
    private bool IsChecked { get; init; }

    /// <summary>Whether partitions without a written row stay.</summary>
    public bool IsDynamic { get; private init; }

    /// <summary>What the commit says of it.</summary>
    public IEnumerable<KeyValuePair<string, string>> Parameters
    {
        get
        {
            if (Condition is not null) yield return new("predicate", Condition);
            if (IsDynamic) yield return new("isDynamicPartitionOverwrite", "true");
        }
    }

    /// <summary>Whether a write replaces a part of the table by what it read of it.</summary>
    public static bool IsPart(SessionContext session, SinkSpec sink, SourceOptions options) =>
        sink.Mode == "overwrite" && (options["replaceWhere"] is not null || IsDynamicMode(session, options));

    /// <summary>What an overwrite replaces.</summary>
    /// <exception cref="EngineException">Options contradict each other, or one has a value that it does not take.</exception>
    public static OverwriteScope Of(SessionContext session, DeltaLog log, Transaction transaction, SinkSpec sink, SourceOptions options)
    {
        var isDynamic = IsDynamicMode(session, options);
        if (options["replaceWhere"] is { } condition)
        {
            if (isDynamic && options[ModeOption] is not null)
                throw Refused(log.Table, "the options replaceWhere and partitionOverwriteMode=dynamic exclude each other; give one of them", "DELTA_REPLACE_WHERE_WITH_DYNAMIC_PARTITION_OVERWRITE");
            var isChecked = !session.Conf.TryGetValue(CheckKey, out var check) || !check.Equals("false", StringComparison.OrdinalIgnoreCase);
            return new OverwriteScope { Condition = condition, IsChecked = isChecked };
        }

        var partitions = transaction.Snapshot?.PartitionColumns ?? [.. sink.PartitionBy];
        if (!isDynamic || partitions.IsEmpty) return All;
        if (options.Flag("overwriteSchema", false))
            throw Refused(log.Table, "overwriteSchema replaces the whole table, and partitionOverwriteMode=dynamic only some partitions; give one of them", "DELTA_OVERWRITE_SCHEMA_WITH_DYNAMIC_PARTITION_OVERWRITE");
        return new OverwriteScope { IsDynamic = true };
    }

    /// <summary>The rows to write; a row that does not meet the condition ends the query with an error.</summary>
    public string Checked(string table, string sql)
    {
        if (Condition is null || !IsChecked) return sql;
        var error = new EngineException($"Cannot overwrite the rows of the Delta table '{table}' for which {Condition}: a row to write does not meet this condition. Leave such rows out, or change replaceWhere.")
        {
            ErrorClass = "DELTA_REPLACE_WHERE_MISMATCH",
            SqlState = "44000",
        };
        return $"SELECT * FROM ({sql}) WHERE CASE WHEN ({Condition}) THEN true ELSE CAST(error({DuckDbTypes.Literal(DuckDbError.Carry(error))}) AS BOOLEAN) END";
    }

    private static bool IsDynamicMode(SessionContext session, SourceOptions options)
    {
        var mode = options[ModeOption] ?? session.Conf.GetValueOrDefault(ModeKey) ?? "static";
        if (mode.Equals("dynamic", StringComparison.OrdinalIgnoreCase)) return true;
        if (mode.Equals("static", StringComparison.OrdinalIgnoreCase)) return false;
        throw new EngineException($"{ModeOption} is '{mode}'; it takes static or dynamic.") { ErrorClass = "DELTA_ILLEGAL_OPTION", SqlState = "42616" };
    }

    private static EngineException Refused(string table, string why, string errorClass) =>
        new($"Cannot overwrite the Delta table '{table}': {why}.") { ErrorClass = errorClass, SqlState = "42613" };
}
