using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Producer.Jobs;

/// <summary>What both of the producer's jobs take.</summary>
internal static class ProducerOptions
{
    /// <summary>Section of both jobs in pipeline.yml and in environment variables.</summary>
    public const string Section = "producer";

    /// <summary>The generator's seed.</summary>
    public static JobOption Seed { get; } = new("seed", "Seed of the generator: the same seed makes the same rows", "1") { Kind = OptionKind.Integer, ValueName = "S", Min = 0 };

    /// <summary>The weights by which messages are mixed.</summary>
    public static JobOption Shares { get; } =
        new("shares", "Mix of generated messages by weight, such as broken=0.1 (student-messages, device-events)") { ValueName = "MIX" };
}
