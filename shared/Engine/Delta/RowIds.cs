using System.Globalization;
using System.Text.Json;

namespace Pipeline.Engine.Delta;

/// <summary>Ids of rows in tables with row tracking: each file that comes gets ids that no row of the table ever had.</summary>
/// <remarks>Rows that are copied to another file should keep their ids, which is not done here: such changes are refused. Source: Delta transaction log protocol, "Row Tracking".</remarks>
internal static class RowIds
{
    private const string Domain = "delta.rowTracking";
    private const string HighWaterMark = "rowIdHighWaterMark";

    /// <summary>Files of new rows with their ids, and the highest id given as the table keeps it; the files themselves where the table tracks no rows. Files that come back keep the ids that they had.</summary>
    /// <param name="table">The table, for messages.</param>
    /// <param name="current">The table before the commit.</param>
    /// <param name="version">The commit's version.</param>
    /// <param name="files">The files.</param>
    /// <exception cref="DeltaException">A file has no count of its rows, or the table's highest id cannot be read.</exception>
    public static IEnumerable<DeltaAction> Assign(string table, Snapshot? current, long version, IReadOnlyList<AddFile> files)
    {
        if (current is null || files.All(static file => file.BaseRowId is not null) || !TableFeatures.TracksRows(current.Protocol, current.Metadata)) return files;
        var last = ReadHighWaterMark(table, current);
        var actions = new List<DeltaAction>(files.Count + 1);
        foreach (var file in files)
        {
            if (file.BaseRowId is not null)
            {
                actions.Add(file);
                continue;
            }

            var rows = file.ReadStatistics()?.NumRecords
                ?? throw new DeltaException(DeltaErrorKind.InvalidOperation, $"Cannot commit to the table '{table}': its rows are tracked, and the file '{file.FilePath}' has no count of its rows.");
            actions.Add(file with { BaseRowId = last + 1, DefaultRowCommitVersion = version });
            last += rows;
        }

        actions.Add(new DomainMetadata(Domain, string.Create(CultureInfo.InvariantCulture, $"{{\"{HighWaterMark}\":{last}}}"), Removed: false));
        return actions;
    }

    private static long ReadHighWaterMark(string table, Snapshot current)
    {
        if (!current.State.Domains.TryGetValue(Domain, out var domain)) return -1;
        try
        {
            using var json = JsonDocument.Parse(domain.Configuration);
            return json.RootElement.GetProperty(HighWaterMark).GetInt64();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new DeltaException(DeltaErrorKind.CorruptLog, $"Cannot commit to the table '{table}': its rows are tracked, and the highest id that was given cannot be read from '{Domain}'.", error);
        }
    }
}
