using System.Globalization;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Schemas;

namespace Pipeline.Suite.Runtime.Settings;

/// <summary>Puts the settings of a run together: flag, then environment, then pipeline.yml, then default.</summary>
internal sealed class SettingsResolver(IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, IReadOnlyCollection<string>?> otherSections)
{
    public const string DefaultOrigin = "default";

    private const string KafkaSection = "kafka";
    private const string SparkSection = "spark";

    /// <summary>Settings of a job from what the command line gave (by option name).</summary>
    /// <exception cref="UsageException">A value, key or file is wrong.</exception>
    public JobSettings Resolve(IJob job, IReadOnlyDictionary<string, IReadOnlyList<string>> flags, string flagOrigin = "--", bool requireAll = true)
    {
        var options = CommonOptions.With(job);
        var section = job.Section;
        var file = OpenFile(options, flags);
        var sections = new Dictionary<string, IReadOnlyCollection<string>?>(otherSections, StringComparer.OrdinalIgnoreCase)
        {
            [KafkaSection] = null,
            [SparkSection] = null,
            [section] = [.. options.SelectMany(static option => option.Names).Union(otherSections.GetValueOrDefault(section) ?? [])],
        };
        var rootKeys = CommonOptions.All.Select(static option => option.Name).ToList();
        file.CheckKeys(sections, rootKeys);
        CheckEnvironment(sections, rootKeys);

        var values = options.Select(option => Find(option, section, flags, flagOrigin, file)).OfType<SettingValue>().ToList();
        foreach (var value in values) Check(value);
        var missing = options.FirstOrDefault(option => requireAll && option.IsRequired && values.All(value => value.Option != option));
        if (missing is not null) throw new UsageException(JobSettings.MissingMessage(missing));

        var kafka = values.FirstOrDefault(static value => value.Option.Name == CommonOptions.KafkaConfig);
        var kafkaFile = kafka is null ? null : new KeyFile(kafka.Values[^1], !kafka.IsFromFile || file.IsNamed);
        return new JobSettings(
            options, values, ForeignKeys(KafkaSection, file, kafkaFile, KafkaClientProperties.LoadsCode), ForeignKeys(SparkSection, file, null, SparkOptions.LoadsCode));
    }

    private SettingsFile OpenFile(IReadOnlyList<JobOption> options, IReadOnlyDictionary<string, IReadOnlyList<string>> flags)
    {
        var option = options.First(static option => option.Name == CommonOptions.Config);
        if (Find(option, null, flags, "--", SettingsFile.Empty) is { } given) return SettingsFile.Load(given.Values[^1], isNamed: true);
        return File.Exists(SettingsFile.DefaultName) ? SettingsFile.Load(SettingsFile.DefaultName, isNamed: false) : SettingsFile.Empty;
    }

    private SettingValue? Find(JobOption option, string? section, IReadOnlyDictionary<string, IReadOnlyList<string>> flags, string flagOrigin, SettingsFile file)
    {
        var given = option.Names.Select(flags.GetValueOrDefault).FirstOrDefault(static values => values is { Count: > 0 });
        if (given is not null) return new SettingValue(option, given, option.IsArgument ? "argument" : flagOrigin == "--" ? "--" + option.Name : flagOrigin);
        string?[] names = [.. section is null ? [] : option.Names.Select(name => EnvironmentNames.Of(section, name)), .. option.Names.Select(static name => EnvironmentNames.Of(null, name)), option.Environment];
        foreach (var name in names)
            if (name is not null && environment.TryGetValue(name, out var text) && text.Length > 0) return new SettingValue(option, [text], $"environment {name}");
        if ((section is null ? null : option.Names.Select(name => file.Find(section, name)).FirstOrDefault(static text => text is not null)) is { } inSection) return new SettingValue(option, [inSection], $"{file.Path}, section {section}") { IsFromFile = true };
        if (file.Find(null, option.Name) is { } atRoot) return new SettingValue(option, [atRoot], file.Path!) { IsFromFile = true };
        return option.Default is null ? null : new SettingValue(option, [option.Default], DefaultOrigin);
    }

    private void CheckEnvironment(Dictionary<string, IReadOnlyCollection<string>?> sections, List<string> rootKeys)
    {
        foreach (var name in environment.Keys.Where(static name => name.StartsWith(EnvironmentNames.Prefix, StringComparison.Ordinal)))
        {
            var parts = name[EnvironmentNames.Prefix.Length..].Split("__", 2);
            if (parts.Length == 1)
            {
                var known = rootKeys.Concat(sections.Values.OfType<IReadOnlyCollection<string>>().SelectMany(static keys => keys)).Select(EnvironmentNames.Part).Distinct().ToList();
                if (!known.Contains(parts[0])) throw new UsageException($"The environment variable '{name}' is a setting that nothing reads.{NearestName.Suggestion(name, known.Select(static key => EnvironmentNames.Prefix + key))}");
                continue;
            }
            var section = sections.Keys.FirstOrDefault(key => EnvironmentNames.Part(key) == parts[0])
                ?? throw new UsageException($"The environment variable '{name}' names a section that nothing reads.{NearestName.Suggestion(EnvironmentNames.Prefix + parts[0], sections.Keys.Select(static key => EnvironmentNames.Prefix + EnvironmentNames.Part(key)))}");
            if (sections[section]?.Select(EnvironmentNames.Part).ToList() is { } keys && !keys.Contains(parts[1]))
                throw new UsageException($"The environment variable '{name}' is a setting that nothing reads.{NearestName.Suggestion(name, keys.Select(key => $"{EnvironmentNames.Prefix}{parts[0]}__{key}"))}");
        }
    }

    /// <summary>Kafka's or Spark's own keys: properties file, then section, then environment with _ read as a point.</summary>
    private Dictionary<string, string> ForeignKeys(string section, SettingsFile file, KeyFile? propertiesFile, Func<string, bool> loadsCode)
    {
        var keys = propertiesFile is null ? [] : KafkaClientProperties.ReadKeys(propertiesFile.Path);
        if (keys.Keys.FirstOrDefault(loadsCode) is { } inProperties) RequireTrusted(propertiesFile!, inProperties);
        foreach (var (key, value) in file.Section(section))
        {
            if (loadsCode(key)) RequireTrusted(new KeyFile(file.Path!, file.IsNamed), $"{section}: {key}");
            keys[key] = value;
        }
        var prefix = EnvironmentNames.Of(section, "");
        foreach (var (name, value) in environment.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
            keys[name[prefix.Length..].Replace('_', '.').ToLowerInvariant()] = value;
        return keys;
    }

    /// <summary>Refuses a key that loads code unless the user named its file, owns it and is the only one to write it.</summary>
    private static void RequireTrusted(KeyFile file, string key)
    {
        var why = file.IsNamed ? FileTrust.Doubt(file.Path) : "nobody named it: it was found through the current folder. Name it with --config or --kafka-config if that is meant";
        if (why is not null) throw new UsageException($"The settings file '{file.Path}' has the key '{key}', which loads code, and {why}. Otherwise take the key out.");
    }

    /// <summary>A file with keys, and whether the user named it.</summary>
    private sealed record KeyFile(string Path, bool IsNamed);

    private static void Check(SettingValue value)
    {
        foreach (var text in value.Values)
        {
            if (!string.IsNullOrEmpty(Complaint(value.Option, text)))
                throw new UsageException($"{(value.Option.IsArgument ? value.Option.Name.ToUpperInvariant() : "--" + value.Option.Name)} is '{(value.Option.IsSecret ? "***" : text)}' ({value.Origin}): {Complaint(value.Option, text)}");
        }
    }

    private static string? Complaint(JobOption option, string text)
    {
        if (option.Name == CommonOptions.Dataset)
            return Datasets.Find(text) is not null ? null : $"there is no such data set.{NearestName.Suggestion(text, Datasets.All.Select(static dataset => dataset.Name))} There are: {string.Join(", ", Datasets.All.Select(static dataset => dataset.Name))}.";
        if (option.Name == CommonOptions.Master) return EngineFactory.Complaint(text);
        if (option.Choices.Count > 0 && !option.Choices.Contains(text))
            return $"expected one of {string.Join(", ", option.Choices)}.{NearestName.Suggestion(text, option.Choices)}";
        return option.Kind switch
        {
            OptionKind.Integer => !long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? "expected a whole number, such as 1000." : RangeComplaint(option, whole),
            OptionKind.Number => !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number) ? "expected a number, such as 0.5." : RangeComplaint(option, number),
            OptionKind.Duration when !Durations.TryParse(text, out _) => "expected a length of time, such as 500ms, 10s, 1m, 2h or 7d.",
            OptionKind.Flag when !bool.TryParse(text, out _) => "expected true or false.",
            _ => null,
        };
    }

    private static string? RangeComplaint(JobOption option, double number)
    {
        if (!(number < option.Min) && !(number > option.Max)) return null;
        var range = (option.Min, option.Max) switch
        {
            ({ } min, { } max) => FormattableString.Invariant($"from {min} to {max}"),
            ({ } min, null) => FormattableString.Invariant($"from {min} on"),
            (_, var max) => FormattableString.Invariant($"up to {max}"),
        };
        return $"expected a {(option.Kind == OptionKind.Integer ? "whole number" : "number")} {range}.";
    }
}
