using System.Globalization;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

/// <summary>Describes a source that has an end, and reads it. Formats and options are Spark's.</summary>
public sealed class DataFrameReader
{
    private readonly SparkSession session;
    private readonly Dictionary<string, string> options = new(StringComparer.OrdinalIgnoreCase);
    private string? format;
    private StructType? schema;

    internal DataFrameReader(SparkSession session) => this.session = session;

    /// <summary>csv, json, parquet, delta, text, kafka …</summary>
    public DataFrameReader Format(string source)
    {
        format = source;
        return this;
    }

    /// <summary>The columns; without it the format's own.</summary>
    public DataFrameReader Schema(StructType schema)
    {
        this.schema = schema;
        return this;
    }

    /// <summary>The columns in Spark's DDL: <c>id BIGINT, name STRING</c>.</summary>
    public DataFrameReader Schema(string schemaString) => Schema(DdlParser.ParseSchema(schemaString));

    /// <summary>An option of the format.</summary>
    public DataFrameReader Option(string key, string value)
    {
        options[key] = value;
        return this;
    }

    /// <summary>An option of the format.</summary>
    public DataFrameReader Option(string key, bool value) => Option(key, value ? "true" : "false");

    /// <summary>An option of the format.</summary>
    public DataFrameReader Option(string key, long value) => Option(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>An option of the format.</summary>
    public DataFrameReader Option(string key, double value) => Option(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Options of the format.</summary>
    public DataFrameReader Options(IEnumerable<KeyValuePair<string, string>> options)
    {
        foreach (var (key, value) in options) this.options[key] = value;
        return this;
    }

    /// <summary>Reads what has no path.</summary>
    public DataFrame Load() => Load([]);

    /// <summary>Reads a file, folder or table.</summary>
    public DataFrame Load(string path) => Load([path]);

    /// <summary>Reads several.</summary>
    public DataFrame Load(params string[] paths)
    {
        var view = session.Engine.OpenSource(new SourceSpec((format ?? "parquet").ToLowerInvariant(), paths, options, schema, false));
        return new DataFrame(session, SourceNode.Of(view));
    }

    /// <summary>Reads CSV.</summary>
    public DataFrame Csv(params string[] paths) => Format("csv").Load(paths);

    /// <summary>Reads lines of JSON.</summary>
    public DataFrame Json(params string[] paths) => Format("json").Load(paths);

    /// <summary>Reads Parquet.</summary>
    public DataFrame Parquet(params string[] paths) => Format("parquet").Load(paths);

    /// <summary>Reads ORC, where the engine can.</summary>
    public DataFrame Orc(params string[] paths) => Format("orc").Load(paths);

    /// <summary>Reads lines of text, in the column <c>value</c>.</summary>
    public DataFrame Text(params string[] paths) => Format("text").Load(paths);

    /// <summary>A table or view by name; <c>delta.`path`</c> is a Delta table at a path.</summary>
    public DataFrame Table(string tableName)
    {
        if (SqlText.DeltaPath(tableName) is { } path) return Format("delta").Load(path);
        var sql = $"SELECT * FROM {session.Dialect.QualifiedName(tableName)}";
        return new DataFrame(session, SourceNode.Of(new SourceView(tableName, session.Engine.Describe(sql), session.IsStreamingView(tableName))));
    }
}
