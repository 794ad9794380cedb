using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Spark.Streaming;

/// <summary>What the JVM calls for each batch: an engine over the batch's own session, a view of its rows, and the C# function.</summary>
internal sealed class BatchCallback(SparkRuntime runtime, StructType schema, Action<IEngine, SourceView, long> process)
{
    /// <summary>The Java interface that <c>DataStreamWriter.foreachBatch</c> takes.</summary>
    public const string JavaInterface = "org.apache.spark.api.java.function.VoidFunction2";

    /// <summary>What the caller that starts the stream knows by where it is (the lock that its commits depend on): the gateway's threads are older than it.</summary>
    private readonly ExecutionContext? context = ExecutionContext.Capture();
    private volatile FailedBatch? failure;
    private volatile int threadId;

    /// <summary>What the C# function threw, and in which batch; null where it has not.</summary>
    public FailedBatch? Failure => failure;

    /// <summary>Whether the caller runs inside the function.</summary>
    public bool IsInside => threadId == Environment.CurrentManagedThreadId;

    /// <summary>Runs one batch. All that it leaves in the JVM goes with the scope.</summary>
    public object? Call(JvmScope scope, string method, IReadOnlyList<object?> arguments)
    {
        if (method != "call" || arguments is not [JvmObject batch, long batchId])
            throw new InvalidOperationException($"Spark called '{method}' with {arguments.Count} arguments where a batch and its number were expected.");
        threadId = Environment.CurrentManagedThreadId;
        try
        {
            // The batch belongs to a session of its own: views on it are in that session only.
            using var engine = new SparkEngine(runtime, scope.Object(batch, "sparkSession"), owns: false);
            var view = engine.NameView(scope, batch, "batch");
            var source = new SourceView(view, schema, false);
            if (context is null) process(engine, source, batchId);
            else ExecutionContext.Run(context, _ => process(engine, source, batchId), null);
            return null;
        }
        catch (Exception error)
        {
            failure = new FailedBatch(batchId, error);
            throw;
        }
        finally
        {
            threadId = 0;
        }
    }
}

/// <summary>A batch that the C# function did not finish.</summary>
/// <param name="BatchId">The batch's number.</param>
/// <param name="Error">What it threw.</param>
internal sealed record FailedBatch(long BatchId, Exception Error);
