using System.Collections.Immutable;
using System.Text.Json;

namespace Pipeline.Engine.Delta;

/// <summary>Reads the lines of commit files, and the same JSON made of a checkpoint's rows.</summary>
/// <remarks>Fields that are not known are passed over, as the protocol asks; kinds of action that are not known are too, for a table that needs them says so in its protocol.</remarks>
internal static class ActionReader
{
    /// <summary>Reads a value whose first token was read.</summary>
    internal delegate T ReadItem<out T>(ref Utf8JsonReader json);

    /// <summary>All actions of a commit file.</summary>
    /// <param name="content">The file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="DeltaException">The file is empty or cut, or a line is not an action.</exception>
    public static List<DeltaAction> ReadCommit(ReadOnlySpan<byte> content, string file)
    {
        var actions = new List<DeltaAction>();
        var line = 0;
        while (content.Length > 0)
        {
            line++;
            var end = content.IndexOf((byte)'\n');
            var text = end < 0 ? content : content[..end];
            content = end < 0 ? [] : content[(end + 1)..];
            if (text.Trim(" \r\t"u8).IsEmpty) continue;
            if (ReadLine(text, file, line) is { } action) actions.Add(action);
        }

        return line > 0 ? actions : throw Corrupt(file, "it is empty", null);
    }

    /// <summary>What a commit file says of its commit, which stands in its first line; null where it does not.</summary>
    public static CommitInfo? ReadInfo(ReadOnlySpan<byte> content, string file) =>
        ReadLine(content.IndexOf((byte)'\n') is var end && end < 0 ? content : content[..end], file, 1) as CommitInfo;

    /// <summary>One action, or null for a kind that is not known.</summary>
    public static DeltaAction? ReadLine(ReadOnlySpan<byte> text, string file, int line)
    {
        try
        {
            var json = new Utf8JsonReader(text);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw Corrupt(file, $"line {line} is not a JSON object", null);
            DeltaAction? action = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                if (json.ValueTextEquals("add"u8)) action = Inside(ref json) ? ReadAdd(ref json) : action;
                else if (json.ValueTextEquals("remove"u8)) action = Inside(ref json) ? ReadRemove(ref json) : action;
                else if (json.ValueTextEquals("commitInfo"u8)) action = Inside(ref json) ? ReadInfo(ref json) : action;
                else if (json.ValueTextEquals("txn"u8)) action = Inside(ref json) ? ReadTransaction(ref json) : action;
                else if (json.ValueTextEquals("metaData"u8)) action = Inside(ref json) ? ReadMetadata(ref json) : action;
                else if (json.ValueTextEquals("protocol"u8)) action = Inside(ref json) ? ReadProtocol(ref json) : action;
                else if (json.ValueTextEquals("domainMetadata"u8)) action = Inside(ref json) ? ReadDomain(ref json) : action;
                else if (json.ValueTextEquals("cdc"u8)) action = Inside(ref json) ? ReadCdc(ref json) : action;
                else if (json.ValueTextEquals("sidecar"u8)) action = Inside(ref json) ? ReadSidecar(ref json) : action;
                else SkipValue(ref json);
            }

            if (json.TokenType != JsonTokenType.EndObject || json.Read()) throw Corrupt(file, $"line {line} is not one JSON object", null);
            return action;
        }
        catch (JsonException error)
        {
            throw Corrupt(file, $"line {line} is cut or is not JSON ({error.Message.TrimEnd('.')})", error);
        }
        catch (InvalidOperationException error)
        {
            throw Corrupt(file, $"line {line} has a value of the wrong type ({error.Message.TrimEnd('.')})", error);
        }
        catch (FormatException error)
        {
            throw Corrupt(file, $"in line {line} {error.Message.TrimEnd('.')}", error);
        }
    }

    /// <summary>A map of texts, or null for JSON's null.</summary>
    public static ImmutableSortedDictionary<string, string?>? ReadTexts(ReadOnlySpan<byte> text)
    {
        var json = new Utf8JsonReader(text);
        return Texts(ref json);
    }

    /// <summary>A deletion vector, or null for JSON's null.</summary>
    public static DeletionVector? ReadVector(ReadOnlySpan<byte> text)
    {
        var json = new Utf8JsonReader(text);
        return Inside(ref json) ? ReadVector(ref json) : null;
    }

    private static DeltaException Corrupt(string file, string what, Exception? error) => new(
        DeltaErrorKind.CorruptLog,
        $"Cannot read the log file '{file}': {what}. The file was cut or changed by something other than a Delta writer; put it back from a copy, or restore the table.",
        error);

    internal static bool Inside(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType switch
        {
            JsonTokenType.StartObject => true,
            JsonTokenType.Null => false,
            _ => throw new FormatException($"an action should be an object and is a {json.TokenType}"),
        };
    }

    internal static void SkipValue(ref Utf8JsonReader json)
    {
        json.Read();
        json.Skip();
    }

    private static T Require<T>(T? value, string action, string field) where T : class =>
        value ?? throw new FormatException($"the action '{action}' lacks '{field}'");

    private static T Require<T>(T? value, string action, string field) where T : struct =>
        value ?? throw new FormatException($"the action '{action}' lacks '{field}'");

    internal static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString();
    }

    internal static long? Number(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : json.GetInt64();
    }

    private static bool? Flag(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType == JsonTokenType.Null ? null : json.GetBoolean();
    }

    /// <summary>A map of texts; other values (some writers' parameters) are kept as their JSON.</summary>
    private static ImmutableSortedDictionary<string, string?>? Texts(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType != JsonTokenType.StartObject) throw new FormatException($"a map should be an object and is a {json.TokenType}");
        ImmutableSortedDictionary<string, string?>.Builder? values = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            values ??= ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
            values[key] = json.TokenType is JsonTokenType.String or JsonTokenType.Null ? json.GetString() : JsonElement.ParseValue(ref json).GetRawText();
        }

        return values?.ToImmutable() ?? NoTexts;
    }

    internal static readonly ImmutableSortedDictionary<string, string?> NoTexts = ImmutableSortedDictionary<string, string?>.Empty.WithComparers(StringComparer.Ordinal);
    private static readonly ImmutableSortedDictionary<string, string> NoWords = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, string> Words(ref Utf8JsonReader json) =>
        Texts(ref json) is { } texts ? Present(texts) : NoWords;

    private static ImmutableSortedDictionary<string, string> Present(ImmutableSortedDictionary<string, string?> texts) =>
        texts.Where(static entry => entry.Value is not null).ToImmutableSortedDictionary(static entry => entry.Key, static entry => entry.Value!, StringComparer.Ordinal);

    private static ImmutableArray<string> Names(ref Utf8JsonReader json) => Items(ref json, static (ref item) => item.GetString()!) ?? [];

    /// <summary>What stands in an array, each item read from its first token on; null for JSON's null.</summary>
    internal static ImmutableArray<T>? Items<T>(ref Utf8JsonReader json, ReadItem<T> read)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null) return null;
        if (json.TokenType != JsonTokenType.StartArray) throw new FormatException($"a list should be an array and is a {json.TokenType}");
        var items = ImmutableArray.CreateBuilder<T>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) items.Add(read(ref json));
        return items.ToImmutable();
    }

    internal static AddFile ReadAdd(ref Utf8JsonReader json)
    {
        string? path = null, stats = null, clustering = null;
        long? size = null, modified = null, rowId = null, rowVersion = null;
        bool? dataChange = null;
        ImmutableSortedDictionary<string, string?>? partitions = null, tags = null;
        DeletionVector? vector = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("path"u8)) path = Text(ref json);
            else if (json.ValueTextEquals("partitionValues"u8)) partitions = Texts(ref json);
            else if (json.ValueTextEquals("size"u8)) size = Number(ref json);
            else if (json.ValueTextEquals("modificationTime"u8)) modified = Number(ref json);
            else if (json.ValueTextEquals("dataChange"u8)) dataChange = Flag(ref json);
            else if (json.ValueTextEquals("stats"u8)) stats = Text(ref json);
            else if (json.ValueTextEquals("tags"u8)) tags = Texts(ref json);
            else if (json.ValueTextEquals("deletionVector"u8)) vector = Inside(ref json) ? ReadVector(ref json) : null;
            else if (json.ValueTextEquals("baseRowId"u8)) rowId = Number(ref json);
            else if (json.ValueTextEquals("defaultRowCommitVersion"u8)) rowVersion = Number(ref json);
            else if (json.ValueTextEquals("clusteringProvider"u8)) clustering = Text(ref json);
            else SkipValue(ref json);
        }

        return new AddFile(Require(path, "add", "path"), partitions ?? NoTexts, Require(size, "add", "size"), modified ?? 0, dataChange ?? true)
        {
            Stats = stats,
            Tags = tags,
            DeletionVector = vector,
            BaseRowId = rowId,
            DefaultRowCommitVersion = rowVersion,
            ClusteringProvider = clustering,
        };
    }

    private static RemoveFile ReadRemove(ref Utf8JsonReader json)
    {
        string? path = null;
        long? deleted = null, size = null, rowId = null, rowVersion = null;
        bool? dataChange = null, extended = null;
        ImmutableSortedDictionary<string, string?>? partitions = null;
        DeletionVector? vector = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("path"u8)) path = Text(ref json);
            else if (json.ValueTextEquals("deletionTimestamp"u8)) deleted = Number(ref json);
            else if (json.ValueTextEquals("dataChange"u8)) dataChange = Flag(ref json);
            else if (json.ValueTextEquals("extendedFileMetadata"u8)) extended = Flag(ref json);
            else if (json.ValueTextEquals("partitionValues"u8)) partitions = Texts(ref json);
            else if (json.ValueTextEquals("size"u8)) size = Number(ref json);
            else if (json.ValueTextEquals("deletionVector"u8)) vector = Inside(ref json) ? ReadVector(ref json) : null;
            else if (json.ValueTextEquals("baseRowId"u8)) rowId = Number(ref json);
            else if (json.ValueTextEquals("defaultRowCommitVersion"u8)) rowVersion = Number(ref json);
            else SkipValue(ref json);
        }

        return new RemoveFile(Require(path, "remove", "path"), deleted, dataChange ?? true)
        {
            ExtendedFileMetadata = extended ?? false,
            PartitionValues = partitions,
            SizeBytes = size,
            DeletionVector = vector,
            BaseRowId = rowId,
            DefaultRowCommitVersion = rowVersion,
        };
    }

    private static DeletionVector ReadVector(ref Utf8JsonReader json)
    {
        string? type = null, place = null;
        long? offset = null, size = null, cardinality = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("storageType"u8)) type = Text(ref json);
            else if (json.ValueTextEquals("pathOrInlineDv"u8)) place = Text(ref json);
            else if (json.ValueTextEquals("offset"u8)) offset = Number(ref json);
            else if (json.ValueTextEquals("sizeInBytes"u8)) size = Number(ref json);
            else if (json.ValueTextEquals("cardinality"u8)) cardinality = Number(ref json);
            else SkipValue(ref json);
        }

        return new DeletionVector(Require(type, "deletionVector", "storageType"), Require(place, "deletionVector", "pathOrInlineDv"), (int?)offset, (int)(size ?? 0), cardinality ?? 0);
    }

    private static CommitInfo ReadInfo(ref Utf8JsonReader json)
    {
        var info = new CommitInfo();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("timestamp"u8)) info = info with { Timestamp = Number(ref json) ?? 0 };
            else if (json.ValueTextEquals("inCommitTimestamp"u8)) info = info with { InCommitTimestamp = Number(ref json) };
            else if (json.ValueTextEquals("operation"u8)) info = info with { Operation = Text(ref json) };
            else if (json.ValueTextEquals("operationParameters"u8)) info = info with { OperationParameters = Words(ref json) };
            else if (json.ValueTextEquals("operationMetrics"u8)) info = info with { OperationMetrics = Words(ref json) };
            else if (json.ValueTextEquals("readVersion"u8)) info = info with { ReadVersion = Number(ref json) };
            else if (json.ValueTextEquals("isolationLevel"u8)) info = info with { IsolationLevel = Text(ref json) };
            else if (json.ValueTextEquals("isBlindAppend"u8)) info = info with { IsBlindAppend = Flag(ref json) };
            else if (json.ValueTextEquals("engineInfo"u8)) info = info with { EngineInfo = Text(ref json) };
            else if (json.ValueTextEquals("txnId"u8)) info = info with { TxnId = Text(ref json) };
            else if (json.ValueTextEquals("userMetadata"u8)) info = info with { UserMetadata = Text(ref json) };
            else if (json.ValueTextEquals("userId"u8)) info = info with { UserId = Text(ref json) };
            else if (json.ValueTextEquals("userName"u8)) info = info with { UserName = Text(ref json) };
            else if (json.ValueTextEquals("job"u8)) info = info with { Job = Texts(ref json) is { } job ? Present(job) : null };
            else if (json.ValueTextEquals("notebook"u8)) info = info with { NotebookId = Texts(ref json)?.GetValueOrDefault("notebookId") };
            else if (json.ValueTextEquals("clusterId"u8)) info = info with { ClusterId = Text(ref json) };
            else SkipValue(ref json);
        }

        return info;
    }

    internal static SetTransaction ReadTransaction(ref Utf8JsonReader json)
    {
        string? appId = null;
        long? version = null, updated = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("appId"u8)) appId = Text(ref json);
            else if (json.ValueTextEquals("version"u8)) version = Number(ref json);
            else if (json.ValueTextEquals("lastUpdated"u8)) updated = Number(ref json);
            else SkipValue(ref json);
        }

        return new SetTransaction(Require(appId, "txn", "appId"), Require(version, "txn", "version"), updated);
    }

    internal static Metadata ReadMetadata(ref Utf8JsonReader json)
    {
        string? id = null, name = null, description = null, schema = null, provider = null;
        long? created = null;
        ImmutableArray<string> partitions = [];
        ImmutableSortedDictionary<string, string> configuration = NoWords, options = NoWords;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("id"u8)) id = Text(ref json);
            else if (json.ValueTextEquals("name"u8)) name = Text(ref json);
            else if (json.ValueTextEquals("description"u8)) description = Text(ref json);
            else if (json.ValueTextEquals("schemaString"u8)) schema = Text(ref json);
            else if (json.ValueTextEquals("partitionColumns"u8)) partitions = Names(ref json);
            else if (json.ValueTextEquals("configuration"u8)) configuration = Words(ref json);
            else if (json.ValueTextEquals("createdTime"u8)) created = Number(ref json);
            else if (json.ValueTextEquals("format"u8) && Inside(ref json))
            {
                while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
                {
                    if (json.ValueTextEquals("provider"u8)) provider = Text(ref json);
                    else if (json.ValueTextEquals("options"u8)) options = Words(ref json);
                    else SkipValue(ref json);
                }
            }
            else if (json.TokenType == JsonTokenType.PropertyName) SkipValue(ref json);
        }

        return new Metadata(Require(id, "metaData", "id"), schema ?? "", partitions, configuration)
        {
            Name = name,
            Description = description,
            CreatedTime = created,
            Provider = provider ?? "parquet",
            FormatOptions = options,
        };
    }

    internal static Protocol ReadProtocol(ref Utf8JsonReader json)
    {
        long? reader = null, writer = null;
        ImmutableArray<string> readerFeatures = [], writerFeatures = [];
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("minReaderVersion"u8)) reader = Number(ref json);
            else if (json.ValueTextEquals("minWriterVersion"u8)) writer = Number(ref json);
            else if (json.ValueTextEquals("readerFeatures"u8)) readerFeatures = Names(ref json);
            else if (json.ValueTextEquals("writerFeatures"u8)) writerFeatures = Names(ref json);
            else SkipValue(ref json);
        }

        return new Protocol((int)Require(reader, "protocol", "minReaderVersion"), (int)Require(writer, "protocol", "minWriterVersion")) { ReaderFeatures = readerFeatures, WriterFeatures = writerFeatures };
    }

    internal static DomainMetadata ReadDomain(ref Utf8JsonReader json)
    {
        string? domain = null, configuration = null;
        bool? removed = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("domain"u8)) domain = Text(ref json);
            else if (json.ValueTextEquals("configuration"u8)) configuration = Text(ref json);
            else if (json.ValueTextEquals("removed"u8)) removed = Flag(ref json);
            else SkipValue(ref json);
        }

        return new DomainMetadata(Require(domain, "domainMetadata", "domain"), configuration ?? "", removed ?? false);
    }

    private static CdcFile ReadCdc(ref Utf8JsonReader json)
    {
        string? path = null;
        long? size = null;
        ImmutableSortedDictionary<string, string?>? partitions = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("path"u8)) path = Text(ref json);
            else if (json.ValueTextEquals("partitionValues"u8)) partitions = Texts(ref json);
            else if (json.ValueTextEquals("size"u8)) size = Number(ref json);
            else SkipValue(ref json);
        }

        return new CdcFile(Require(path, "cdc", "path")) { PartitionValues = partitions ?? NoTexts, SizeBytes = size ?? 0 };
    }

    private static SidecarFile ReadSidecar(ref Utf8JsonReader json) => new(ReadPath(ref json, "sidecar"));

    private static string ReadPath(ref Utf8JsonReader json, string action)
    {
        string? path = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("path"u8)) path = Text(ref json);
            else SkipValue(ref json);
        }

        return Require(path, action, "path");
    }
}
