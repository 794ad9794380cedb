using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Spark.Streaming;
using Pipeline.Engine.Spark.UserFunctions;
using Pipeline.Engine.UserFunctions.Worker;

namespace Pipeline.Engine.Spark.Session;

/// <summary>What the engines of one application share: the JVM, its Spark context, and the streams that run.</summary>
internal sealed class SparkRuntime(SparkConnection connection, JvmObject sparkContext, string version) : IDisposable
{
    private readonly Lock gate = new();
    private readonly HashSet<SparkStreamingRun> runs = [];
    private WorkerProgram? worker;

    /// <summary>Called before a table is changed.</summary>
    public Action? BeforeChange { get; init; }

    /// <summary>The way to the JVM.</summary>
    public JvmGateway Gateway => connection.Gateway;

    /// <summary>The application's Spark context.</summary>
    public JvmObject SparkContext => sparkContext;

    /// <summary>Spark's version.</summary>
    public string Version => version;

    /// <summary>Id of the JVM's process, where we started it.</summary>
    public int? ProcessId => connection.Process?.Id;

    /// <summary>The program that runs C# functions on the executors; found, and shipped, once for the application.</summary>
    public WorkerProgram FindWorker(JvmScope scope, JvmObject session, SparkDialect dialect)
    {
        lock (gate) return worker ??= WorkerProgram.Find(scope, sparkContext, session, dialect);
    }

    /// <summary>Knows a stream until it is disposed.</summary>
    public void Add(SparkStreamingRun run)
    {
        lock (gate) runs.Add(run);
    }

    /// <summary>Forgets a stream.</summary>
    public void Remove(SparkStreamingRun run)
    {
        lock (gate) runs.Remove(run);
    }

    /// <summary>Stops every stream.</summary>
    public void StopStreams()
    {
        SparkStreamingRun[] active;
        lock (gate) active = [.. runs];
        foreach (var run in active) run.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();
}
