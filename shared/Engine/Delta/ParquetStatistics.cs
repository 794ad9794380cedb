using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>Statistics of parquet files that DuckDB wrote, for the log.</summary>
public static class ParquetStatistics
{
    /// <summary>Columns with statistics, the first ones of the table, as Delta's <c>delta.dataSkippingNumIndexedCols</c> has it by default.</summary>
    public const int DefaultColumns = 32;

    private const int TextLength = 32;
    private const string AfterAnyText = "\U0010FFFF";

    /// <summary>What <c>COPY … (FORMAT parquet, RETURN_STATS)</c> answered for a file: nothing is read again.</summary>
    /// <param name="schema">The table's columns.</param>
    /// <param name="rows">The answer's <c>count</c>.</param>
    /// <param name="columnStatistics">The answer's <c>column_statistics</c>: by quoted column name, the texts <c>min</c>, <c>max</c>, <c>null_count</c> and <c>has_nan</c>.</param>
    /// <param name="maxColumns">Columns with statistics at most; columns that may not be null always have their count of nulls.</param>
    public static FileStatistics FromCopy(StructType schema, long rows, IEnumerable<KeyValuePair<string, IReadOnlyDictionary<string, string>>> columnStatistics, int maxColumns = DefaultColumns)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(columnStatistics);
        var minima = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var maxima = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var nulls = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var (quoted, values) in columnStatistics)
        {
            if (TopLevelName(quoted) is not { } name || schema.IndexOf(name) is var index && index < 0) continue;
            var field = schema[index];
            if (field.DataType is StructType or ArrayType or MapType || (index >= maxColumns && field.IsNullable)) continue;
            if (values.TryGetValue("null_count", out var count) && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var nullCount)) nulls[field.Name] = nullCount;
            if (index >= maxColumns || (values.TryGetValue("has_nan", out var hasNan) && hasNan == "true")) continue; // JSON has no NaN, and a NaN is greater than any maximum.
            if (values.TryGetValue("min", out var min) && values.TryGetValue("max", out var max) && ToJson(field.DataType, min, isMaximum: false) is { } low && ToJson(field.DataType, max, isMaximum: true) is { } high)
            {
                minima[field.Name] = low;
                maxima[field.Name] = high;
            }
        }

        return new FileStatistics(rows) { MinValues = minima.ToImmutable(), MaxValues = maxima.ToImmutable(), NullCount = nulls.ToImmutable() };
    }

    /// <summary>Reads a file of this machine once and answers its statistics: for files whose writer gave none.</summary>
    /// <exception cref="FormatException">It is not a parquet file, or its columns cannot be compared.</exception>
    public static FileStatistics Read(string localFile, StructType schema, int maxColumns = DefaultColumns)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var file = $"read_parquet({ParquetEngine.List([localFile])}, hive_partitioning = false)";
        try
        {
            using var connection = ParquetEngine.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"SET TimeZone = 'UTC'; DESCRIBE SELECT * FROM {file}";
            var present = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            using (var reader = command.ExecuteReader())
                while (reader.Read()) present.Add(reader.GetString(0));
            var columns = schema.Where(field => field.DataType is not (StructType or ArrayType or MapType) && present.Contains(field.Name)).ToList();
            var select = string.Concat(columns.Select(static field =>
            {
                var name = $"\"{field.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
                var hasNan = field.DataType is DoubleType or FloatType ? $"coalesce(bool_or(isnan({name})), false)" : "false";
                return $", min({name})::VARCHAR, max({name})::VARCHAR, (count(*) - count({name}))::VARCHAR, ({hasNan})::VARCHAR";
            }));
            command.CommandText = $"SELECT count(*){select} FROM {file}";
            using var row = command.ExecuteReader();
            row.Read();
            var statistics = new Dictionary<string, IReadOnlyDictionary<string, string>>();
            for (var i = 0; i < columns.Count; i++)
            {
                var values = new Dictionary<string, string>();
                string[] keys = ["min", "max", "null_count", "has_nan"];
                for (var k = 0; k < keys.Length; k++)
                    if (!row.IsDBNull((i * 4) + k + 1)) values[keys[k]] = row.GetString((i * 4) + k + 1);
                statistics[$"\"{columns[i].Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\""] = values;
            }

            return FromCopy(schema, row.GetInt64(0), statistics, maxColumns);
        }
        catch (DuckDB.NET.Data.DuckDBException error)
        {
            throw new FormatException($"Cannot read statistics of the file '{localFile}': {error.Message.Split('\n', 2)[0].TrimEnd('.')}.", error);
        }
    }

    /// <summary>The name of a column that is not a part of another, or null.</summary>
    private static string? TopLevelName(string quoted)
    {
        if (quoted.Length < 2 || quoted[0] != '"' || quoted[^1] != '"') return quoted;
        var inner = quoted[1..^1];
        return inner.Contains("\".\"", StringComparison.Ordinal) ? null : inner.Replace("\"\"", "\"", StringComparison.Ordinal);
    }

    private static string? ToJson(DataType type, string text, bool isMaximum) => type switch
    {
        IntegralType => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value.ToString(CultureInfo.InvariantCulture) : null,
        DoubleType or FloatType => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? JsonNumber(text) : null,
        DecimalType => JsonNumber(text),
        DateType => text.Length == 10 && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? Quoted(text) : null,
        TimestampType => Instant(text, isMaximum) is { } instant ? Quoted(instant + "Z") : null,
        TimestampNTZType => Instant(text, isMaximum) is { } time ? Quoted(time) : null,
        StringType => Text(text, isMaximum) is { } cut ? Quoted(cut) : null,
        _ => null,
    };

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <summary>The digits as they are, where JSON takes them.</summary>
    private static string? JsonNumber(string text)
    {
        try
        {
            using var number = JsonDocument.Parse(text);
            return number.RootElement.ValueKind == JsonValueKind.Number ? text : null;
        }
        catch (JsonException)
        {
            return null; // Such as "inf" or ".5": no statistics are better than wrong ones.
        }
    }

    /// <summary>An instant with milliseconds: a minimum is cut down, a maximum goes up.</summary>
    private static string? Instant(string text, bool isMaximum)
    {
        if (text.EndsWith("+00", StringComparison.Ordinal)) text = text[..^3];
        string[] formats = ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFF"];
        if (!DateTime.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) return null;
        var rest = time.Ticks % TimeSpan.TicksPerMillisecond;
        if (rest != 0) time = time.AddTicks(isMaximum ? TimeSpan.TicksPerMillisecond - rest : -rest);
        return time.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture);
    }

    private static string? Text(string text, bool isMaximum)
    {
        if (text.Contains('\uFFFD', StringComparison.Ordinal)) return null; // A bound that was cut within a character.
        var length = 0;
        var runes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (runes++ == TextLength) return isMaximum ? text[..length] + AfterAnyText : text[..length];
            length += rune.Utf16SequenceLength;
        }

        return text;
    }
}
