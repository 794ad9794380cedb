using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>The file <c>N.crc</c> beside a checkpoint: what the table is at that version, all its files too where they are few, as one JSON object.</summary>
/// <remarks>
/// A table that is compacted opens by it as fast after ten thousand commits as after ten. It is no more than a short way: whatever is wrong with it, the checkpoint is read.
/// Of another writer's, which may leave out all but the counts, only one with everything is taken. It is written with a checkpoint only, as nothing else asks for it.
/// Source: Delta transaction log protocol, "Version Checksum File".
/// </remarks>
internal static class VersionChecksum
{
    /// <summary>Files of a table at most. It is not compressed, and stays in the log as long as the checkpoint: a small part of what the commits themselves take.</summary>
    public const int MaxFiles = 200;

    /// <summary>Bytes of the checksum at most: files of many columns have long statistics.</summary>
    private const int MaxBytes = 256 * 1024;

    /// <summary>The file's content, or null where the version gets none.</summary>
    public static ReadOnlyMemory<byte>? Write(Snapshot snapshot)
    {
        if (snapshot.FileCount > MaxFiles || snapshot.State.TxnId is not { } id) return null;
        // Which transactions have run out by then is a matter of the clock: such a list would not be the same for all.
        if (snapshot.Metadata.Configuration.ContainsKey("delta.setTransactionRetentionDuration")) return null;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, ActionWriter.Options))
        {
            json.WriteStartObject();
            json.WriteString("txnId"u8, id);
            json.WriteNumber("tableSizeBytes"u8, snapshot.SizeBytes);
            json.WriteNumber("numFiles"u8, snapshot.FileCount);
            json.WriteNumber("numMetadata"u8, 1);
            json.WriteNumber("numProtocol"u8, 1);
            if (TableFeatures.UsesInCommitTimestamps(snapshot.Metadata) && snapshot.State.InCommitTimestamp is { } instant) json.WriteNumber("inCommitTimestampOpt"u8, instant);
            WriteItems("setTransactions"u8, snapshot.Transactions);
            WriteItems("domainMetadata"u8, snapshot.Domains);
            json.WritePropertyName("metadata"u8);
            ActionWriter.WriteFields(json, snapshot.Metadata);
            json.WritePropertyName("protocol"u8);
            ActionWriter.WriteFields(json, snapshot.Protocol);
            WriteItems("allFiles"u8, snapshot.Files.Select(static file => file with { DataChange = false }));
            json.WriteEndObject();

            void WriteItems(ReadOnlySpan<byte> name, IEnumerable<DeltaAction> actions)
            {
                json.WriteStartArray(name);
                foreach (var action in actions) ActionWriter.WriteFields(json, action);
                json.WriteEndArray();
            }
        }

        buffer.Write("\n"u8);
        return buffer.WrittenCount <= MaxBytes ? buffer.WrittenMemory : null;
    }

    /// <summary>The table at a version without what was removed from it, or null where the file is not there, has not all of it, or is of another commit of that number.</summary>
    public static async Task<TableState?> TryReadAsync(IStorage storage, TablePaths paths, long version, CancellationToken cancellationToken)
    {
        try
        {
            if (await storage.TryReadAsync(LogPath.Checksum(version), cancellationToken).ConfigureAwait(false) is not { } content || Read(content, paths) is not { TxnId: { } id } state) return null;
            var path = LogPath.Commit(version);
            if (await storage.TryReadAsync(path, cancellationToken).ConfigureAwait(false) is not { } commit || ActionReader.ReadInfo(commit, path) is not { } info) return null;
            return info.TxnId == id ? state with { InCommitTimestamp = info.InCommitTimestamp } : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or DeltaException or StorageException)
        {
            return null; // Cut, another writer's, or not to be read: it is not needed.
        }
    }

    private static TableState? Read(ReadOnlySpan<byte> content, TablePaths paths)
    {
        var json = new Utf8JsonReader(content);
        string? id = null;
        long? size = null, count = null;
        Metadata? metadata = null;
        Protocol? protocol = null;
        ImmutableArray<SetTransaction>? transactions = null;
        ImmutableArray<DomainMetadata>? domains = null;
        ImmutableArray<AddFile>? files = null;
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("txnId"u8)) id = ActionReader.Text(ref json);
            else if (json.ValueTextEquals("tableSizeBytes"u8)) size = ActionReader.Number(ref json);
            else if (json.ValueTextEquals("numFiles"u8)) count = ActionReader.Number(ref json);
            else if (json.ValueTextEquals("metadata"u8)) metadata = ActionReader.Inside(ref json) ? ActionReader.ReadMetadata(ref json) : null;
            else if (json.ValueTextEquals("protocol"u8)) protocol = ActionReader.Inside(ref json) ? ActionReader.ReadProtocol(ref json) : null;
            else if (json.ValueTextEquals("setTransactions"u8)) transactions = ActionReader.Items(ref json, ActionReader.ReadTransaction);
            else if (json.ValueTextEquals("domainMetadata"u8)) domains = ActionReader.Items(ref json, ActionReader.ReadDomain);
            else if (json.ValueTextEquals("allFiles"u8)) files = ActionReader.Items(ref json, ActionReader.ReadAdd);
            else ActionReader.SkipValue(ref json);
        }

        if (metadata is null || protocol is null || transactions is not { } allTransactions || domains is not { } allDomains || files is not { } allFiles) return null;
        var state = TableState.Empty.Apply([protocol, metadata, .. allTransactions, .. allDomains, .. allFiles.Select(paths.Locate)]);
        return state.Files.Count == count && state.SizeBytes == size ? state with { TxnId = id } : null;
    }
}
