using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Engine.Delta;

/// <summary>A parquet file that an engine has written into the table's folder, to be added by a commit.</summary>
/// <param name="Path">Path from the table's folder, not encoded: <c>year=2020/part-….parquet</c>.</param>
/// <param name="SizeBytes">Size of the file.</param>
/// <param name="PartitionValues">Value of each partition column as the log writes it (<see cref="PartitionValue"/>); empty for a table without.</param>
/// <param name="Statistics">What is known of its rows, or null.</param>
/// <param name="ModifiedAt">When it was written.</param>
public sealed record DataFile(string Path, long SizeBytes, IReadOnlyDictionary<string, string?> PartitionValues, FileStatistics? Statistics, DateTimeOffset ModifiedAt)
{
    private static readonly ImmutableSortedDictionary<string, string?> NoValues = ImmutableSortedDictionary.Create<string, string?>(StringComparer.Ordinal);

    /// <summary>Values of a table that is not partitioned.</summary>
    public static IReadOnlyDictionary<string, string?> NoPartitions => NoValues;

    /// <summary>A name for a new data file, unique; names sort by the time of their making.</summary>
    /// <param name="partition">Folder of its partition (<see cref="PartitionValue.FolderOf"/>), or empty.</param>
    /// <param name="part">Number of the file in its write.</param>
    public static string NewPath(string partition, int part = 0)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{NewStem()}-{part:D5}.parquet");
        return partition.Length == 0 ? name : $"{partition}/{name}";
    }

    /// <summary>What the names of one write's files begin with: unique, and sorting by the time of its making.</summary>
    public static string NewStem() => $"part-{Guid.CreateVersion7():D}";

    internal AddFile ToAdd(bool dataChange) => new(
        LogPath.Encode(Path),
        PartitionValues as ImmutableSortedDictionary<string, string?> ?? (PartitionValues.Count == 0 ? NoValues : PartitionValues.ToImmutableSortedDictionary(StringComparer.Ordinal)),
        SizeBytes,
        ModifiedAt.ToUnixTimeMilliseconds(),
        dataChange)
    {
        Stats = Statistics?.ToJson(),
    };
}

/// <summary>Values of partition columns as the log and folder names write them.</summary>
public static class PartitionValue
{
    /// <summary>The text of a value: null and the empty text are null; instants in UTC with microseconds; bytes as the text that they are in UTF-8, as in Spark.</summary>
    /// <remarks>Source: Delta transaction log protocol, "Partition Value Serialization".</remarks>
    /// <param name="value">A value of the .NET types that <see cref="Pipeline.Engine.Types.DataType"/>'s docs name.</param>
    /// <exception cref="ArgumentException">Bytes are no UTF-8: the log has no text for them.</exception>
    public static string? Format(object? value) => value switch
    {
        null or "" => null,
        bool flag => flag ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime { Kind: DateTimeKind.Unspecified } time => time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        DateTime time => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        byte[] bytes => StrictUtf8.GetString(bytes),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    /// <summary>A key of a partition: two sets of values have the same key only where each value is the same, whatever characters they have; an empty text is null.</summary>
    /// <param name="columns">Partition columns in the table's order.</param>
    /// <param name="values">Their texts; a column that is missing is null.</param>
    public static string KeyOf(IEnumerable<string> columns, IReadOnlyDictionary<string, string?> values)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(values);
        return string.Concat(columns.Select(column => values.GetValueOrDefault(column) is { Length: > 0 } text
            ? string.Create(CultureInfo.InvariantCulture, $"{text.Length}:{text}")
            : "-"));
    }

    private static readonly System.Text.UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The folder of a partition, as Hive names it: <c>state=NY/year=2020</c>; null is <c>__HIVE_DEFAULT_PARTITION__</c>.</summary>
    /// <param name="columns">Partition columns in the table's order.</param>
    /// <param name="values">Their texts.</param>
    public static string FolderOf(IEnumerable<string> columns, IReadOnlyDictionary<string, string?> values)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(values);
        return string.Join('/', columns.Select(column => $"{Escape(column)}={(values[column] is { Length: > 0 } value ? Escape(value) : "__HIVE_DEFAULT_PARTITION__")}"));
    }

    private static string Escape(string text)
    {
        const string special = "\"#%'*/:=?\\{}[]^\u007f";
        if (!text.Any(static letter => letter < ' ' || special.Contains(letter, StringComparison.Ordinal))) return text;
        return string.Concat(text.Select(static letter => letter < ' ' || special.Contains(letter, StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"%{(int)letter:X2}") : letter.ToString()));
    }
}
