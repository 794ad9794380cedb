using System.Text;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Options of CSV by Spark's names, with Spark's defaults.</summary>
/// <remarks>Source: Spark SQL guide, "CSV Files", data source options.</remarks>
internal sealed record CsvOptions
{
    public required byte[] Separator { get; init; }
    public required byte? Quote { get; init; }
    public required byte? Escape { get; init; }
    public required byte? Comment { get; init; }
    public required bool Header { get; init; }
    public required bool MultiLine { get; init; }
    public required byte[] NullValue { get; init; }
    public required byte[] EmptyValue { get; init; }
    public required Encoding Encoding { get; init; }
    public required bool TrimStart { get; init; }
    public required bool TrimEnd { get; init; }
    public required ParseMode Mode { get; init; }
    public required string CorruptColumn { get; init; }
    public required DateTimePattern? DatePattern { get; init; }
    public required DateTimePattern? TimestampPattern { get; init; }
    public required bool InferSchema { get; init; }

    /// <exception cref="EngineException">An option has a value that it cannot have.</exception>
    public static CsvOptions From(SourceOptions options) => new()
    {
        Separator = Encoding.UTF8.GetBytes(Unescape(options["sep"] ?? options.Text("delimiter", ","))),
        Quote = options.Character("quote", '"'),
        Escape = options.Character("escape", '\\'),
        Comment = options["comment"] is null or "" ? null : options.Character("comment", '#'),
        Header = options.Flag("header", false),
        MultiLine = options.Flag("multiLine", false),
        NullValue = Encoding.UTF8.GetBytes(options.Text("nullValue", "")),
        EmptyValue = Encoding.UTF8.GetBytes(options.Text("emptyValue", "")),
        Encoding = TextEncoding.Find(options["encoding"] ?? options.Text("charset", "UTF-8")),
        TrimStart = options.Flag("ignoreLeadingWhiteSpace", false),
        TrimEnd = options.Flag("ignoreTrailingWhiteSpace", false),
        Mode = ReadMode(options),
        CorruptColumn = options.Text("columnNameOfCorruptRecord", "_corrupt_record"),
        DatePattern = options["dateFormat"] is { } date ? DateTimePattern.Parse(date) : null,
        TimestampPattern = options["timestampFormat"] is { } timestamp ? DateTimePattern.Parse(timestamp) : null,
        InferSchema = options.Flag("inferSchema", false),
    };

    public static ParseMode ReadMode(SourceOptions options) => options.Text("mode", "PERMISSIVE").ToUpperInvariant() switch
    {
        "PERMISSIVE" => ParseMode.Permissive,
        "DROPMALFORMED" => ParseMode.DropMalformed,
        "FAILFAST" => ParseMode.FailFast,
        var other => throw new EngineException($"The option mode is '{other}'; it takes PERMISSIVE, DROPMALFORMED or FAILFAST.") { ErrorClass = "INVALID_OPTION", SqlState = "22023" },
    };

    /// <summary>Place of the column that takes the raw text of a record that does not fit, or -1.</summary>
    public int CorruptIndex(StructType schema) => schema.IndexOf(CorruptColumn) is >= 0 and var index && schema[index].DataType is StringType ? index : -1;

    private static string Unescape(string separator) => separator switch
    {
        "" => throw new EngineException("The option sep is empty; give at least one character.") { ErrorClass = "INVALID_DELIMITER_VALUE.EMPTY_STRING", SqlState = "42602" },
        @"\t" => "\t",
        _ => separator,
    };
}

/// <summary>Encodings of text files by the names that Java knows.</summary>
internal static class TextEncoding
{
    /// <exception cref="EngineException">The name is not known.</exception>
    public static Encoding Find(string name)
    {
        try
        {
            return name.ToUpperInvariant() switch
            {
                "UTF-8" or "UTF8" => Encoding.UTF8,
                "CP1252" or "WINDOWS-1252" => CodePagesEncodingProvider.Instance.GetEncoding(1252)!,
                "LATIN1" or "LATIN-1" or "ISO-8859-1" or "ISO8859_1" => Encoding.Latin1,
                _ => CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name),
            };
        }
        catch (ArgumentException error)
        {
            throw new EngineException($"The encoding '{name}' is not known. Use UTF-8, ISO-8859-1, windows-1252 or another IANA name.", error) { ErrorClass = "INVALID_PARAMETER_VALUE.CHARSET", SqlState = "22023" };
        }
    }
}
