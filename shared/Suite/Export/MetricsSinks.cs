namespace Pipeline.Suite.Export;

/// <summary>Opens sinks by their address.</summary>
public static class MetricsSinks
{
    /// <summary>The sink at an address; nothing is connected before the first write.</summary>
    /// <exception cref="ExportException">The address asks for something that is not safe or not there.</exception>
    public static IMetricsSink Open(SinkUri address, SinkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.Kind == SinkKind.Sqlite ? new Sqlite.SqliteSink(address.Target, options ?? new SinkOptions()) : new Postgres.PostgresSink(address, options ?? new SinkOptions());
    }
}

/// <summary>What a sink needs beside its address.</summary>
public sealed record SinkOptions
{
    /// <summary>PostgreSQL's password, from the environment or a file; null lets PGPASSWORD, PGPASSFILE and ~/.pgpass speak.</summary>
    public string? Password { get; init; }

    /// <summary>Runs that lost their lock and may live: they write nothing more once this sink has given out a number (<see cref="IMetricsSink.NextSequenceAsync"/>).</summary>
    public IReadOnlyList<string> Ousted { get; init; } = [];

    /// <summary>Called when a transaction is filled, before its COMMIT is sent; null for nothing.</summary>
    public Action? BeforeCommit { get; init; }

    /// <summary>Called when a COMMIT was answered; null for nothing.</summary>
    public Action? AfterCommit { get; init; }

    /// <summary>How often a transient error is tried again.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>How long PostgreSQL waits for a lock that another session holds.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long one statement may take in PostgreSQL, whole seconds; the address's <c>command_timeout</c> wins.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public override string ToString() => $"SinkOptions {{ Retries = {Retries} }}";
}
