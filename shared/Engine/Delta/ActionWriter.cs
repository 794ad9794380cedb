using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipeline.Engine.Delta;

/// <summary>Writes actions as the lines of a commit file.</summary>
internal static class ActionWriter
{
    internal static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static ReadOnlyMemory<byte> Write(IEnumerable<DeltaAction> actions)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, Options);
        foreach (var action in actions)
        {
            Write(json, action);
            json.Flush();
            json.Reset();
            buffer.Write("\n"u8);
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, DeltaAction action)
    {
        json.WriteStartObject();
        json.WritePropertyName(action switch
        {
            AddFile => "add"u8,
            RemoveFile => "remove"u8,
            CommitInfo => "commitInfo"u8,
            Metadata => "metaData"u8,
            Protocol => "protocol"u8,
            SetTransaction => "txn"u8,
            DomainMetadata => "domainMetadata"u8,
            CdcFile => "cdc"u8,
            _ => throw new ArgumentException($"An action of the kind '{action.GetType().Name}' is never written here.", nameof(action)),
        });
        WriteFields(json, action);
        json.WriteEndObject();
    }

    /// <summary>The action as an object, without its kind's name.</summary>
    public static void WriteFields(Utf8JsonWriter json, DeltaAction action)
    {
        json.WriteStartObject();
        switch (action)
        {
            case AddFile add: WriteAdd(json, add); break;
            case RemoveFile remove: WriteRemove(json, remove); break;
            case CommitInfo info: WriteInfo(json, info); break;
            case Metadata metadata: WriteMetadata(json, metadata); break;
            case Protocol protocol: WriteProtocol(json, protocol); break;
            case SetTransaction txn:
                json.WriteString("appId"u8, txn.AppId);
                json.WriteNumber("version"u8, txn.Version);
                if (txn.LastUpdated is { } updated) json.WriteNumber("lastUpdated"u8, updated);
                break;
            case CdcFile cdc:
                json.WriteString("path"u8, cdc.Path);
                WriteTexts(json, "partitionValues"u8, cdc.PartitionValues);
                json.WriteNumber("size"u8, cdc.SizeBytes);
                json.WriteBoolean("dataChange"u8, false);
                break;
            case DomainMetadata domain:
                json.WriteString("domain"u8, domain.Domain);
                json.WriteString("configuration"u8, domain.Configuration);
                json.WriteBoolean("removed"u8, domain.Removed);
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteAdd(Utf8JsonWriter json, AddFile add)
    {
        json.WriteString("path"u8, add.Path);
        WriteTexts(json, "partitionValues"u8, add.PartitionValues);
        json.WriteNumber("size"u8, add.SizeBytes);
        json.WriteNumber("modificationTime"u8, add.ModificationTime);
        json.WriteBoolean("dataChange"u8, add.DataChange);
        if (add.Stats is not null) json.WriteString("stats"u8, add.Stats);
        if (add.Tags is not null) WriteTexts(json, "tags"u8, add.Tags);
        WriteVector(json, add.DeletionVector);
        WriteRowIds(json, add.BaseRowId, add.DefaultRowCommitVersion);
        if (add.ClusteringProvider is not null) json.WriteString("clusteringProvider"u8, add.ClusteringProvider);
    }

    private static void WriteRemove(Utf8JsonWriter json, RemoveFile remove)
    {
        json.WriteString("path"u8, remove.Path);
        if (remove.DeletionTimestamp is { } deleted) json.WriteNumber("deletionTimestamp"u8, deleted);
        json.WriteBoolean("dataChange"u8, remove.DataChange);
        json.WriteBoolean("extendedFileMetadata"u8, remove.ExtendedFileMetadata);
        if (remove.PartitionValues is not null) WriteTexts(json, "partitionValues"u8, remove.PartitionValues);
        if (remove.SizeBytes is { } size) json.WriteNumber("size"u8, size);
        WriteVector(json, remove.DeletionVector);
        WriteRowIds(json, remove.BaseRowId, remove.DefaultRowCommitVersion);
    }

    private static void WriteRowIds(Utf8JsonWriter json, long? baseRowId, long? commitVersion)
    {
        if (baseRowId is { } first) json.WriteNumber("baseRowId"u8, first);
        if (commitVersion is { } version) json.WriteNumber("defaultRowCommitVersion"u8, version);
    }

    private static void WriteVector(Utf8JsonWriter json, DeletionVector? vector)
    {
        if (vector is null) return;
        json.WriteStartObject("deletionVector"u8);
        json.WriteString("storageType"u8, vector.StorageType);
        json.WriteString("pathOrInlineDv"u8, vector.PathOrInlineDv);
        if (vector.Offset is { } offset) json.WriteNumber("offset"u8, offset);
        json.WriteNumber("sizeInBytes"u8, vector.SizeInBytes);
        json.WriteNumber("cardinality"u8, vector.Cardinality);
        json.WriteEndObject();
    }

    private static void WriteInfo(Utf8JsonWriter json, CommitInfo info)
    {
        if (info.InCommitTimestamp is { } instant) json.WriteNumber("inCommitTimestamp"u8, instant);
        json.WriteNumber("timestamp"u8, info.Timestamp);
        if (info.Operation is not null) json.WriteString("operation"u8, info.Operation);
        WriteTexts(json, "operationParameters"u8, info.OperationParameters);
        if (info.ReadVersion is { } read) json.WriteNumber("readVersion"u8, read);
        if (info.IsolationLevel is not null) json.WriteString("isolationLevel"u8, info.IsolationLevel);
        if (info.IsBlindAppend is { } blind) json.WriteBoolean("isBlindAppend"u8, blind);
        WriteTexts(json, "operationMetrics"u8, info.OperationMetrics);
        if (info.UserMetadata is not null) json.WriteString("userMetadata"u8, info.UserMetadata);
        if (info.EngineInfo is not null) json.WriteString("engineInfo"u8, info.EngineInfo);
        if (info.TxnId is not null) json.WriteString("txnId"u8, info.TxnId);
    }

    private static void WriteMetadata(Utf8JsonWriter json, Metadata metadata)
    {
        json.WriteString("id"u8, metadata.Id);
        if (metadata.Name is not null) json.WriteString("name"u8, metadata.Name);
        if (metadata.Description is not null) json.WriteString("description"u8, metadata.Description);
        json.WriteStartObject("format"u8);
        json.WriteString("provider"u8, metadata.Provider);
        WriteTexts(json, "options"u8, metadata.FormatOptions);
        json.WriteEndObject();
        json.WriteString("schemaString"u8, metadata.SchemaString);
        WriteNames(json, "partitionColumns"u8, metadata.PartitionColumns);
        WriteTexts(json, "configuration"u8, metadata.Configuration);
        if (metadata.CreatedTime is { } created) json.WriteNumber("createdTime"u8, created);
    }

    private static void WriteProtocol(Utf8JsonWriter json, Protocol protocol)
    {
        json.WriteNumber("minReaderVersion"u8, protocol.MinReaderVersion);
        json.WriteNumber("minWriterVersion"u8, protocol.MinWriterVersion);
        if (protocol.MinReaderVersion >= 3) WriteNames(json, "readerFeatures"u8, protocol.ReaderFeatures);
        if (protocol.MinWriterVersion >= 7) WriteNames(json, "writerFeatures"u8, protocol.WriterFeatures);
    }

    private static void WriteNames(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableArray<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void WriteTexts<T>(Utf8JsonWriter json, ReadOnlySpan<byte> name, ImmutableSortedDictionary<string, T> values) where T : class?
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values) json.WriteString(key, value as string);
        json.WriteEndObject();
    }
}
