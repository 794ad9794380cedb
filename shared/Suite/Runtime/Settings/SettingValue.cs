using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Suite.Runtime.Settings;

/// <summary>A setting in force and where it comes from.</summary>
/// <param name="Option">What it is.</param>
/// <param name="Values">Its values; more than one only where the option is repeatable.</param>
/// <param name="Origin">Such as <c>--lake</c>, <c>environment MASTER</c>, <c>pipeline.yml</c> or <c>default</c>.</param>
public sealed record SettingValue(JobOption Option, IReadOnlyList<string> Values, string Origin)
{
    /// <summary>Whether it stands in the settings file, which may be one that nobody named.</summary>
    public bool IsFromFile { get; init; }

    /// <summary>The value as it may be printed: secrets, and passwords inside addresses, are ***.</summary>
    public string Printable => Option.IsSecret || SecretNames.IsSecret(Option.Name) ? "***" : string.Join(' ', Values.Select(Secrets.Mask));
}
