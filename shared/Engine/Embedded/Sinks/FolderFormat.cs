using System.Globalization;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sinks;

/// <summary>DuckDB's COPY for a format with Spark's options.</summary>
internal static class FolderFormat
{
    private const long TargetBytes = 128L << 20;

    private static readonly string BlanksAndControls = DuckDbTypes.Literal(string.Concat(Enumerable.Range(0, ' ' + 1).Select(static code => (char)code)));

    public static string Copy(SinkSpec sink, StructType schema, SourceOptions options, string sql, string folder)
    {
        var (rows, format) = sink.Format switch
        {
            "parquet" => (Plain(sql, schema), $"FORMAT parquet, COMPRESSION {Compression(options, "snappy")}"),
            "csv" => (Csv(sql, schema, options), CsvFormat(options)),
            "json" => (Json(sql, schema, sink.PartitionBy, options), Lines(options)),
            _ => (Text(sql, schema), Lines(options)),
        };
        var extension = sink.Format == "text" ? "txt" : sink.Format;
        var layout = sink.PartitionBy.Count > 0
            ? $"PARTITION_BY ({string.Join(", ", sink.PartitionBy.Select(column => DuckDbTypes.Quote(schema.Find(column)?.Name ?? throw Missing(column, schema))))})"
            : string.Create(CultureInfo.InvariantCulture, $"FILE_SIZE_BYTES {TargetBytes}");
        return $"COPY ({rows}) TO {DuckDbTypes.Literal(folder)} ({format}, {layout}, FILENAME_PATTERN 'part-{{uuid}}', FILE_EXTENSION '{extension}')";
    }

    private static string Plain(string sql, StructType schema) =>
        $"SELECT {string.Join(", ", schema.Select(field => $"CAST({DuckDbTypes.Quote(field.Name)} AS {DuckDbTypes.ToSql(field.DataType)}) AS {DuckDbTypes.Quote(field.Name)}"))} FROM ({sql})";

    /// <summary>Values as Spark writes them: instants as <c>2020-01-31T12:00:00.000Z</c>, booleans in lower case.</summary>
    private static string Csv(string sql, StructType schema, SourceOptions options)
    {
        if (schema.FirstOrDefault(field => field.DataType is ArrayType or MapType or StructType or BinaryType) is { } nested)
            throw new EngineException($"Column '{nested.Name}' is {nested.DataType.SimpleString}, which a CSV file does not hold. Turn it into text, for instance with to_json.") { ErrorClass = "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", SqlState = "0A000" };
        var forms = Forms(options);
        var values = schema.Select(field =>
        {
            var column = DuckDbTypes.Quote(field.Name);
            var value = field.DataType switch
            {
                TimestampType or TimestampNTZType or DateType => forms.Time(column, field.DataType),
                DoubleType or FloatType => TextForms.Real(column),
                StringType => Trimmed(column, options),
                _ => $"CAST({column} AS VARCHAR)",
            };
            return $"{value} AS {column}";
        });
        return $"SELECT {string.Join(", ", values)} FROM ({sql})";
    }

    private static string CsvFormat(SourceOptions options)
    {
        var separator = options["sep"] ?? options.Text("delimiter", ",");
        var quote = options.Character("quote", '"') is { } mark ? ((char)mark).ToString() : "";
        var escape = options.Character("escape", '\\') is { } sign ? ((char)sign).ToString() : quote;
        var all = options.Flag("quoteAll", false) ? ", FORCE_QUOTE *" : "";
        return $"FORMAT csv, DELIMITER {DuckDbTypes.Literal(separator == @"\t" ? "\t" : separator)}, QUOTE {DuckDbTypes.Literal(quote)}, ESCAPE {DuckDbTypes.Literal(escape)}, HEADER {(options.Flag("header", false) ? "true" : "false")}, NULLSTR {DuckDbTypes.Literal(options.Text("nullValue", ""))}{all}{FileCompression(options)}";
    }

    /// <summary>Text without the blanks and control characters (U+0000 to U+0020) at its ends, which Spark leaves out of CSV files unless it is told otherwise.</summary>
    private static string Trimmed(string column, SourceOptions options)
    {
        if (options.Flag("ignoreLeadingWhiteSpace", true)) column = $"ltrim({column}, {BlanksAndControls})";
        return options.Flag("ignoreTrailingWhiteSpace", true) ? $"rtrim({column}, {BlanksAndControls})" : column;
    }

    /// <summary>The forms of days, times and JSON objects that the options ask for.</summary>
    private static TextForms Forms(SourceOptions options)
    {
        var plain = new TextForms();
        return new()
        {
            TimestampFormat = options.Text("timestampFormat", plain.TimestampFormat),
            TimestampNtzFormat = options.Text("timestampNTZFormat", plain.TimestampNtzFormat),
            DateFormat = options.Text("dateFormat", plain.DateFormat),
            IgnoresNullFields = options.Flag("ignoreNullFields", true),
        };
    }

    /// <summary>A row as Spark's JSON, without the fields of the folders' names.</summary>
    private static string Json(string sql, StructType schema, IReadOnlyList<string> partitions, SourceOptions options)
    {
        var fields = schema.Where(field => !partitions.Contains(field.Name, StringComparer.OrdinalIgnoreCase)).Select(static field => (field.Name, DuckDbTypes.Quote(field.Name), field.DataType));
        var folders = string.Concat(partitions.Select(column => $", {DuckDbTypes.Quote(column)}"));
        return $"SELECT {Forms(options).JsonObject(fields)} AS line{folders} FROM ({sql})";
    }

    /// <summary>One column as lines, as it is.</summary>
    private static string Lines(SourceOptions options) => $"FORMAT csv, DELIMITER '\u0001', QUOTE '', ESCAPE '', HEADER false, NULLSTR ''{FileCompression(options)}";

    private static string Text(string sql, StructType schema) => schema is [{ DataType: StringType } only]
        ? $"SELECT {DuckDbTypes.Quote(only.Name)} FROM ({sql})"
        : throw new EngineException($"Text files hold one column of type string; the rows have {schema.SimpleString}.") { ErrorClass = "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", SqlState = "0A000" };

    private static string Compression(SourceOptions options, string otherwise) => options.Text("compression", otherwise).ToLowerInvariant() switch
    {
        "none" or "uncompressed" => "uncompressed",
        "snappy" => "snappy",
        "zstd" => "zstd",
        "gzip" => "gzip",
        "lz4" => "lz4",
        var other => throw new EngineException($"The option compression is '{other}'; it takes snappy, zstd, gzip, lz4 or uncompressed.") { ErrorClass = "INVALID_OPTION", SqlState = "22023" },
    };

    private static string FileCompression(SourceOptions options) => options.Text("compression", "none").ToLowerInvariant() switch
    {
        "none" or "uncompressed" => "",
        "gzip" => ", COMPRESSION gzip",
        "zstd" => ", COMPRESSION zstd",
        var other => throw new EngineException($"The option compression is '{other}'; text formats take none, gzip or zstd here.") { ErrorClass = "INVALID_OPTION", SqlState = "22023" },
    };

    private static EngineException Missing(string column, StructType schema) => new($"The partition column '{column}' is not among the rows' columns: {string.Join(", ", schema.FieldNames)}.") { ErrorClass = "UNRESOLVED_COLUMN.WITH_SUGGESTION", SqlState = "42703" };
}
