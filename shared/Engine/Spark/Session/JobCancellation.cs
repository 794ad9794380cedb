using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Session;

/// <summary>Makes the jobs of a scope's calls cancellable: a tag on the connection's thread, cancelled from another connection until the call has returned.</summary>
/// <remarks>A tag that is cancelled before its job is submitted does nothing, so one request is not enough. Source: Spark, <c>SparkContext.addJobTag</c> and <c>cancelJobsWithTag</c> (3.5 and later).</remarks>
internal sealed class JobCancellation : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly JvmScope scope;
    private readonly JvmObject sparkContext;
    private readonly CancellationToken token;
    private readonly string? tag;
    private readonly CancellationTokenSource returned = new();
    private readonly CancellationTokenRegistration registration;
    private Task loop = Task.CompletedTask;

    private JobCancellation(JvmScope scope, JvmObject sparkContext, CancellationToken token)
    {
        this.scope = scope;
        this.sparkContext = sparkContext;
        this.token = token;
        if (!token.CanBeCanceled) return;
        token.ThrowIfCancellationRequested();
        tag = $"pipeline-{scope.Gateway.NextNumber()}";
        _ = scope.Call(sparkContext, "addJobTag", tag);
        registration = token.UnsafeRegister(static self => ((JobCancellation)self!).Begin(), this);
    }

    /// <summary>From here to <see cref="Dispose"/>, the token cancels what the scope runs.</summary>
    public static JobCancellation Of(JvmScope scope, JvmObject sparkContext, CancellationToken token) => new(scope, sparkContext, token);

    /// <summary>Whether a failure is what the cancellation did; a <c>catch … when</c> then throws <see cref="Cancelled"/>.</summary>
    public bool IsCause(Exception error) => token.IsCancellationRequested && error is JvmException or GatewayException && !scope.Gateway.Lost.IsCancellationRequested;

    /// <summary>The cancellation as .NET has it.</summary>
    public OperationCanceledException Cancelled(Exception error) => new("The query was cancelled in Spark.", error, token);

    /// <inheritdoc/>
    public void Dispose()
    {
        registration.Dispose();
        returned.Cancel();
        loop.Wait(CancellationToken.None);
        returned.Dispose();
        if (tag is not null && scope.IsUsable) _ = scope.Call(sparkContext, "removeJobTag", tag);
    }

    private void Begin() => loop = Task.Run(CancelUntilReturnedAsync);

    private async Task CancelUntilReturnedAsync()
    {
        var until = TimeProvider.System.GetTimestamp();
        try
        {
            using var other = scope.Gateway.BeginScope();
            while (!returned.IsCancellationRequested)
            {
                _ = other.Call(sparkContext, "cancelJobsWithTag", tag);
                // A call that runs no job (a listing, a plan) knows no tag: after a while its connection is given up.
                if (TimeProvider.System.GetElapsedTime(until) > Patience) scope.Abandon();
                await Task.Delay(Again, returned.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (Exception error) when (error is EngineException or ObjectDisposedException)
        {
            // Nobody is left to ask: the JVM or the Spark context has gone, and the call that is to be cancelled goes with it.
            scope.Abandon();
        }
    }
}
