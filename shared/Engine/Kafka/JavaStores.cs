using System.Security.Cryptography;

namespace Pipeline.Engine.Kafka;

/// <summary>Certificates and keys of either client's settings as Java's clients take them: PEM by its text, other stores by their paths.</summary>
internal sealed class JavaStores(IReadOnlyDictionary<string, string> source, Dictionary<string, string> java, string origin)
{
    private const string Pem = "PEM";
    private readonly StoreFiles files = new(origin);

    internal void Apply()
    {
        TrustStore();
        KeyStore();
    }

    private void TrustStore()
    {
        var authorities = source.GetValueOrDefault("ssl.ca.pem") ?? source.GetValueOrDefault("ssl.truststore.certificates") ?? TextOf("ssl.ca.location");
        if (authorities is null && source.TryGetValue("ssl.truststore.location", out var path))
        {
            if (!IsPem("ssl.truststore", path))
            {
                Keep("ssl.truststore", path);
                return;
            }
            authorities = TextOf("ssl.truststore.location");
        }
        if (authorities is null) return;
        java["ssl.truststore.type"] = Pem;
        java["ssl.truststore.certificates"] = Certificates(authorities, "the trusted certificates");
        // Java takes no password for a PEM store.
        _ = java.Remove("ssl.truststore.password");
    }

    private void KeyStore()
    {
        var chain = source.GetValueOrDefault("ssl.certificate.pem") ?? source.GetValueOrDefault("ssl.keystore.certificate.chain") ?? TextOf("ssl.certificate.location");
        var key = source.GetValueOrDefault("ssl.key.pem") ?? source.GetValueOrDefault("ssl.keystore.key") ?? TextOf("ssl.key.location");
        if (chain is null && key is null && source.TryGetValue("ssl.keystore.location", out var path))
        {
            if (!IsPem("ssl.keystore", path))
            {
                Keep("ssl.keystore", path);
                if (source.TryGetValue("ssl.key.password", out var ofKey)) java["ssl.key.password"] = ofKey;
                return;
            }
            chain = key = TextOf("ssl.keystore.location");
        }
        if (chain is null && key is null) return;
        if (chain is null || key is null)
            throw new KafkaSettingsException($"{origin}: a client's certificate needs its key, and the key its certificate. Give both ssl.certificate.location and ssl.key.location.");
        java["ssl.keystore.type"] = Pem;
        java["ssl.keystore.certificate.chain"] = Certificates(chain, "the client's certificate");
        java["ssl.keystore.key"] = Pkcs8(key);
        _ = java.Remove("ssl.keystore.password");
    }

    /// <summary>A store that Java reads by itself.</summary>
    private void Keep(string store, string path)
    {
        java[store + ".location"] = files.Existing(store + ".location", path);
        if (source.TryGetValue(store + ".type", out var type)) java[store + ".type"] = type;
    }

    /// <summary>Whether a store is PEM, by its type, else by its first byte.</summary>
    private bool IsPem(string store, string path)
    {
        if (source.TryGetValue(store + ".type", out var type)) return type.Equals(Pem, StringComparison.OrdinalIgnoreCase);
        using var file = File.OpenRead(files.Existing(store + ".location", path));
        return StoreFiles.BeginsAsPem(file.ReadByte());
    }

    private string? TextOf(string key)
    {
        if (!source.TryGetValue(key, out var path)) return null;
        try
        {
            return File.ReadAllText(files.Existing(key, path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KafkaSettingsException($"{origin}: cannot read the file '{path}' of '{key}': {error.Message}", error);
        }
    }

    /// <summary>The certificates of a text, and nothing else of it.</summary>
    private string Certificates(string text, string what)
    {
        var found = Blocks(text).Where(static block => block.Label is "CERTIFICATE").Select(static block => block.Text).ToList();
        return found.Count > 0 ? string.Join('\n', found) : throw new KafkaSettingsException($"{origin}: {what} cannot be read: there is no '-----BEGIN CERTIFICATE-----'. Give PEM.");
    }

    private string Pkcs8(string text)
    {
        var password = source.GetValueOrDefault("ssl.key.password") ?? source.GetValueOrDefault("ssl.keystore.password");
        foreach (var (label, block) in Blocks(text))
        {
            try
            {
                switch (label)
                {
                    case "PRIVATE KEY": return block;
                    case "RSA PRIVATE KEY" or "EC PRIVATE KEY" when !block.Contains("ENCRYPTED", StringComparison.Ordinal): return Exported(key => key.ImportFromPem(block));
                    case "ENCRYPTED PRIVATE KEY" when password is not null: return Exported(key => key.ImportFromEncryptedPem(block, password));
                    case "ENCRYPTED PRIVATE KEY":
                        throw new KafkaSettingsException($"{origin}: the client's key is under a password. Give it as ssl.key.password.");
                }
            }
            catch (Exception error) when (error is CryptographicException or ArgumentException)
            {
                throw new KafkaSettingsException($"{origin}: the client's key cannot be read. Check it, and ssl.key.password.", error);
            }
        }
        throw new KafkaSettingsException($"{origin}: the client's key cannot be read: it is no private key in PEM that Java's clients know. Convert it: openssl pkcs8 -topk8 -in client.key -out client.p8.");
    }

    /// <summary>An RSA key as PKCS#8, or one of an elliptic curve.</summary>
    private static string Exported(Action<AsymmetricAlgorithm> import)
    {
        using var rsa = RSA.Create();
        try
        {
            import(rsa);
            return rsa.ExportPkcs8PrivateKeyPem();
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            // Not RSA: what is wrong with it otherwise is said by the second try.
            using var curve = ECDsa.Create();
            import(curve);
            return curve.ExportPkcs8PrivateKeyPem();
        }
    }

    private static List<(string Label, string Text)> Blocks(string text)
    {
        var blocks = new List<(string, string)>();
        var rest = text.AsSpan();
        while (rest.IndexOf("-----BEGIN ", StringComparison.Ordinal) is var start and >= 0)
        {
            rest = rest[start..];
            var labelEnd = rest[11..].IndexOf("-----", StringComparison.Ordinal);
            if (labelEnd < 0) break;
            var label = rest.Slice(11, labelEnd).ToString();
            var last = $"-----END {label}-----";
            var end = rest.IndexOf(last, StringComparison.Ordinal);
            if (end < 0) break;
            blocks.Add((label, rest[..(end + last.Length)].ToString()));
            rest = rest[(end + last.Length)..];
        }
        return blocks;
    }
}
