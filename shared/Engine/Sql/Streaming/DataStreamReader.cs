using System.Globalization;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Streaming;

/// <summary>Describes a source that goes on. Formats and options are Spark's.</summary>
public sealed class DataStreamReader
{
    private readonly SparkSession session;
    private readonly Dictionary<string, string> options = new(StringComparer.OrdinalIgnoreCase);
    private string? format;
    private StructType? schema;

    internal DataStreamReader(SparkSession session) => this.session = session;

    /// <summary>kafka, delta, csv, json, parquet, text or rate.</summary>
    public DataStreamReader Format(string source)
    {
        format = source;
        return this;
    }

    /// <summary>The columns; files need them.</summary>
    public DataStreamReader Schema(StructType schema)
    {
        this.schema = schema;
        return this;
    }

    /// <summary>The columns in Spark's DDL.</summary>
    public DataStreamReader Schema(string schemaString) => Schema(DdlParser.ParseSchema(schemaString));

    /// <summary>An option of the format, such as <c>subscribe</c> or <c>maxOffsetsPerTrigger</c>.</summary>
    public DataStreamReader Option(string key, string value)
    {
        options[key] = value;
        return this;
    }

    /// <summary>An option of the format.</summary>
    public DataStreamReader Option(string key, bool value) => Option(key, value ? "true" : "false");

    /// <summary>An option of the format.</summary>
    public DataStreamReader Option(string key, long value) => Option(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>An option of the format.</summary>
    public DataStreamReader Option(string key, double value) => Option(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Options of the format.</summary>
    public DataStreamReader Options(IEnumerable<KeyValuePair<string, string>> options)
    {
        foreach (var (key, value) in options) this.options[key] = value;
        return this;
    }

    /// <summary>The stream of what has no path.</summary>
    public DataFrame Load() => Open([]);

    /// <summary>The stream of a folder or table.</summary>
    public DataFrame Load(string path) => Open([path]);

    /// <summary>The stream of CSV files that come into a folder.</summary>
    public DataFrame Csv(string path) => Format("csv").Load(path);

    /// <summary>The stream of files of JSON lines that come into a folder.</summary>
    public DataFrame Json(string path) => Format("json").Load(path);

    /// <summary>The stream of Parquet files that come into a folder.</summary>
    public DataFrame Parquet(string path) => Format("parquet").Load(path);

    /// <summary>The stream of lines of text files that come into a folder.</summary>
    public DataFrame Text(string path) => Format("text").Load(path);

    private DataFrame Open(string[] paths)
    {
        var source = (format ?? throw new InvalidOperationException("Cannot read a stream: no format is set. Call Format(\"kafka\") or another before Load.")).ToLowerInvariant();
        return new DataFrame(session, SourceNode.Of(session.Engine.OpenSource(new SourceSpec(source, paths, options, schema, true))));
    }
}
