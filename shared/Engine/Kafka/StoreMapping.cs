using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pipeline.Engine.Kafka;

/// <summary>Java's trust store and key store settings as librdkafka's: PEM by location, PKCS#12 read here, JKS refused with the way out.</summary>
internal sealed class StoreMapping(IReadOnlyDictionary<string, string> source, Dictionary<string, string> target, string origin)
{
    private const uint JksMagic = 0xFEEDFEED;
    private readonly StoreFiles files = new(origin);

    internal void Apply()
    {
        TrustStore();
        KeyStore();
        foreach (var key in (ReadOnlySpan<string>)["ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.crl.location"])
        {
            if (target.TryGetValue(key, out var path))
                target[key] = files.Existing(key, path);
        }
    }

    private void TrustStore()
    {
        if (!source.TryGetValue("ssl.truststore.location", out var given))
            return;
        var path = files.Existing("ssl.truststore.location", given);
        if (IsPem("ssl.truststore", path))
        {
            target["ssl.ca.location"] = path;
            return;
        }
        try
        {
            var certificates = X509CertificateLoader.LoadPkcs12CollectionFromFile(path, source.GetValueOrDefault("ssl.truststore.password"));
            target["ssl.ca.pem"] = string.Join('\n', certificates.Select(certificate => certificate.ExportCertificatePem()));
        }
        catch (CryptographicException exception)
        {
            throw new KafkaSettingsException($"{origin}: the trust store '{path}' cannot be read as PKCS#12. Check 'ssl.truststore.password', or give a PEM file with ssl.truststore.type=PEM.", exception);
        }
    }

    private void KeyStore()
    {
        if (!source.TryGetValue("ssl.keystore.location", out var given))
            return;
        var path = files.Existing("ssl.keystore.location", given);
        if (IsPem("ssl.keystore", path))
        {
            // One file with the key and then the certificates, as Kafka has it: OpenSSL takes from it what each setting needs.
            target["ssl.certificate.location"] = path;
            target["ssl.key.location"] = path;
            return;
        }
        target["ssl.keystore.location"] = path;
        if (source.TryGetValue("ssl.keystore.password", out var password))
            target["ssl.keystore.password"] = password;
    }

    /// <summary>Whether the store is PEM, by its type setting, else by its first bytes.</summary>
    private bool IsPem(string store, string path)
    {
        var type = source.GetValueOrDefault(store + ".type")?.ToUpperInvariant();
        if (type is not (null or "PEM" or "PKCS12" or "JKS"))
            throw new KafkaSettingsException($"{origin}: '{store}.type' is '{type}'. Give PEM or PKCS12.");
        var head = new byte[4];
        using var file = File.OpenRead(path);
        var length = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (type == "JKS" || (length == head.Length && System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(head) == JksMagic))
            throw new KafkaSettingsException($"{origin}: '{store}.location' ({path}) is a Java key store (JKS), which only Java reads. Convert it: keytool -importkeystore -srckeystore {Path.GetFileName(path)} -destkeystore store.p12 -deststoretype PKCS12, and set {store}.type=PKCS12.");
        return type == "PEM" || (type is null && StoreFiles.BeginsAsPem(head[0]));
    }
}
