using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Kafka;

/// <summary>Settings of a Kafka client, as librdkafka takes them, read from a client.properties file with Kafka's own keys.</summary>
/// <remarks>
/// A file that works with Kafka's Java tools works here; librdkafka's own keys are taken as well. A value may be <c>${env:NAME}</c>, so that a secret stays out of
/// the file. TLS is always verified (certificate and host name) unless the file says <c>insecure=true</c>. Immutable.
/// </remarks>
public sealed partial class KafkaClientProperties
{
    /// <summary>The one setting that lets verification be left out.</summary>
    public const string InsecureKey = "insecure";

    internal const string Verification = "enable.ssl.certificate.verification";
    internal const string HostVerification = "ssl.endpoint.identification.algorithm";
    private readonly Dictionary<string, string> _settings;

    private KafkaClientProperties(Dictionary<string, string> settings, IReadOnlyList<string> warnings) => (_settings, Warnings) = (settings, warnings);

    /// <summary>No settings: a plain connection with librdkafka's defaults.</summary>
    public static KafkaClientProperties Empty { get; } = new([], []);

    /// <summary>Everything under librdkafka's names. Holds secrets: not for logs.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    /// <summary>Full sentences about settings left out or risky, for the log.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The brokers to begin with, <c>host:port,…</c>; null where none are given.</summary>
    public string? BootstrapServers => _settings.GetValueOrDefault("bootstrap.servers");

    /// <summary>Whether the connection is TLS (<c>security.protocol</c> is SSL or SASL_SSL).</summary>
    public bool UsesTls => SecurityProtocol.EndsWith("ssl", StringComparison.OrdinalIgnoreCase);

    /// <summary><c>plaintext</c>, <c>ssl</c>, <c>sasl_plaintext</c> or <c>sasl_ssl</c>.</summary>
    internal string SecurityProtocol => _settings.GetValueOrDefault("security.protocol", "plaintext").ToLowerInvariant();

    internal bool VerifiesCertificate => !IsFalse(_settings.GetValueOrDefault(Verification));

    internal bool VerifiesHostName => VerifiesCertificate && _settings.GetValueOrDefault(HostVerification) != "none";

    /// <summary>Whether a setting, under Kafka's or librdkafka's name, loads code or runs a command. Such a setting is to be taken only from whom one trusts with that.</summary>
    public static bool LoadsCode(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return KafkaKeys.LoadCode.Contains(key) || key.StartsWith("config.providers", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a key is no Kafka client's and not near one of theirs, as those that a file shared by several tools has for the others (<c>schema.registry.url</c>).</summary>
    /// <remarks>A key of the families ssl, sasl and security is never taken for another tool's: a misspelt one would leave a connection less safe than it was meant.</remarks>
    public static bool IsForOtherTools(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return !IsKnown(key) && !key.StartsWith("ssl.", StringComparison.OrdinalIgnoreCase) && !key.StartsWith("sasl.", StringComparison.OrdinalIgnoreCase)
            && !key.StartsWith("security.", StringComparison.OrdinalIgnoreCase) && NearestName.Find(key, KafkaKeys.All) is null;
    }

    /// <summary>Reads a client.properties file.</summary>
    /// <exception cref="KafkaSettingsException">The file is absent or unreadable, a key is unknown and near a known one or about security, a value is wrong, or a file that it names is absent.</exception>
    public static KafkaClientProperties Load(string path) => Parse(ReadText(path), path);

    /// <summary>The keys of a client.properties file under Kafka's own names, checked, with <c>${env:NAME}</c> filled in. Holds secrets: not for logs.</summary>
    /// <exception cref="KafkaSettingsException">As for <see cref="Load"/>, the files that are named apart.</exception>
    public static Dictionary<string, string> ReadKeys(string path) => ParseKeys(ReadText(path), path);

    private static string ReadText(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var why = exception is FileNotFoundException or DirectoryNotFoundException ? "it is not there" : exception.Message;
            throw new KafkaSettingsException($"Cannot read the Kafka settings '{path}': {why}. Give --kafka-config a readable client.properties file.", exception);
        }
    }

    /// <summary>Reads the text of a client.properties file; <paramref name="origin"/> is its path, for messages and for files beside it.</summary>
    /// <exception cref="KafkaSettingsException">As for <see cref="Load"/>.</exception>
    public static KafkaClientProperties Parse(string text, string origin)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(origin);
        return Map(ParseKeys(text, origin), origin);
    }

    /// <summary>The same from keys under Kafka's own names whose values are final, as <see cref="ReadKeys"/> gives them; <paramref name="origin"/> is for messages.</summary>
    /// <exception cref="KafkaSettingsException">As for <see cref="Load"/>.</exception>
    public static KafkaClientProperties Of(IReadOnlyDictionary<string, string> keys, string origin)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentException.ThrowIfNullOrEmpty(origin);
        foreach (var key in keys.Keys.Where(key => !IsKnown(key) && !IsForOtherTools(key))) throw Unknown(key, origin, "Correct it or leave it out.");
        return Map(keys, origin);
    }

    private static KafkaClientProperties Map(IReadOnlyDictionary<string, string> source, string origin)
    {
        var warnings = new List<string>();
        var target = new Dictionary<string, string>();
        Rename(source, target, warnings, origin);
        new StoreMapping(source, target, origin).Apply();
        Sasl(source, target, origin);
        Verify(source, target, warnings, origin);
        return new KafkaClientProperties(target, warnings);
    }

    private static Dictionary<string, string> ParseKeys(string text, string origin)
    {
        var source = new Dictionary<string, string>();
        foreach (var (key, value, line) in JavaProperties.Parse(text))
        {
            if (!IsKnown(key) && !IsForOtherTools(key))
                throw Unknown(key, $"{origin}, line {line}", "Correct it or take the line out.");
            // As Kafka's clients do it: blanks around a value do not count, but in a password.
            source[key] = Expand(SecretNames.IsSecret(key) ? value : value.Trim(), $"{origin}, line {line}");
        }
        return source;
    }

    private static KafkaSettingsException Unknown(string key, string where, string remedy) =>
        new($"{where}: '{key}' is not a setting of Kafka's clients.{NearestName.Suggestion(key, KafkaKeys.All)} {remedy}");

    /// <summary>The same with one setting (librdkafka's name) put in or replaced.</summary>
    public KafkaClientProperties With(string key, string value) => new(new Dictionary<string, string>(_settings) { [key] = value }, Warnings);

    /// <summary>The settings that a producer takes, in a new dictionary to add to.</summary>
    public Dictionary<string, string> ForProducer() => Scoped(KeyScope.Producer);

    /// <summary>The settings that a consumer takes, in a new dictionary to add to.</summary>
    public Dictionary<string, string> ForConsumer() => Scoped(KeyScope.Consumer);

    /// <summary>The settings that an admin client takes: those of the connection.</summary>
    public Dictionary<string, string> ForAdmin() => Scoped(KeyScope.Both);

    private Dictionary<string, string> Scoped(KeyScope scope) => _settings
        .Where(setting => !KafkaKeys.Librdkafka.TryGetValue(setting.Key, out var of) || of == KeyScope.Both || of == scope)
        .ToDictionary(setting => setting.Key, setting => setting.Value);

    internal static bool IsKnown(string key) => KafkaKeys.Librdkafka.ContainsKey(key) || KafkaKeys.Renamed.ContainsKey(key) || KafkaKeys.Composed.Contains(key)
        || KafkaKeys.JavaOnly.Contains(key) || key == "config.providers" || key.StartsWith("config.providers.", StringComparison.Ordinal);

    private static void Rename(IReadOnlyDictionary<string, string> source, Dictionary<string, string> target, List<string> warnings, string origin)
    {
        foreach (var (key, value) in source)
        {
            if (KafkaKeys.JavaOnly.Contains(key))
                warnings.Add($"{origin}: '{key}' is a setting of Java's clients only and is left out.");
            else if (KafkaKeys.Renamed.TryGetValue(key, out var name))
                target[name] = value;
            else if (KafkaKeys.Librdkafka.ContainsKey(key) && !KafkaKeys.Composed.Contains(key))
                target[key] = value;
            else if (!IsKnown(key))
                warnings.Add($"{origin}: '{key}' is not a setting of Kafka's clients and is left out.");
        }
        if (target.GetValueOrDefault("auto.offset.reset") == "none")
            target["auto.offset.reset"] = "error";
        if (source.TryGetValue("buffer.memory", out var bytes))
            target["queue.buffering.max.kbytes"] = long.TryParse(bytes, CultureInfo.InvariantCulture, out var count) ? Math.Max(1, count / 1024).ToString(CultureInfo.InvariantCulture)
                : throw new KafkaSettingsException($"{origin}: 'buffer.memory' is not a number of bytes.");
        if (target.TryGetValue("security.protocol", out var protocol))
            target["security.protocol"] = protocol.ToLowerInvariant() is var lower and ("plaintext" or "ssl" or "sasl_plaintext" or "sasl_ssl") ? lower
                : throw new KafkaSettingsException($"{origin}: 'security.protocol' is '{protocol}'. Give PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.");
        else if (source.Keys.Any(key => key.StartsWith("ssl.", StringComparison.Ordinal)))
            warnings.Add($"{origin}: there are ssl settings but no 'security.protocol', so the connection is not encrypted. Add security.protocol=SSL.");
    }

    private static void Sasl(IReadOnlyDictionary<string, string> source, Dictionary<string, string> target, string origin)
    {
        if (!source.TryGetValue("sasl.jaas.config", out var jaas))
            return;
        if (!jaas.Contains("PlainLoginModule", StringComparison.Ordinal) && !jaas.Contains("ScramLoginModule", StringComparison.Ordinal))
            throw new KafkaSettingsException($"{origin}: 'sasl.jaas.config' is read for PlainLoginModule and ScramLoginModule only. For other mechanisms give librdkafka's keys (sasl.kerberos.*, sasl.oauthbearer.*).");
        foreach (Match match in JaasOption().Matches(jaas))
            target["sasl." + match.Groups["name"].Value] = match.Groups["value"].Value.Replace("\\\"", "\"", StringComparison.Ordinal);
        if (!target.ContainsKey("sasl.username") || !target.ContainsKey("sasl.password"))
            throw new KafkaSettingsException($"{origin}: 'sasl.jaas.config' lacks username=\"…\" or password=\"…\".");
    }

    private static void Verify(IReadOnlyDictionary<string, string> source, Dictionary<string, string> target, List<string> warnings, string origin)
    {
        var trust = BrokerTrust.Of(source);
        trust.RequireMeant(origin);
        if (trust.LeavesOutName)
            target[HostVerification] = "none";
        if (!trust.IsInsecure)
            return;
        if (!trust.LeavesOutName)
            target[Verification] = "false";
        var isNameAlone = trust is { LeavesOutName: true, LeavesOutCertificate: false };
        warnings.Add($"{origin}: {InsecureKey}=true, so {(isNameAlone ? "the broker's host name is" : "neither the broker's certificate nor its host name is")} verified. Anyone on the way can read and change the data.");
    }

    private static string Expand(string value, string where) => Reference().Replace(value, match =>
    {
        var name = match.Groups["name"].Value;
        if (match.Groups["provider"].Value != "env")
            throw new KafkaSettingsException($"{where}: '${{{match.Groups["provider"].Value}:…}}' cannot be resolved. Of Kafka's config providers only ${{env:NAME}} is read here.");
        return Environment.GetEnvironmentVariable(name)
            ?? throw new KafkaSettingsException($"{where}: the environment variable '{name}' is not set. Set it, or write the value in the file.");
    });

    internal static bool IsFalse(string? value) => string.Equals(value, "false", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\b(?<name>username|password)\s*=\s*""(?<value>(?:[^""\\]|\\.)*)""")]
    private static partial Regex JaasOption();

    [GeneratedRegex(@"\$\{(?<provider>env|file|dir):(?<name>[^}]*)\}")]
    private static partial Regex Reference();
}
