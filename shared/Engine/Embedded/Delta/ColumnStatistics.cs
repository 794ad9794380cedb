using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>DuckDB's statistics of a file that it wrote as those of the log.</summary>
internal static class ColumnStatistics
{
    private const int TextLength = 32;

    /// <summary>Columns that have smallest and largest values, counted from the first; as Delta has it.</summary>
    private const int IndexedColumns = 32;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static FileStatistics Read(StructType schema, IReadOnlyList<string> partitions, long rows, Dictionary<object, object?> byColumn)
    {
        var smallest = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var largest = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var nulls = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        for (var i = 0; i < schema.Count; i++)
        {
            var field = schema[i];
            if (partitions.Contains(field.Name, StringComparer.OrdinalIgnoreCase)) continue;
            if (byColumn.GetValueOrDefault(DuckDbTypes.Quote(field.Name)) is not Dictionary<object, object?> values) continue;
            if (long.TryParse(values.GetValueOrDefault("null_count") as string, CultureInfo.InvariantCulture, out var count)) nulls[field.Name] = count;
            if (i >= IndexedColumns || values.GetValueOrDefault("has_nan") as string == "true") continue;
            if (values.GetValueOrDefault("min") is string min && Json(field.DataType, min, isLargest: false) is { } low) smallest[field.Name] = low;
            if (values.GetValueOrDefault("max") is string max && Json(field.DataType, max, isLargest: true) is { } high) largest[field.Name] = high;
        }
        return new FileStatistics(rows) { MinValues = smallest.ToImmutable(), MaxValues = largest.ToImmutable(), NullCount = nulls.ToImmutable() };
    }

    /// <summary>A smallest or largest value as JSON, or null where it has none.</summary>
    internal static string? Json(DataType type, string text, bool isLargest) => type switch
    {
        IntegralType => text,
        DecimalType => text,
        DoubleType or FloatType => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? text : null,
        DateType => text.Length == 10 && !text.Contains('(', StringComparison.Ordinal) ? $"\"{text}\"" : null,
        TimestampType => CsvValue.TryInstant(System.Text.Encoding.UTF8.GetBytes(text), null, out var instant) ? $"\"{instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)}\"" : null,
        TimestampNTZType => CsvValue.TryInstant(System.Text.Encoding.UTF8.GetBytes(text), null, out var wall) ? $"\"{wall.DateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture)}\"" : null,
        StringType => JsonSerializer.Serialize(Cut(text, isLargest), Plain),
        _ => null,
    };

    /// <summary>The first characters: of a smallest text they are no larger than it, and a largest one gets the last character there is after them.</summary>
    private static string Cut(string text, bool isLargest)
    {
        if (text.Length <= TextLength) return text;
        var length = char.IsHighSurrogate(text[TextLength - 1]) ? TextLength - 1 : TextLength;
        return isLargest ? text[..length] + "\U0010FFFF" : text[..length];
    }
}
