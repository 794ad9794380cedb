namespace Pipeline.Producer.CommandLine;

/// <summary>An option of a command, for parsing and for help.</summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="ValueName">What follows it, for help; null for a switch.</param>
/// <param name="Description">What it does, without a full stop.</param>
internal sealed record CliOption(string Name, string? ValueName, string Description)
{
    /// <summary>What holds where it is not given.</summary>
    internal string? Default { get; init; }

    /// <summary>One letter for it.</summary>
    internal string? ShortName { get; init; }

    /// <summary>A further environment variable for it, besides <see cref="Environment"/>.</summary>
    internal string? CommonEnvironment { get; init; }

    internal bool IsSwitch => ValueName is null;

    /// <summary>The environment variable that gives it a value: the suite's pattern, in the producer's section.</summary>
    internal string Environment => "PIPELINE__PRODUCER__" + Name.Replace('-', '_').ToUpperInvariant();
}

/// <summary>A command, for parsing and for help.</summary>
/// <param name="Name">Its word.</param>
/// <param name="Purpose">What it does, in a line.</param>
/// <param name="Examples">Three of them.</param>
/// <param name="Options">What it takes.</param>
internal sealed record CliCommand(string Name, string Purpose, IReadOnlyList<string> Examples, IReadOnlyList<CliOption> Options)
{
    /// <summary>What both commands take.</summary>
    internal static IReadOnlyList<CliOption> CommonOptions { get; } =
    [
        new("result", "FILE", "Also write result.json, the run's account, to this file"),
        new("output", "text|json", "Form of the result on stdout") { Default = "text" },
        new("quiet", null, "Warnings and errors only") { ShortName = "q" },
        new("verbose", null, "Tell more on stderr, the Kafka client's own log too") { ShortName = "v" },
        new("no-color", null, "No colours (NO_COLOR is honoured too)"),
        new("debug", null, "Show the stack trace of an error"),
    ];

    internal IReadOnlyList<CliOption> AllOptions => [.. Options, .. CommonOptions];
}
