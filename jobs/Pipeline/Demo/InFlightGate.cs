namespace Pipeline.Jobs.Cli.Demo;

/// <summary>Holds a producer back while too many of its messages are not yet consumed. Thread-safe.</summary>
internal sealed class InFlightGate(long most)
{
    private readonly Lock sync = new();
    private long consumed;
    private bool isClosed;
    private TaskCompletionSource moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Tells how many messages were consumed in all.</summary>
    public void Consumed(long total) => Move(() => consumed = total);

    /// <summary>Lets everybody through: the consumer has ended.</summary>
    public void Close() => Move(() => isClosed = true);

    /// <summary>Waits until <paramref name="next"/> more messages fit after <paramref name="sent"/>.</summary>
    /// <exception cref="OperationCanceledException">The consumer has ended: nobody would read what is sent.</exception>
    public async ValueTask WaitAsync(long sent, long next, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (sync)
            {
                if (isClosed) throw new OperationCanceledException("The consumer has ended; nothing more is sent.");
                if (sent + next - consumed <= most) return;
                wait = moved.Task;
            }
            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Move(Action change)
    {
        TaskCompletionSource before;
        lock (sync)
        {
            change();
            before = moved;
            moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        before.SetResult();
    }
}
