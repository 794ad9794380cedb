using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded.Streaming;

/// <summary>Checks a streaming query, takes its checkpoint and starts it.</summary>
internal static class StreamStarter
{
    private const int DefaultBatchesKept = 100;

    /// <exception cref="CheckpointInUseException">Another run has the checkpoint.</exception>
    /// <exception cref="EngineException">The query, its trigger or sink is not supported, or the checkpoint is broken; nothing runs.</exception>
    public static IStreamingRun Start(SessionContext session, StreamSpec spec, Func<SessionContext, IEngine> engineOf)
    {
        var reads = session.Reads(spec.Sql);
        var sources = reads.Where(name => session.Stream(name) is not null).Order(StringComparer.Ordinal).ToList();
        Check(session, spec, sources);
        var folder = EngineErrors.Run(() => StorageFactory.For(Location(session, spec), session.Database.Storage with { IsPrivate = true }));
        var runId = Guid.NewGuid();
        var checkpoint = EngineErrors.Wait(Checkpoint.OpenAsync(folder, sources.Count, BatchesKept(session), runId, CancellationToken.None));
        SessionContext? child = null;
        var readers = new List<IStreamReader>();
        try
        {
            readers.AddRange(sources.Select(name => session.Stream(name)!.Start()));
            CheckOffsets(checkpoint, readers);
            child = Child(session, spec.Sql, sources);
            return new MicroBatchRun(child, engineOf(child), spec, checkpoint, [.. sources.Zip(readers, (name, reader) => new RunningSource(name, session.Stream(name)!.Schema, reader))], runId);
        }
        catch
        {
            foreach (var reader in readers) reader.Dispose();
            child?.Dispose();
            EngineErrors.Wait(checkpoint.DisposeAsync().AsTask());
            throw;
        }
    }

    private static void Check(SessionContext session, StreamSpec spec, List<string> sources)
    {
        if (sources.Count == 0) throw Unsupported("The query reads no stream. Begin it with ReadStream(), or run it by Write().");
        if (spec.Trigger.Kind is not ("processingTime" or "once" or "availableNow")) throw Unsupported($"The trigger '{spec.Trigger.Kind}' is not supported by the embedded engine; use processingTime, availableNow or once.");
        if (spec.OutputMode == "complete") throw Unsupported("The output mode complete needs an aggregation over the stream, which the embedded engine does not keep. Use append, and aggregate the table that the stream fills.");
        if (spec.ForeachBatch is null && spec.Sink?.Format is not ("delta" or "noop"))
            throw Unsupported($"The embedded engine streams to delta or to ForeachBatch; '{spec.Sink?.Format}' is not supported. Write within ForeachBatch.");
        using var lease = session.Connections.Rent();
        StatefulOperators.Refuse(lease.Connection, spec.Sql, sources.ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    private static string Location(SessionContext session, StreamSpec spec)
    {
        if (spec.CheckpointLocation is { Length: > 0 } location) return location;
        if (session.Conf.TryGetValue("spark.sql.streaming.checkpointLocation", out var root) && spec.QueryName is { Length: > 0 } name) return $"{root.TrimEnd('/')}/{name}";
        throw new EngineException("A stream needs a place for its offsets: set the option checkpointLocation to a folder of its own.") { ErrorClass = "CHECKPOINT_LOCATION_MISSING", SqlState = "42K03" };
    }

    private static int BatchesKept(SessionContext session) =>
        session.Conf.TryGetValue("spark.sql.streaming.minBatchesToRetain", out var text) && int.TryParse(text, out var kept) && kept > 0 ? kept : DefaultBatchesKept;

    private static void CheckOffsets(Checkpoint checkpoint, List<IStreamReader> readers)
    {
        foreach (var (batch, before) in new[] { (checkpoint.BeforeLast, null), (checkpoint.LastPlanned, checkpoint.BeforeLast) })
        {
            if (batch is null) continue;
            for (var i = 0; i < readers.Count; i++)
            {
                try
                {
                    readers[i].Check(batch.Offsets[i], batch.IsLossAccepted ? null : before?.Offsets[i]);
                }
                catch (FormatException error)
                {
                    throw checkpoint.Broken(batch.Number, error.Message.TrimEnd('.'));
                }
            }
        }
    }

    /// <summary>A session whose streams are tables of the current batch; views over streams are made again there, over those.</summary>
    private static SessionContext Child(SessionContext session, string sql, List<string> sources)
    {
        var schema = SessionContext.NewName("stream_run");
        session.Execute($"CREATE SCHEMA {DuckDbTypes.Quote(schema)}");
        var child = new SessionContext(session.Database, schema, session.Conf, ownsDatabase: false) { Parent = session };
        foreach (var name in sources) child.Execute($"CREATE TABLE {child.Qualified(name)} AS FROM {session.Qualified(name)}");
        var made = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        void Make(string view, string text)
        {
            if (!made.Add(view)) return;
            foreach (var name in session.Database.TableNames(text))
                if (session.ViewText(name) is { } deeper && session.Reads(deeper).Overlaps(sources)) Make(name, deeper);
            child.Execute($"CREATE VIEW {child.Qualified(view)} AS {text}");
        }
        foreach (var name in session.Reads(sql))
            if (session.ViewText(name) is { } text && session.Reads(text).Overlaps(sources)) Make(name, text);
        child.UseUpkeep();
        return child;
    }

    private static EngineException Unsupported(string message) => new(message) { ErrorClass = "STREAMING_OPERATION_NOT_SUPPORTED", SqlState = "0A000" };
}

/// <summary>A source of a running query.</summary>
/// <param name="Table">The table that holds the batch's rows.</param>
/// <param name="Schema">Its columns.</param>
/// <param name="Reader">Where the rows come from.</param>
internal sealed record RunningSource(string Table, Pipeline.Engine.Types.StructType Schema, IStreamReader Reader);
