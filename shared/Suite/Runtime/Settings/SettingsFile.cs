using Microsoft.Extensions.Configuration;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Runtime.Settings;

/// <summary>pipeline.yml: common options at the root, each job's options in a section of its name, Kafka's and Spark's own keys in <c>kafka</c> and <c>spark</c>.</summary>
internal sealed class SettingsFile
{
    public const string DefaultName = "pipeline.yml";
    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    private SettingsFile(string? path, bool isNamed) => (Path, IsNamed) = (path, isNamed);

    /// <summary>The file, or null where there is none.</summary>
    public string? Path { get; }

    /// <summary>Whether the user named the file; else it was found in the current folder, which may be anybody's.</summary>
    public bool IsNamed { get; }

    public static SettingsFile Empty { get; } = new(null, isNamed: false);

    public static SettingsFile Load(string path, bool isNamed)
    {
        var file = new SettingsFile(path, isNamed);
        try
        {
            var configuration = new ConfigurationBuilder().AddYamlFile(System.IO.Path.GetFullPath(path), optional: false, reloadOnChange: false).Build();
            foreach (var (key, value) in configuration.AsEnumerable())
                if (value is not null) file.values[key] = value;
            return file;
        }
        catch (FileNotFoundException error)
        {
            throw new UsageException($"The settings file '{path}' is not there. Give another with --config, or leave the option away.", error);
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or YamlDotNet.Core.YamlException)
        {
            throw new UsageException($"The settings file '{path}' is not valid YAML: {(error.InnerException ?? error).Message}", error);
        }
    }

    public string? Find(string? section, string key) => values.GetValueOrDefault(section is null ? key : $"{section}:{key}");

    /// <summary>All keys of a section with their values; keys keep their spelling.</summary>
    public IEnumerable<KeyValuePair<string, string>> Section(string name) =>
        values.Where(entry => entry.Key.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(entry => KeyValuePair.Create(entry.Key[(name.Length + 1)..].Replace(':', '.'), entry.Value));

    /// <summary>Refuses keys that nothing reads.</summary>
    /// <param name="sections">Options by section; null options are not checked.</param>
    /// <param name="rootKeys">Keys that may stand at the root.</param>
    public void CheckKeys(IReadOnlyDictionary<string, IReadOnlyCollection<string>?> sections, IReadOnlyCollection<string> rootKeys)
    {
        foreach (var key in values.Keys)
        {
            var colon = key.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                if (!rootKeys.Contains(key, StringComparer.OrdinalIgnoreCase))
                    throw new UsageException($"The settings file '{Path}' has the key '{key}', which nothing reads.{NearestName.Suggestion(key, rootKeys.Concat(sections.Keys))}");
                continue;
            }
            var section = sections.Keys.FirstOrDefault(name => name.Equals(key[..colon], StringComparison.OrdinalIgnoreCase))
                ?? throw new UsageException($"The settings file '{Path}' has the section '{key[..colon]}', which nothing reads.{NearestName.Suggestion(key[..colon], sections.Keys)}");
            if (sections[section] is { } known && !known.Contains(key[(colon + 1)..], StringComparer.OrdinalIgnoreCase))
                throw new UsageException($"The settings file '{Path}' has the key '{key[(colon + 1)..]}' in the section '{section}', which nothing reads.{NearestName.Suggestion(key[(colon + 1)..], known)}");
        }
    }
}
