using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Storage;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>What jobs that load batches ask of their run.</summary>
public static class JobContextLoading
{
    /// <summary>Settings of a consumer that Spark's Kafka source refuses, as it sets them itself. Source: Spark, "Structured Streaming + Kafka Integration Guide", Kafka Specific Configurations.</summary>
    private static readonly FrozenSet<string> SaidByTheJob = new[]
    {
        "auto.offset.reset", "enable.auto.commit", "key.deserializer", "value.deserializer", "key.serializer", "value.serializer", "interceptor.classes",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Counts a batch, and notes it and its table for result.json.</summary>
    public static void Loaded(this JobContext context, LoadedBatch batch, string table)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(batch);
        context.Counts.Add(batch.Read, batch.Written, batch.Quarantined, batch.Duplicate);
        context.Rejected.Add(batch.Rejections);
        var done = new RunBatch(batch.BatchId, batch.IsBad ? "quarantined" : "committed", new RunCounts(batch.Read, batch.Written, batch.Quarantined, batch.Duplicate, 0));
        context.Batches.Add(done);
        context.Monitor.BatchLoaded(done, context.Counts.ToRunCounts(), context.Rejected.ToRules(), [.. context.Warnings]);
        context.TableTouched(table, context.Lake.Table(table), batch.TableVersionBefore, batch.TableVersion);
    }

    /// <summary>Records the batches of a table whose runs died after their commit (<see cref="BatchHistory.AdoptAsync"/>), and says so.</summary>
    public static async Task AdoptAsync(this JobContext context, string table, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var adopted = await BatchHistory.AdoptAsync(context.Spark, context.Lake, table, cancellationToken).ConfigureAwait(false);
        foreach (var batch in adopted)
            context.Log.LogInformation("Batch '{Batch}' is recorded now: run '{Run}' committed its {Rows} rows to '{Table}' and died before it recorded them", batch.BatchId, batch.RunId, batch.RowsWritten, table);
    }

    /// <summary>Warns where a table is not the one that <c>batches</c> tells of (<see cref="BatchHistory.CompareAsync"/>).</summary>
    public static async Task CompareAsync(this JobContext context, string table, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (await BatchHistory.CompareAsync(context.Spark, context.Lake, table, cancellationToken).ConfigureAwait(false) is { } difference) context.Warn(difference);
    }

    /// <summary>Makes replayed rows of quarantine pending that the table has no more (<see cref="RepairedRows.Reopen"/>), and says so.</summary>
    /// <returns>Their number.</returns>
    public static long ReopenRepaired(this JobContext context, string table)
    {
        ArgumentNullException.ThrowIfNull(context);
        var reopened = RepairedRows.Reopen(context.Spark, context.Lake, table);
        foreach (var rows in reopened)
            context.Log.LogInformation("{Rows} repaired rows of quarantine are pending again: '{Table}' does not have the rows of batch '{Batch}' any more. 'pipeline quarantine replay' loads them", rows.Rows, table, rows.BatchId);
        return reopened.Sum(static rows => rows.Rows);
    }

    /// <summary>The rows of a table of the lake as it stands now.</summary>
    public static DataFrame ReadTable(this JobContext context, string table)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Spark.Read().Format("delta").Load(context.Lake.Table(table));
    }

    /// <summary>Whether the lake has this table.</summary>
    public static bool HasTable(this JobContext context, string table)
    {
        ArgumentNullException.ThrowIfNull(context);
        return DeltaTable.IsDeltaTable(context.Spark, context.Lake.Table(table));
    }

    /// <summary>Kafka's own keys of this run (<see cref="JobSettings.Kafka"/>) as options of Spark's Kafka source, <c>kafka.</c> before each key. Holds secrets.</summary>
    /// <remarks>Keys for other tools, and those that say what the job says itself (where to begin, how to read bytes), are left out with a warning, so that a file of other consumers can be given as it is.</remarks>
    public static IReadOnlyDictionary<string, string> KafkaOptions(this JobContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var keys = context.Settings.Kafka;
        var others = keys.Keys.Where(KafkaClientProperties.IsForOtherTools).Order(StringComparer.Ordinal).ToList();
        if (others.Count > 0) context.Warn($"The Kafka settings have {Quoted(others)}, which no Kafka client knows: left out.");
        var own = keys.Keys.Where(SaidByTheJob.Contains).Order(StringComparer.Ordinal).ToList();
        if (own.Count > 0) context.Warn($"The Kafka settings have {Quoted(own)}, which the job says itself: left out. Where a new checkpoint begins is said by --starting-offsets.");
        return keys.Where(entry => !others.Contains(entry.Key) && !own.Contains(entry.Key)).ToDictionary(static entry => "kafka." + entry.Key, static entry => entry.Value, StringComparer.Ordinal);
    }

    /// <summary>The store at a path or URI, reached as the lake is.</summary>
    public static IStorage StorageFor(this JobContext context, string uri)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Lake.StorageFor(uri);
    }

    private static string Quoted(IEnumerable<string> keys) => string.Join(", ", keys.Select(static key => $"'{key}'"));
}
