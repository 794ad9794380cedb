using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Producer.Jobs;

/// <summary>What both of the producer's jobs are: no engine, no lake, and one section of settings.</summary>
/// <param name="name">The command's words in the program that has it.</param>
public abstract class ProducerJob(string name) : IJob
{
    /// <summary>The generator's seed.</summary>
    internal static JobOption Seed { get; } = new("seed", "Seed of the generator: the same seed makes the same rows", "1") { Kind = OptionKind.Integer, ValueName = "S", Min = 0 };

    /// <summary>The weights by which messages are mixed.</summary>
    internal static JobOption Shares { get; } =
        new("shares", "Mix of generated messages by weight, such as broken=0.1 (student-messages, device-events)") { ValueName = "MIX" };

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public abstract string Purpose { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<JobOption> Options { get; }

    /// <inheritdoc/>
    public bool ChangesLake => false;

    /// <inheritdoc/>
    public bool UsesLake => false;

    /// <inheritdoc/>
    public bool HasSummary => true;

    /// <inheritdoc/>
    public string Section => "producer";

    /// <inheritdoc/>
    public abstract Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken);
}
