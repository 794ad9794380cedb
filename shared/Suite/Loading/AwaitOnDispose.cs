namespace Pipeline.Suite.Loading;

/// <summary>Waits, when disposed, for work that goes on in another thread, whatever becomes of it: what that work reads may go then.</summary>
/// <remarks>A failure of the work is not thrown here, where another may be on its way: it is whoever takes the task's result that meets it.</remarks>
/// <param name="work">The work, begun.</param>
public sealed class AwaitOnDispose(Task work) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Task.WhenAny(work).Wait();
}
