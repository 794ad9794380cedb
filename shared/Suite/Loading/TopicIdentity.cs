using System.Text.Json;
using Microsoft.Extensions.Logging;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Loading;

/// <summary>The id that Kafka gave a topic, kept beside a checkpoint, so that a topic which was deleted and created again is told from the one that was read.</summary>
/// <remarks>
/// Offsets alone do not tell: where the new topic has more messages than were read of the old one, those before the checkpoint's offsets would be left out without a word.
/// The file <c>topic.json</c> lies in the checkpoint's folder; Structured Streaming does not look at it.
/// </remarks>
/// <param name="context">The run.</param>
/// <param name="checkpoint">The checkpoint, for messages.</param>
/// <param name="topic">The topic.</param>
public sealed class TopicIdentity(ILoadingRun context, string checkpoint, string topic)
{
    /// <summary>The file's name.</summary>
    public const string FileName = "topic.json";

    private static readonly TimeSpan FirstContact = TimeSpan.FromSeconds(8);

    /// <summary>Compares the topic's id with the one that the checkpoint has, and keeps it.</summary>
    /// <param name="servers">The brokers.</param>
    /// <param name="failsOnDataLoss">Whether another topic of the same name is refused; else it is a warning, and the new id is kept.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="DataException">The topic was deleted and created again, or the file is not one of these.</exception>
    /// <exception cref="KafkaConnectionException">No broker can be talked to (on the embedded engine; Spark's own client says so itself).</exception>
    public async Task CheckAsync(string servers, bool failsOnDataLoss, CancellationToken cancellationToken)
    {
        if (await FindAsync(servers, cancellationToken) is not { } id) return;
        var storage = context.Lake.StorageFor(checkpoint);
        var known = await storage.TryReadAsync(FileName, cancellationToken) is { } content ? Parse(content) : null;
        if (known == id) return;
        if (known is not null)
        {
            var what = $"The topic '{topic}' was deleted and created again since the checkpoint '{checkpoint}' was written (its id was {known} and is {id}).";
            if (failsOnDataLoss)
            {
                throw new DataException(
                    $"{what} The checkpoint's offsets are those of the old topic: messages of the new one before them would be left out. Nothing was read. " +
                    "To read the new topic from its start, give a new --checkpoint: rows that the table has count as duplicates. To go on from the checkpoint's offsets, give --fail-on-data-loss false.");
            }
            context.Warn($"{what} The run goes on from the checkpoint's offsets, as --fail-on-data-loss is false: where the new topic has more messages than were read of the old one, those before the offsets are not read. A new --checkpoint reads them all.");
        }
        await storage.PutAsync(FileName, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["topic"] = topic, ["id"] = id }), cancellationToken);
    }

    private async Task<string?> FindAsync(string servers, CancellationToken cancellationToken)
    {
        try
        {
            var keys = new Dictionary<string, string>(context.Kafka, StringComparer.Ordinal) { ["bootstrap.servers"] = servers };
            var properties = KafkaClientProperties.Of(keys, "the settings of Kafka");
            await BrokerContact.VerifyAsync(properties, FirstContact, cancellationToken);
            return await TopicAdmin.FindIdAsync(properties, topic, cancellationToken);
        }
        catch (Exception error) when (error is KafkaConnectionException or KafkaSettingsException && context.Spark.Engine.Name == "spark")
        {
            // Spark's own client may take settings that this one does not.
            context.Log.LogInformation("The id of the topic '{Topic}' cannot be looked up, so that a topic that was created again is not noticed: {Reason}", topic, error.Message);
            return null;
        }
    }

    private string Parse(byte[] content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            if (document.RootElement.GetProperty("id").GetString() is { Length: > 0 } id) return id;
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Broken(error);
        }
        throw Broken(null);
    }

    private DataException Broken(Exception? inner) =>
        new($"Cannot go on from the checkpoint '{checkpoint}': its file '{FileName}' does not hold a topic's id as {{\"topic\":\"…\",\"id\":\"…\"}}. Put the file back from a copy, or delete it if the topic was not created again since.", inner);
}
