using System.Globalization;
using System.Text;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Columns of CSV files where none are declared: names of the header (or <c>_c0</c> …), text, or with inferSchema the narrowest type that all values have.</summary>
internal static class CsvSchema
{
    public static StructType Infer(IReadOnlyList<InputFile> files, CsvOptions options)
    {
        string[]? names = null;
        Kind[]? kinds = null;
        foreach (var file in files)
        {
            using var records = new CsvRecords(new FileStream(file.Local, FileMode.Open, FileAccess.Read, FileShare.Read, 1), options);
            if (!records.Read()) continue;
            names ??= options.Header ? Names(records) : [.. Enumerable.Range(0, records.Fields.Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"_c{i}"))];
            kinds ??= new Kind[names.Length];
            if (!options.InferSchema) break;
            if (options.Header && !records.Read()) continue;
            do
            {
                for (var i = 0; i < Math.Min(kinds.Length, records.Fields.Count); i++)
                {
                    var text = records.Text(records.Fields[i]);
                    if (!text.IsEmpty && !text.SequenceEqual(options.NullValue)) kinds[i] = Widen(kinds[i], text, options);
                }
            }
            while (records.Read());
        }
        if (names is null) throw new EngineException("The CSV files are empty, so their columns cannot be known. Declare them with Schema(…).") { ErrorClass = "UNABLE_TO_INFER_SCHEMA", SqlState = "42KD9" };
        return new StructType(names.Select((name, i) => new StructField(name, TypeOf(kinds![i]))));
    }

    private static string[] Names(CsvRecords records)
    {
        var names = records.Fields.Select((field, i) => Encoding.UTF8.GetString(records.Text(field)) is { Length: > 0 } name ? name : string.Create(CultureInfo.InvariantCulture, $"_c{i}")).ToArray();
        var twice = names.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. names.Select((name, i) => twice.Contains(name) ? string.Create(CultureInfo.InvariantCulture, $"{name}{i}") : name)];
    }

    private static Kind Widen(Kind kind, ReadOnlySpan<byte> text, CsvOptions options)
    {
        if (kind == Kind.Text || (kind != Kind.None && Fits(kind, text, options))) return kind;
        ReadOnlySpan<Kind> candidates = kind switch
        {
            Kind.None => [Kind.Integer, Kind.Long, Kind.Double, Kind.Instant, Kind.Boolean],
            Kind.Integer => [Kind.Long, Kind.Double],
            Kind.Long => [Kind.Double],
            _ => [],
        };
        foreach (var candidate in candidates)
            if (Fits(candidate, text, options)) return candidate;
        return Kind.Text;
    }

    private static bool Fits(Kind kind, ReadOnlySpan<byte> text, CsvOptions options) => kind switch
    {
        Kind.Integer => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        Kind.Long => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        Kind.Instant => text.Length >= 8 && CsvValue.TryInstant(text, options.TimestampPattern, out _),
        Kind.Boolean => Ascii.EqualsIgnoreCase(text, "true"u8) || Ascii.EqualsIgnoreCase(text, "false"u8),
        Kind.Double => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
        _ => false,
    };

    private static DataType TypeOf(Kind kind) => kind switch
    {
        Kind.Integer => new IntegerType(),
        Kind.Long => new LongType(),
        Kind.Double => new DoubleType(),
        Kind.Instant => new TimestampType(),
        Kind.Boolean => new BooleanType(),
        _ => new StringType(),
    };

    private enum Kind
    {
        None,
        Integer,
        Long,
        Double,
        Instant,
        Boolean,
        Text,
    }
}
