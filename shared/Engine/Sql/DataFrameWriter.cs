using System.Globalization;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Sql;

/// <summary>What to do where there is something already.</summary>
public enum SaveMode
{
    /// <summary>Add to it.</summary>
    Append,

    /// <summary>Replace it.</summary>
    Overwrite,

    /// <summary>Fail.</summary>
    ErrorIfExists,

    /// <summary>Leave it and write nothing.</summary>
    Ignore,
}

/// <summary>Describes where rows go, and writes them. Formats and options are Spark's.</summary>
public sealed class DataFrameWriter
{
    private readonly DataFrame frame;
    private readonly Dictionary<string, string> options = new(StringComparer.OrdinalIgnoreCase);
    private string format = "parquet";
    private string mode = "errorifexists";
    private string[] partitionBy = [];

    internal DataFrameWriter(DataFrame frame) => this.frame = frame;

    /// <summary>What to do where there is something already; at first it fails.</summary>
    public DataFrameWriter Mode(SaveMode saveMode) => Mode(saveMode.ToString());

    /// <summary>append, overwrite, ignore, error or errorifexists.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public DataFrameWriter Mode(string saveMode)
    {
        ArgumentNullException.ThrowIfNull(saveMode);
        mode = saveMode.ToLowerInvariant() switch
        {
            "append" => "append",
            "overwrite" => "overwrite",
            "ignore" => "ignore",
            "error" or "errorifexists" or "default" => "errorifexists",
            _ => throw new ArgumentException($"The save mode '{saveMode}' is not known. Known are append, overwrite, ignore and errorifexists.", nameof(saveMode)),
        };
        return this;
    }

    /// <summary>delta, parquet, csv or json.</summary>
    public DataFrameWriter Format(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        format = source.ToLowerInvariant();
        return this;
    }

    /// <summary>An option of the format.</summary>
    public DataFrameWriter Option(string key, string value)
    {
        options[key] = value;
        return this;
    }

    /// <summary>An option of the format.</summary>
    public DataFrameWriter Option(string key, bool value) => Option(key, value ? "true" : "false");

    /// <summary>An option of the format.</summary>
    public DataFrameWriter Option(string key, long value) => Option(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>An option of the format.</summary>
    public DataFrameWriter Option(string key, double value) => Option(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Options of the format.</summary>
    public DataFrameWriter Options(IEnumerable<KeyValuePair<string, string>> options)
    {
        foreach (var (key, value) in options) this.options[key] = value;
        return this;
    }

    /// <summary>Columns that the files are partitioned by.</summary>
    public DataFrameWriter PartitionBy(params string[] colNames)
    {
        foreach (var name in colNames) _ = frame.Col(name);
        partitionBy = colNames;
        return this;
    }

    /// <summary>Writes to a path or URI.</summary>
    public void Save(string path) => Save(path, CancellationToken.None);

    /// <summary>Writes to a path or URI; the token stops the engine.</summary>
    public void Save(string path, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var (sql, schema) = frame.Executable("write");
        frame.SparkSession.Engine.Write(sql, schema, new SinkSpec(format, path, mode, partitionBy, options), cancellationToken);
    }

    /// <summary>Writes to the path in the option <c>path</c>.</summary>
    public void Save() => Save(options.GetValueOrDefault("path")
        ?? throw new InvalidOperationException("Cannot write: there is no path. Call Save(path), or set the option 'path'."));

    /// <summary>Writes Parquet.</summary>
    public void Parquet(string path) => Format("parquet").Save(path);

    /// <summary>Writes CSV.</summary>
    public void Csv(string path) => Format("csv").Save(path);

    /// <summary>Writes lines of JSON.</summary>
    public void Json(string path) => Format("json").Save(path);

    /// <summary>Refused: tables live at paths here.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void SaveAsTable(string tableName) => throw new NotSupportedException(
        $"Cannot save as the table '{tableName}': there is no metastore, tables live at paths. Use Format(\"delta\").Save(path).");

    /// <summary>Refused: tables live at paths here.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void InsertInto(string tableName) => throw new NotSupportedException(
        $"Cannot insert into the table '{tableName}': there is no metastore, tables live at paths. Use Format(\"delta\").Mode(\"append\").Save(path).");
}
