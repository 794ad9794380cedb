namespace Pipeline.Runtime.Landing;

/// <summary>Work that goes on in another thread; it has ended when this is disposed, whatever became of it, so that what it reads may go then.</summary>
internal sealed class Beside<T>(Func<T> work) : IDisposable
{
    private readonly Task<T> task = Task.Run(work);

    /// <summary>What it answers, waited for; its failure is thrown here.</summary>
    public T Result => task.GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Dispose() => Task.WhenAny(task).Wait();
}
