using Pipeline.Engine.Sql;

namespace Pipeline.Suite.Loading;

/// <summary>Rows that the engine keeps (of <see cref="DataFrame.Persist"/> or made of values), given back when this is disposed.</summary>
internal sealed class PersistedRows(DataFrame kept) : IDisposable
{
    /// <summary>The rows; read from what is kept.</summary>
    public DataFrame Rows => kept;

    /// <inheritdoc/>
    public void Dispose() => kept.Unpersist();
}
