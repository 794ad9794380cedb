using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>An option of a job, as data: from it come the command line, the setting, its checks and its line in <c>--help</c>.</summary>
/// <param name="Name">Name without dashes, such as <c>bootstrap-servers</c>; also the key in pipeline.yml.</param>
/// <param name="Description">What it does, one sentence without its full stop.</param>
/// <param name="Default">Its value where nobody gives one; null is none.</param>
/// <param name="Environment">A well-known environment variable beside <c>PIPELINE__SECTION__KEY</c>, such as <c>MASTER</c>; null is none.</param>
public sealed record JobOption(string Name, string Description, string? Default = null, string? Environment = null)
{
    /// <summary>How the value is read and checked at the start.</summary>
    public OptionKind Kind { get; init; } = OptionKind.Text;

    /// <summary>What stands for the value in the help, such as <c>URI</c>.</summary>
    public string ValueName { get; init; } = "VALUE";

    /// <summary>The only values there are; empty is any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>The least value of a number; null is any.</summary>
    public double? Min { get; init; }

    /// <summary>The greatest value of a number; null is any.</summary>
    public double? Max { get; init; }

    /// <summary>Whether a run without it is a usage error.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether its value is never printed and never taken from the command line: environment or file only.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether it is given by its place (<c>versions TABLE</c>) and not by <c>--name</c>.</summary>
    public bool IsArgument { get; init; }

    /// <summary>Whether it may be given more than once (<c>--set a=1 --set b=2</c>); read with <see cref="JobSettings.GetAll"/>.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>A one-letter form such as <c>-o</c>, or null.</summary>
    public string? ShortName { get; init; }

    /// <summary>Other names of the same option, which are taken wherever its name is.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>All its names, its own first.</summary>
    internal IEnumerable<string> Names => [Name, .. Aliases];

    /// <summary>A switch, off unless given.</summary>
    public static JobOption Flag(string name, string description) => new(name, description, "false") { Kind = OptionKind.Flag };

    /// <summary>A share of a whole, a number from 0 to 1.</summary>
    public static JobOption Share(string name, string description, string value) => new(name, description, value) { Kind = OptionKind.Number, ValueName = "SHARE", Min = 0, Max = 1 };

    /// <summary>A required or optional positional argument.</summary>
    public static JobOption Argument(string name, string description, bool isRequired = true) => new(name, description) { IsArgument = true, IsRequired = isRequired };
}

/// <summary>How the text of an option is read.</summary>
public enum OptionKind
{
    /// <summary>As it is.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a decimal point.</summary>
    Number,

    /// <summary>A length of time: <c>500ms</c>, <c>10s</c>, <c>1m</c>, <c>2h</c>, <c>7d</c>.</summary>
    Duration,

    /// <summary>true or false; on the command line a switch.</summary>
    Flag,
}
