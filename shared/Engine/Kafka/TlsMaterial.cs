using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pipeline.Engine.Kafka;

/// <summary>The certificates of a client's settings, loaded for <see cref="SslStream"/>: whom it trusts and what it shows.</summary>
internal sealed class TlsMaterial : IDisposable
{
    private readonly SslStreamCertificateContext? _shown;

    private TlsMaterial(X509Certificate2Collection? trusted, SslStreamCertificateContext? shown, string trustName) => (Trusted, _shown, TrustName) = (trusted, shown, trustName);

    /// <summary>The trusted authorities, or null for those of the system.</summary>
    internal X509Certificate2Collection? Trusted { get; }

    /// <summary>Where they come from, for messages.</summary>
    internal string TrustName { get; }

    internal bool HasClientCertificate => _shown is not null;

    internal static TlsMaterial Load(KafkaClientProperties properties)
    {
        var settings = properties.Settings;
        var (trusted, name) = LoadTrust(settings);
        return new TlsMaterial(trusted, LoadShown(settings), name);
    }

    internal SslClientAuthenticationOptions Options(string host, CertificateVerdict verdict) => new()
    {
        TargetHost = host,
        ClientCertificateContext = _shown,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = Trusted is null ? null : Policy(Trusted),
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) => verdict.Judge(certificate, chain, errors),
    };

    public void Dispose() => _shown?.TargetCertificate.Dispose();

    private static X509ChainPolicy Policy(X509Certificate2Collection trusted)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(trusted);
        return policy;
    }

    private static (X509Certificate2Collection?, string) LoadTrust(IReadOnlyDictionary<string, string> settings)
    {
        var trusted = new X509Certificate2Collection();
        if (settings.TryGetValue("ssl.ca.pem", out var pem))
        {
            trusted.ImportFromPem(pem);
            return (trusted, "the trust store of the settings");
        }
        if (!settings.TryGetValue("ssl.ca.location", out var path) || path == "probe")
            return (null, "the system's trust store");
        try
        {
            foreach (var file in Directory.Exists(path) ? Directory.GetFiles(path) : [path])
                trusted.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new KafkaSettingsException($"The trusted certificates '{path}' cannot be read: {exception.Message} Give a PEM file.", exception);
        }
        return trusted.Count > 0 ? (trusted, $"'{path}'") : throw new KafkaSettingsException($"'{path}' holds no certificate in PEM, so no broker could be trusted. Give the authority's certificate (-----BEGIN CERTIFICATE-----).");
    }

    private static SslStreamCertificateContext? LoadShown(IReadOnlyDictionary<string, string> settings)
    {
        var name = settings.GetValueOrDefault("ssl.keystore.location") ?? settings.GetValueOrDefault("ssl.certificate.location") ?? "ssl.certificate.pem";
        try
        {
            if (settings.TryGetValue("ssl.keystore.location", out var store))
                return Context(X509CertificateLoader.LoadPkcs12CollectionFromFile(store, settings.GetValueOrDefault("ssl.keystore.password")));
            var certificates = Text(settings, "ssl.certificate");
            if (certificates is null)
                return null;
            var key = Text(settings, "ssl.key") ?? throw new KafkaSettingsException($"There is a client certificate ({name}) and no key. Set ssl.key.location, or ssl.keystore.location to a file with both.");
            var all = new X509Certificate2Collection();
            all.ImportFromPem(certificates);
            var password = settings.GetValueOrDefault("ssl.key.password");
            all[0] = password is null ? X509Certificate2.CreateFromPem(certificates, key) : X509Certificate2.CreateFromEncryptedPem(certificates, key, password);
            return Context(all);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new KafkaSettingsException($"The client certificate '{name}' and its key cannot be used together: {exception.Message.TrimEnd('.')}. Check that both are of one pair, and ssl.key.password or ssl.keystore.password.", exception);
        }
    }

    private static SslStreamCertificateContext Context(X509Certificate2Collection certificates)
    {
        var own = certificates.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new CryptographicException("There is no private key.");
        return SslStreamCertificateContext.Create(own, [.. certificates.Where(certificate => !ReferenceEquals(certificate, own))], offline: true);
    }

    private static string? Text(IReadOnlyDictionary<string, string> settings, string prefix) => settings.TryGetValue(prefix + ".pem", out var pem) ? pem
        : settings.TryGetValue(prefix + ".location", out var path) ? File.ReadAllText(path) : null;
}
