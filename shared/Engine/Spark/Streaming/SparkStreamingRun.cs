using System.Diagnostics;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Gateway.Wire;
using Pipeline.Engine.Spark.Session;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Streaming;

/// <summary>A streaming query that runs in the JVM. Thread-safe: each call leases a connection.</summary>
internal sealed class SparkStreamingRun : IStreamingRun
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);

    private readonly SparkRuntime runtime;
    private readonly JvmObject session;
    private readonly StreamSpec stream;
    private readonly BatchCallback? callback;
    private readonly string name;
    private readonly Lock gate = new();
    private volatile JvmObject query;
    private JvmProxy? proxy;
    private LastWords? lastWords;
    private bool wasStartedAgain;

    private SparkStreamingRun(SparkRuntime runtime, JvmObject session, StreamSpec stream, JvmScope scope, JvmObject query, BatchCallback? callback, JvmProxy? proxy)
    {
        this.runtime = runtime;
        this.session = session;
        this.stream = stream;
        this.callback = callback;
        this.proxy = proxy;
        this.query = scope.Keep(query);
        Id = IdOf(scope, query, "id");
        RunId = IdOf(scope, query, "runId");
        name = stream.QueryName ?? Id.ToString();
    }

    /// <inheritdoc/>
    public Guid Id { get; }

    /// <inheritdoc/>
    public Guid RunId { get; private set; }

    /// <inheritdoc/>
    public bool IsActive => Ask(static (scope, query) => scope.Flag(query, "isActive"), static _ => false, whenLost: false);

    /// <inheritdoc/>
    public string? LastProgressJson => Ask(ReadLastProgress, static words => words.LastProgress, whenLost: null);

    /// <inheritdoc/>
    public IReadOnlyList<string> RecentProgressJson => Ask(ReadRecentProgress, static words => words.RecentProgress, whenLost: []);

    /// <inheritdoc/>
    public string StatusJson => Ask(static (scope, query) => scope.Text(scope.Object(query, "status"), "json"), static words => words.Status, whenLost: LastWords.Stopped);

    /// <inheritdoc/>
    public EngineException? Failure
    {
        get
        {
            try
            {
                return Ask(ReadFailure, static words => words.Failure, whenLost: null) ?? Loss();
            }
            catch (GatewayException error) when (runtime.Gateway.Lost.IsCancellationRequested)
            {
                return error;
            }
        }
    }

    /// <summary>Starts the query.</summary>
    public static SparkStreamingRun Start(SparkRuntime runtime, JvmObject session, StreamSpec stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var gateway = runtime.Gateway;
        var callback = stream.ForeachBatch is { } process ? new BatchCallback(runtime, stream.Schema, process) : null;
        var proxy = callback is null ? null : gateway.Callbacks.Add(BatchCallback.JavaInterface, callback.Call);
        try
        {
            using var scope = gateway.BeginScope();
            var run = new SparkStreamingRun(runtime, session, stream, scope, StreamStart.Start(scope, session, stream, proxy), callback, proxy);
            runtime.Add(run);
            return run;
        }
        catch
        {
            if (proxy is not null) _ = gateway.Callbacks.Remove(proxy.Id);
            throw;
        }
    }

    /// <inheritdoc/>
    public bool AwaitTermination(TimeSpan? timeout, CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var left = timeout is { } most ? most - Stopwatch.GetElapsedTime(started) : Slice;
            if (HasEnded(left < Slice ? left : Slice))
            {
                if (Failure is not { } failure) return true;
                if (!TryStartAgain(failure)) throw failure;
            }
            if (timeout is not null && left <= Slice) return false;
        }
    }

    /// <inheritdoc/>
    public void ProcessAllAvailable(CancellationToken cancellationToken = default)
    {
        RefuseInside("wait for");
        cancellationToken.ThrowIfCancellationRequested();
        using var scope = runtime.Gateway.BeginScope();
        // Spark has no time limit here: the connection is given up, and the query goes on.
        using var registration = cancellationToken.UnsafeRegister(static state => ((JvmScope)state!).Abandon(), scope);
        try
        {
            _ = scope.Call(query, "processAllAvailable");
        }
        catch (GatewayException error) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The wait for the stream was cancelled; the stream goes on.", error, cancellationToken);
        }
        catch (JvmException error)
        {
            if (!TryStartAgain(Failure)) throw Failure ?? error;
            ProcessAllAvailable(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Stop()
    {
        RefuseInside("stop");
        if (lastWords is not null) return;
        using var scope = runtime.Gateway.BeginScope();
        _ = scope.Call(query, "stop");
    }

    /// <summary>Stops the query and gives back what is held for it; its last progress, status and failure can still be read.</summary>
    public void Dispose()
    {
        RefuseInside("dispose");
        lock (gate)
        {
            if (lastWords is not null) return;
        }
        var isLost = runtime.Gateway.Lost.IsCancellationRequested;
        if (!isLost) Stop();
        var words = isLost ? new LastWords(null, [], LastWords.Stopped, Loss()) : new LastWords(LastProgressJson, RecentProgressJson, StatusJson, Failure);
        lock (gate)
        {
            if (lastWords is not null) return;
            lastWords = words;
        }
        if (proxy is not null) _ = runtime.Gateway.Callbacks.Remove(proxy.Id);
        runtime.Gateway.Release(query);
        runtime.Remove(this);
    }

    private static Guid IdOf(JvmScope scope, JvmObject query, string which) => Guid.Parse(scope.Text(scope.Object(query, which), "toString"));

    /// <summary>Starts the query again from its checkpoint where a defect of Spark's own ended it after a committed batch; once, for it cannot come twice.</summary>
    private bool TryStartAgain(EngineException? failure)
    {
        lock (gate)
        {
            if (wasStartedAgain || lastWords is not null || failure is null || !KafkaMetricsDefect.IsCause(failure)) return false;
            wasStartedAgain = true;
            using var scope = runtime.Gateway.BeginScope();
            var (ended, endedProxy) = (query, proxy);
            // A callback of its own: when the JVM forgets the first one, it says so by its name.
            proxy = callback is null ? null : runtime.Gateway.Callbacks.Add(BatchCallback.JavaInterface, callback.Call);
            query = scope.Keep(StreamStart.Start(scope, session, stream, proxy));
            RunId = IdOf(scope, query, "runId");
            if (endedProxy is not null) _ = runtime.Gateway.Callbacks.Remove(endedProxy.Id);
            runtime.Gateway.Release(ended);
            return true;
        }
    }

    /// <summary>What a query did last, as JSON; null before its first batch.</summary>
    internal static string? ReadLastProgress(JvmScope scope, JvmObject query) =>
        scope.Call(query, "lastProgress") is JvmObject progress ? scope.Text(progress, "json") : null;

    /// <summary>What a query did in its last batches, as JSON, the oldest first.</summary>
    internal static string[] ReadRecentProgress(JvmScope scope, JvmObject query)
    {
        var array = scope.Object(query, "recentProgress");
        var texts = new string[scope.Length(array)];
        for (var i = 0; i < texts.Length; i++) texts[i] = scope.Text((JvmObject)scope.Element(array, i)!, "json");
        return texts;
    }

    private bool HasEnded(TimeSpan most)
    {
        if (lastWords is not null) return true;
        using var scope = runtime.Gateway.BeginScope();
        try
        {
            return scope.Flag(query, "awaitTermination", (long)Math.Max(1, most.TotalMilliseconds));
        }
        catch (JvmException)
        {
            // It ended by failing, which Failure tells in full.
            return true;
        }
    }

    private EngineException? ReadFailure(JvmScope scope, JvmObject query)
    {
        var option = scope.Object(query, "exception");
        if (!scope.Flag(option, "isDefined")) return null;
        var thrown = scope.Describe(scope.Object(option, "get"));
        if (callback?.Failure is not { } failed) return thrown;
        var own = failed.Error as EngineException;
        return new JvmException($"The stream '{name}' failed in batch {failed.BatchId}: {failed.Error.Message}", thrown.FullMessage, failed.Error)
        {
            ErrorClass = own?.ErrorClass ?? thrown.ErrorClass,
            SqlState = own?.SqlState ?? thrown.SqlState,
            RemoteClass = thrown.RemoteClass,
            RemoteClasses = thrown.RemoteClasses,
            RemoteStackTrace = thrown.RemoteStackTrace,
            IsTransient = own?.IsTransient ?? false,
        };
    }

    private GatewayException? Loss() => runtime.Gateway.Lost.IsCancellationRequested ? runtime.Gateway.Explain(new GatewayException("The JVM has ended.")) : null;

    private T Ask<T>(Func<JvmScope, JvmObject, T> alive, Func<LastWords, T> gone, T whenLost)
    {
        if (lastWords is { } words) return gone(words);
        if (runtime.Gateway.Lost.IsCancellationRequested) return whenLost;
        using var scope = runtime.Gateway.BeginScope();
        return alive(scope, query);
    }

    private void RefuseInside(string what)
    {
        if (callback?.IsInside == true)
            throw new InvalidOperationException($"A ForeachBatch function cannot {what} its own stream: the stream waits for the function. Throw to fail it, or stop it from another thread.");
    }

    /// <summary>What can still be read after the end.</summary>
    private sealed record LastWords(string? LastProgress, IReadOnlyList<string> RecentProgress, string Status, EngineException? Failure)
    {
        public const string Stopped = """{"message":"Stopped","isDataAvailable":false,"isTriggerActive":false}""";
    }
}
