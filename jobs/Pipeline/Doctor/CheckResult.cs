namespace Pipeline.Jobs.Cli.Doctor;

/// <summary>What one check of <c>pipeline doctor</c> found.</summary>
/// <param name="Check">What was looked at, in a word or two.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What was seen, or what is wrong and what to do.</param>
internal sealed record CheckResult(string Check, CheckState State, string Detail)
{
    /// <summary>Whether what is wrong may be right later with nothing changed: a server that is down.</summary>
    public bool IsTransient { get; init; }

    public static CheckResult Good(string check, string detail) => new(check, CheckState.Good, detail);

    public static CheckResult NotAsked(string check, string detail) => new(check, CheckState.NotAsked, detail);

    public static CheckResult Doubtful(string check, string detail) => new(check, CheckState.Doubtful, detail);

    public static CheckResult Wrong(string check, string detail, bool isTransient = false) => new(check, CheckState.Wrong, detail) { IsTransient = isTransient };
}

/// <summary>How a thing is that was looked at.</summary>
internal enum CheckState
{
    /// <summary>It works.</summary>
    Good,

    /// <summary>It was not looked at, since the settings do not name it.</summary>
    NotAsked,

    /// <summary>It works, but deserves a look.</summary>
    Doubtful,

    /// <summary>A job would fail on it.</summary>
    Wrong,
}
