using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>Writes a snapshot as a classic checkpoint of one file.</summary>
/// <remarks>The actions are written as JSON lines and turned into parquet by DuckDB with the columns of the protocol. Source: Delta transaction log protocol, "Checkpoint Schema" and "Last Checkpoint File".</remarks>
internal static class CheckpointWriter
{
    private const int DefaultInterval = 10;
    private const int FilesPerInterval = 2000;
    private static readonly TimeSpan DefaultRetention = TimeSpan.FromDays(7);
    private const string Texts = "MAP(VARCHAR, VARCHAR)";
    private const string Vector = "STRUCT(storageType VARCHAR, pathOrInlineDv VARCHAR, \"offset\" INTEGER, sizeInBytes INTEGER, cardinality BIGINT)";
    private const string Txn = "STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)";
    private const string Add = $"STRUCT(path VARCHAR, partitionValues {Texts}, size BIGINT, modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR, tags {Texts}, deletionVector {Vector}, baseRowId BIGINT, defaultRowCommitVersion BIGINT, clusteringProvider VARCHAR)";
    private const string Remove = $"STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN, partitionValues {Texts}, size BIGINT, deletionVector {Vector}, baseRowId BIGINT, defaultRowCommitVersion BIGINT)";
    private const string MetaData = $"STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options {Texts}), schemaString VARCHAR, partitionColumns VARCHAR[], configuration {Texts}, createdTime BIGINT)";
    private const string ProtocolRow = "STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])";
    private const string Domain = "STRUCT(domain VARCHAR, configuration VARCHAR, removed BOOLEAN)";

    /// <summary>Writes one where the version asks for it; answers what went wrong, for that harms no commit.</summary>
    public static async Task<string?> AfterCommitAsync(DeltaLog log, Snapshot snapshot, CancellationToken cancellationToken)
    {
        if (!IsDue(snapshot)) return null;
        KillPoint.Reach(DeltaKillPoints.BeforeCheckpoint);
        try
        {
            await WriteAsync(log, snapshot, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DuckDBException or DeltaException)
        {
            return $"The checkpoint of version {snapshot.Version} of '{log.Table}' could not be written: {error.Message} The commit stands; the next checkpoint makes up for it.";
        }
    }

    /// <summary>Whether the version asks for one.</summary>
    internal static bool IsDue(Snapshot snapshot) => snapshot.Version > 0 && snapshot.Version % IntervalFor(Setting(snapshot, "delta.checkpointInterval"), snapshot.FileCount) == 0;

    /// <summary>Commits from one checkpoint to the next: what the table says, else 10, and more for a table of many files.</summary>
    /// <remarks>A checkpoint costs by the table's files; at a fixed interval each commit to a growing table would cost more than the one before.</remarks>
    internal static long IntervalFor(string? setting, int fileCount) =>
        int.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0 ? asked : DefaultInterval * Math.Max(1L, fileCount / FilesPerInterval);

    public static async Task WriteAsync(DeltaLog log, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var folder = log.Storage.LocalRoot is { } root ? Path.Combine(root, LogPath.Folder) : Path.GetTempPath();
        var stem = Path.Combine(folder, $".{LogPath.Digits(snapshot.Version)}.{Guid.NewGuid():N}");
        var (lines, parquet) = (stem + ".json.tmp", stem + ".parquet.tmp");
        try
        {
            var tombstones = await snapshot.ReadTombstonesAsync(cancellationToken).ConfigureAwait(false);
            var isExpired = IsExpired(snapshot, log.Clock.GetUtcNow());
            var kept = tombstones.Where(remove => !isExpired(remove)).Select(static file => file with { DataChange = false }).ToList();
            DeltaAction[] head = [snapshot.Protocol, snapshot.Metadata];
            var files = snapshot.State.Files.Values.Select(static file => file with { DataChange = false });
            var count = 2 + snapshot.Transactions.Count + snapshot.Domains.Count + snapshot.FileCount + kept.Count;
            await using (var stream = new FileStream(lines, FileMode.CreateNew))
            {
                foreach (var chunk in head.Concat(snapshot.Transactions).Concat(snapshot.Domains).Concat(files).Concat(kept).Chunk(1000))
                    await stream.WriteAsync(ActionWriter.Write(chunk), cancellationToken).ConfigureAwait(false);
            }

            Convert(lines, parquet);
            var size = new FileInfo(parquet).Length;
            await log.Storage.PutFileIfAbsentAsync(LogPath.Checkpoint(snapshot.Version), parquet, cancellationToken).ConfigureAwait(false);
            KillPoint.Reach(DeltaKillPoints.BeforeLastCheckpoint);
            var hint = string.Create(CultureInfo.InvariantCulture, $"{{\"version\":{snapshot.Version},\"size\":{count},\"sizeInBytes\":{size},\"numOfAddFiles\":{snapshot.FileCount}}}");
            await log.Storage.PutAsync(LogPath.LastCheckpoint, Encoding.UTF8.GetBytes(hint), cancellationToken).ConfigureAwait(false);
            if (VersionChecksum.Write(snapshot) is { } checksum) await log.Storage.PutIfAbsentAsync(LogPath.Checksum(snapshot.Version), checksum, cancellationToken).ConfigureAwait(false);
            if (kept.Count < tombstones.Count) log.ForgetTombstones(isExpired);
        }
        finally
        {
            File.Delete(lines);
            File.Delete(parquet);
        }
    }

    private static void Convert(string lines, string parquet)
    {
        using var connection = ParquetEngine.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            COPY (SELECT * FROM read_json({ParquetEngine.List([lines])}, format = 'newline_delimited', maximum_object_size = 268435456, columns = {"{"}
                txn: '{Txn}', "add": '{Add}', remove: '{Remove}', metaData: '{MetaData}', protocol: '{ProtocolRow}', domainMetadata: '{Domain}'{"}"}))
            TO {ParquetEngine.Quote(parquet)} (FORMAT parquet, COMPRESSION snappy)
            """;
        command.ExecuteNonQuery();
    }

    /// <summary>Whether no vacuum needs a tombstone any more: it is older than the table's retention.</summary>
    private static Func<RemoveFile, bool> IsExpired(Snapshot snapshot, DateTimeOffset now)
    {
        var oldest = (now - (Interval.Parse(Setting(snapshot, "delta.deletedFileRetentionDuration")) ?? DefaultRetention)).ToUnixTimeMilliseconds();
        return file => file.DeletionTimestamp < oldest;
    }

    private static string? Setting(Snapshot snapshot, string key) => snapshot.Metadata.Configuration.GetValueOrDefault(key);
}
