using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Suite.Runtime.Settings;

/// <summary>The options that every job takes.</summary>
public static class CommonOptions
{
    /// <summary>Name of the option that picks the engine.</summary>
    public const string Master = "master";

    /// <summary>Name of the option for the data set.</summary>
    public const string Dataset = "dataset";

    /// <summary>Name of the option for the lake's root.</summary>
    public const string Lake = "lake";

    /// <summary>Name of the option for the settings file.</summary>
    public const string Config = "config";

    /// <summary>Name of the option for Kafka's client properties.</summary>
    public const string KafkaConfig = "kafka-config";

    /// <summary>Name of the option for a further copy of result.json.</summary>
    public const string Result = "result";

    /// <summary>Name of the option for the form of what stands on stdout.</summary>
    public const string Output = "output";

    /// <summary>Name of the option for the database that mirrors the history of batches.</summary>
    public const string VersionsTo = "versions-to";

    internal const string Quiet = "quiet";
    internal const string Verbose = "verbose";
    internal const string NoColor = "no-color";
    internal const string Debug = "debug";

    /// <summary>All of them, in the order of the help. A job's own option of the same name takes the place of the common one.</summary>
    public static IReadOnlyList<JobOption> All { get; } =
    [
        new(Master, "Where the work is done: embedded, local[N], spark://HOST:PORT, yarn or k8s://URL", "embedded", "MASTER") { ValueName = "URL" },
        new(Dataset, "Data set to work on") { ValueName = "NAME" },
        new(Lake, "Root of the lake: a folder, or hdfs:// or webhdfs:// with host and port", "lake", "LAKE") { ValueName = "URI" },
        new(Config, "Settings file; pipeline.yml in the current folder is read where it is there", null, "PIPELINE_CONFIG") { ValueName = "FILE" },
        new(KafkaConfig, "Kafka client properties, with Kafka's own keys", null, "KAFKA_CONFIG") { ValueName = "FILE" },
        new(VersionsTo, "Mirror the history of batches to this database: postgres://user@host/database or sqlite:PATH") { ValueName = "TARGET" },
        new(Result, "Also write result.json to this file") { ValueName = "FILE" },
        new(Output, "Form of the result on stdout", "text") { ShortName = "o", ValueName = "FORM", Choices = ["text", "json"] },
        JobOption.Flag(Quiet, "Warnings and errors only") with { ShortName = "q" },
        JobOption.Flag(Verbose, "Tell more on stderr") with { ShortName = "v" },
        JobOption.Flag(NoColor, "No colors (NO_COLOR is honored too)"),
        JobOption.Flag(Debug, "Show the stack trace of an error"),
    ];

    /// <summary>The job's own options, then the common ones that it takes.</summary>
    public static IReadOnlyList<JobOption> With(IJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return [.. job.Options, .. For(job)];
    }

    /// <summary>The common options that a job takes.</summary>
    internal static IEnumerable<JobOption> For(IJob job) => All
        .Where(common => job.Options.All(own => own.Name != common.Name))
        .Where(common => job.UsesLake || common.Name is not (Master or Lake or VersionsTo));
}
