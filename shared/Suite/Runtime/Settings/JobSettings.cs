using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Suite.Runtime.Settings;

/// <summary>The settings of a run: each option's value, checked when the run starts, with its origin.</summary>
public sealed class JobSettings
{
    private readonly Dictionary<string, SettingValue> values;

    internal JobSettings(IEnumerable<JobOption> options, IEnumerable<SettingValue> values, IReadOnlyDictionary<string, string> kafka, IReadOnlyDictionary<string, string> spark)
    {
        Options = [.. options];
        this.values = values.ToDictionary(static value => value.Option.Name, StringComparer.Ordinal);
        Kafka = kafka;
        Spark = spark;
    }

    /// <summary>Every option that there is, given or not.</summary>
    public ImmutableArray<JobOption> Options { get; }

    /// <summary>Kafka's own keys: from --kafka-config, then the section <c>kafka</c> and PIPELINE__KAFKA__…, the later winning.</summary>
    public IReadOnlyDictionary<string, string> Kafka { get; }

    /// <summary>Spark's own keys, from the section <c>spark</c>.</summary>
    public IReadOnlyDictionary<string, string> Spark { get; }

    /// <summary><see cref="Kafka"/> as it may be printed: secrets are ***.</summary>
    public IEnumerable<KeyValuePair<string, string>> PrintableKafka => Printable(Kafka);

    /// <summary><see cref="Spark"/> as it may be printed: secrets are ***.</summary>
    public IEnumerable<KeyValuePair<string, string>> PrintableSpark => Printable(Spark);

    /// <summary>The settings that have a value, in the options' order.</summary>
    public IEnumerable<SettingValue> All => Options.Where(option => values.ContainsKey(option.Name)).Select(option => values[option.Name]);

    /// <summary>The value, or null where it has none.</summary>
    public string? Find(string name) => values.TryGetValue(Known(name), out var value) ? value.Values[^1] : null;

    /// <summary>The value.</summary>
    /// <exception cref="UsageException">It has none.</exception>
    public string Get(string name) => Find(name) ?? throw new UsageException(MissingMessage(Options.First(option => option.Name == name)));

    /// <summary>All values of a repeatable option, in the order given.</summary>
    public IReadOnlyList<string> GetAll(string name) => values.TryGetValue(Known(name), out var value) ? value.Values : [];

    /// <summary>Whether somebody gave it, so that it is not the default.</summary>
    public bool IsGiven(string name) => values.TryGetValue(Known(name), out var value) && value.Origin != SettingsResolver.DefaultOrigin;

    /// <summary>A whole number.</summary>
    public long GetInt(string name) => long.Parse(Get(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    /// <summary>A number.</summary>
    public double GetNumber(string name) => double.Parse(Get(name), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>A length of time.</summary>
    public TimeSpan GetDuration(string name) => Durations.TryParse(Get(name), out var duration) ? duration : throw new UsageException($"'{Get(name)}' is no length of time for {name}. Write 500ms, 10s, 1m, 2h or 7d.");

    /// <summary>A switch; false where it has no value.</summary>
    public bool GetFlag(string name) => Find(name) is { } text && bool.Parse(text);

    internal static string MissingMessage(JobOption option)
    {
        if (option.IsSecret) return $"The secret '{option.Name}' is not set: put it into the environment variable {option.Environment ?? EnvironmentNames.Of(null, option.Name)}, or into the settings file.";
        return option.IsArgument
            ? $"The argument {option.Name.ToUpperInvariant()} is missing: {option.Description}."
            : $"--{option.Name} is missing: {option.Description}{(option.Choices.Count > 0 ? $" ({string.Join(", ", option.Choices)})" : "")}.";
    }

    private static IEnumerable<KeyValuePair<string, string>> Printable(IReadOnlyDictionary<string, string> keys) =>
        keys.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => KeyValuePair.Create(entry.Key, SecretNames.IsSecret(entry.Key) ? "***" : Secrets.Mask(entry.Value)));

    private string Known(string name) => Options.Any(option => option.Name == name)
        ? name
        : throw new ArgumentException($"The job asks for the setting '{name}', which it has not declared. It has: {string.Join(", ", Options.Select(static option => option.Name))}.", nameof(name));
}
