namespace Pipeline.Engine.Spark.Gateway;

/// <summary>A reference to an object in the JVM, kept alive there until it is released by the scope or owner that holds it. It has no finalizer.</summary>
internal sealed class JvmObject(string id, char kind)
{
    private volatile bool released;

    /// <summary>Id in the gateway.</summary>
    /// <exception cref="ObjectDisposedException">It was released.</exception>
    public string Id => released ? throw new ObjectDisposedException(nameof(JvmObject), $"The JVM object {id} was released; it is gone with the scope that held it.") : id;

    /// <summary>What the gateway says it is: <c>r</c> object, <c>l</c> list, <c>t</c> array …</summary>
    public char Kind => kind;

    /// <summary>Marks it as released and answers its id, or null where it was already.</summary>
    public string? TakeForRelease()
    {
        if (released) return null;
        released = true;
        return id;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{kind}{id}";
}
