using System.Collections.Frozen;

namespace Pipeline.Engine.Kafka;

/// <summary>Settings of a Kafka client under the names of Kafka's Java clients, which Spark's Kafka source is built on; the counterpart of <see cref="KafkaClientProperties"/>.</summary>
/// <remarks>
/// A file with librdkafka's keys means the same here. Certificates and keys in PEM files are read and given by their text, so that executors on other machines need no files;
/// a key in an older form or under a password becomes PKCS#8 in the clear, the only form that Java reads. What Java's clients cannot do is refused by the key's name.
/// </remarks>
public static class JavaClientProperties
{
    /// <summary>librdkafka's names for what Java calls otherwise, where the value is the same.</summary>
    private static readonly FrozenDictionary<string, string> Renamed = KafkaKeys.Renamed
        .Where(static pair => !pair.Value.StartsWith("ssl.", StringComparison.Ordinal))
        .Select(static pair => KeyValuePair.Create(pair.Value, pair.Key))
        .Append(KeyValuePair.Create("metadata.broker.list", "bootstrap.servers"))
        .Append(KeyValuePair.Create("sasl.mechanisms", "sasl.mechanism"))
        .ToFrozenDictionary();

    /// <summary>Keys that are read together with others, below.</summary>
    private static readonly FrozenSet<string> Composed = new[]
    {
        KafkaClientProperties.InsecureKey, KafkaClientProperties.Verification, KafkaClientProperties.HostVerification, "security.protocol",
        "sasl.username", "sasl.password", "ssl.key.password",
        "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location", "ssl.certificate.pem", "ssl.key.location", "ssl.key.pem",
        "ssl.truststore.type", "ssl.truststore.location", "ssl.truststore.certificates",
        "ssl.keystore.type", "ssl.keystore.location", "ssl.keystore.certificate.chain", "ssl.keystore.key",
    }.ToFrozenSet();

    /// <summary>Java's names among those that begin with ssl. or sasl.; others of these families would be ignored without a word.</summary>
    private static readonly FrozenSet<string> Security = new[]
    {
        "ssl.truststore.password", "ssl.keystore.password", "ssl.cipher.suites", "sasl.mechanism", "sasl.jaas.config", "sasl.kerberos.service.name",
        "sasl.kerberos.ticket.renew.window.factor", "sasl.kerberos.ticket.renew.jitter", "sasl.kerberos.min.time.before.relogin",
        "sasl.oauthbearer.token.endpoint.url", "sasl.oauthbearer.jwks.endpoint.url", "sasl.oauthbearer.scope.claim.name", "sasl.oauthbearer.sub.claim.name",
    }.ToFrozenSet();

    /// <summary>Translates settings in either client's words.</summary>
    /// <param name="keys">Settings by key, values final. Holds secrets: not for logs.</param>
    /// <param name="origin">Where they come from, for messages.</param>
    /// <returns>Settings by the names of Java's clients; without those that no Kafka client knows. Holds secrets.</returns>
    /// <exception cref="KafkaSettingsException">A key asks for something that Java's clients cannot do, or names a file that is absent or cannot be read.</exception>
    public static Dictionary<string, string> Of(IReadOnlyDictionary<string, string> keys, string origin)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentException.ThrowIfNullOrEmpty(origin);
        var java = new Dictionary<string, string>();
        foreach (var (key, value) in keys)
        {
            if (Composed.Contains(key)) continue;
            var name = Renamed.GetValueOrDefault(key, key);
            if (IsSecurity(name) && !Security.Contains(name) && !KafkaKeys.JavaOnly.Contains(name)) throw NotInJava(name, origin);
            if (KafkaClientProperties.IsKnown(name)) java[name] = value;
        }
        if (keys.TryGetValue("security.protocol", out var protocol)) java["security.protocol"] = protocol.ToUpperInvariant();
        Verify(keys, java, origin);
        Login(keys, java, origin);
        new JavaStores(keys, java, origin).Apply();
        return java;
    }

    private static bool IsSecurity(string key) => key.StartsWith("ssl.", StringComparison.Ordinal) || key.StartsWith("sasl.", StringComparison.Ordinal);

    private static void Verify(IReadOnlyDictionary<string, string> keys, Dictionary<string, string> java, string origin)
    {
        var trust = BrokerTrust.Of(keys);
        if (trust.LeavesOutCertificate || trust is { IsInsecure: true, LeavesOutName: false })
        {
            var key = trust.LeavesOutCertificate ? KafkaClientProperties.Verification : KafkaClientProperties.InsecureKey;
            throw new KafkaSettingsException(
                $"{origin}: '{key}' would leave the broker's certificate unverified, which Java's clients, and so Spark, cannot do. "
                + $"Name the authority that signed it (ssl.ca.location). To leave only the host name unverified, say {KafkaClientProperties.InsecureKey}=true "
                + $"and {KafkaClientProperties.HostVerification}=none.");
        }
        trust.RequireMeant(origin);
        if (keys.TryGetValue(KafkaClientProperties.HostVerification, out var algorithm)) java[KafkaClientProperties.HostVerification] = trust.LeavesOutName ? "" : algorithm;
    }

    /// <summary>Name and password as Java's clients take them.</summary>
    private static void Login(IReadOnlyDictionary<string, string> keys, Dictionary<string, string> java, string origin)
    {
        if (keys.ContainsKey("sasl.jaas.config") || !keys.TryGetValue("sasl.username", out var user) || !keys.TryGetValue("sasl.password", out var password)) return;
        var mechanism = java.GetValueOrDefault("sasl.mechanism") ?? "";
        var module = mechanism.ToUpperInvariant() switch
        {
            "PLAIN" => "org.apache.kafka.common.security.plain.PlainLoginModule",
            "SCRAM-SHA-256" or "SCRAM-SHA-512" => "org.apache.kafka.common.security.scram.ScramLoginModule",
            "" => throw new KafkaSettingsException(
                $"{origin}: there are sasl.username and sasl.password, and no sasl.mechanism. "
                + "Add sasl.mechanism=PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, as the brokers have it."),
            _ => throw new KafkaSettingsException(
                $"{origin}: sasl.mechanism is '{mechanism}', for which Java's clients, and so Spark, do not take sasl.username and sasl.password. "
                + "Give sasl.jaas.config."),
        };
        java["sasl.jaas.config"] = $"{module} required username=\"{Quoted(user)}\" password=\"{Quoted(password)}\";";
    }

    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static KafkaSettingsException NotInJava(string key, string origin)
    {
        var remedy = "";
        if (key.StartsWith("sasl.kerberos.", StringComparison.Ordinal))
            remedy = " Give sasl.jaas.config with com.sun.security.auth.module.Krb5LoginModule.";
        else if (key.StartsWith("sasl.oauthbearer.", StringComparison.Ordinal))
            remedy = " Give sasl.jaas.config with OAuthBearerLoginModule, and sasl.oauthbearer.token.endpoint.url.";
        return new KafkaSettingsException($"{origin}: '{key}' is a setting of librdkafka that Java's clients, and so Spark, do not have.{remedy}");
    }
}
