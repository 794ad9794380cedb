namespace Pipeline.Suite.Runtime.Settings;

/// <summary>Names of settings as environment variables: <c>PIPELINE__SECTION__KEY</c>, with _ for - and . in both.</summary>
internal static class EnvironmentNames
{
    public const string Prefix = "PIPELINE__";

    public static string Of(string? section, string key) => section is null ? Prefix + Part(key) : $"{Prefix}{Part(section)}__{Part(key)}";

    public static string Part(string name) => name.Replace('-', '_').Replace('.', '_').Replace(' ', '_').ToUpperInvariant();
}
