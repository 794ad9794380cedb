using System.Buffers;
using System.Text.Json;
using Pipeline.Lake.Storage;

namespace Pipeline.Lake.Delta;

/// <summary>The file <c>N.crc</c> beside a checkpoint: what the table is at that version, all its files too where they are few, as one JSON object.</summary>
/// <remarks>
/// A table that is put together opens by it as fast after ten thousand commits as after ten. It is no more than a short way: whatever is wrong with it, the checkpoint is read.
/// Of another writer's, which may leave out all but the counts, only one with everything is taken. Source: Delta transaction log protocol, "Version Checksum File".
/// </remarks>
internal static class VersionChecksum
{
    /// <summary>Files of a table at most: from some more on, the checkpoint's Parquet is the faster to read.</summary>
    public const int MaxFiles = 200;

    private delegate T ReadItem<out T>(ref Utf8JsonReader json);

    /// <summary>The file's content, or null where the version gets none.</summary>
    public static ReadOnlyMemory<byte>? Write(Snapshot snapshot)
    {
        if (snapshot.FileCount > MaxFiles || snapshot.State.TxnId is not { } id) return null;
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, ActionWriter.Options))
        {
            json.WriteStartObject();
            json.WriteString("txnId"u8, id);
            json.WriteNumber("tableSizeBytes"u8, snapshot.SizeBytes);
            json.WriteNumber("numFiles"u8, snapshot.FileCount);
            json.WriteNumber("numMetadata"u8, 1);
            json.WriteNumber("numProtocol"u8, 1);
            if (snapshot.State.InCommitTimestamp is { } instant) json.WriteNumber("inCommitTimestampOpt"u8, instant);
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
        return buffer.WrittenMemory;
    }

    /// <summary>The table at a version without what was removed from it, or null where the file is not there, has not all of it, or is of another commit of that number.</summary>
    public static async Task<TableState?> TryReadAsync(IStorage storage, long version, CancellationToken cancellationToken)
    {
        if (await storage.TryReadAsync(LogPath.Checksum(version), cancellationToken).ConfigureAwait(false) is not { } content) return null;
        var path = LogPath.Commit(version);
        if (await storage.TryReadAsync(path, cancellationToken).ConfigureAwait(false) is not { } commit) return null;
        try
        {
            return Read(content, ActionReader.ReadInfo(commit, path));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or DeltaException)
        {
            return null; // Cut, or another writer's: it is not needed.
        }
    }

    private static TableState? Read(ReadOnlySpan<byte> content, CommitInfo? commit)
    {
        var json = new Utf8JsonReader(content);
        string? id = null;
        long? size = null, count = null;
        Metadata? metadata = null;
        Protocol? protocol = null;
        List<SetTransaction>? transactions = null;
        List<DomainMetadata>? domains = null;
        List<AddFile>? files = null;
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("txnId"u8)) id = ActionReader.Text(ref json);
            else if (json.ValueTextEquals("tableSizeBytes"u8)) size = ActionReader.Number(ref json);
            else if (json.ValueTextEquals("numFiles"u8)) count = ActionReader.Number(ref json);
            else if (json.ValueTextEquals("metadata"u8)) metadata = ActionReader.Inside(ref json) ? ActionReader.ReadMetadata(ref json) : null;
            else if (json.ValueTextEquals("protocol"u8)) protocol = ActionReader.Inside(ref json) ? ActionReader.ReadProtocol(ref json) : null;
            else if (json.ValueTextEquals("setTransactions"u8)) transactions = Items(ref json, ActionReader.ReadTransaction);
            else if (json.ValueTextEquals("domainMetadata"u8)) domains = Items(ref json, ActionReader.ReadDomain);
            else if (json.ValueTextEquals("allFiles"u8)) files = Items(ref json, ActionReader.ReadAdd);
            else ActionReader.SkipValue(ref json);
        }

        if (id is null || id != commit?.TxnId || metadata is null || protocol is null || transactions is null || domains is null || files is null) return null;
        var state = TableState.Empty.Apply([commit, protocol, metadata, .. transactions, .. domains, .. files]);
        return state.Files.Count == count && state.SizeBytes == size ? state : null;
    }

    private static List<T>? Items<T>(ref Utf8JsonReader json, ReadItem<T> read)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType != JsonTokenType.StartArray) throw new FormatException($"a list should be an array and is a {json.TokenType}");
        var items = new List<T>();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject) items.Add(read(ref json));
        return items;
    }
}
