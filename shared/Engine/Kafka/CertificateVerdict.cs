using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Pipeline.Engine.Kafka;

/// <summary>Judges the certificate that a broker shows, and keeps the reason in words.</summary>
internal sealed class CertificateVerdict(string where, string host, KafkaClientProperties properties, TlsMaterial material)
{
    private const X509ChainStatusFlags Untrusted = X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;

    /// <summary>Why the certificate is refused; null while it is not.</summary>
    internal KafkaConnectionException? Refusal { get; private set; }

    internal bool Accepted { get; private set; }

    internal bool Judge(X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = shown is X509Certificate2 certificate ? Find(certificate, chain, errors) : new(ConnectionRefusal.InvalidCertificate, $"The broker at '{where}' shows no certificate. Check the port in --bootstrap-servers.");
        Accepted = Refusal is null;
        return Accepted;
    }

    private KafkaConnectionException? Find(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (!properties.VerifiesCertificate)
            return null;
        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status) ?? X509ChainStatusFlags.NoError;
        if ((status & Untrusted) != 0)
            return new(ConnectionRefusal.UnknownAuthority, $"The certificate of the broker at '{where}' is issued by '{certificate.Issuer}', which is not trusted by {material.TrustName}. Give that authority's certificate in ssl.truststore.location.");
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return new(ConnectionRefusal.Expired, $"The certificate of the broker at '{where}' is valid from {Day(certificate.NotBefore)} to {Day(certificate.NotAfter)} only, and today is {Day(DateTime.UtcNow)}. Have the broker's certificate renewed, or correct this machine's clock.");
        if (properties.VerifiesHostName && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return new(ConnectionRefusal.WrongHostName, $"The certificate of the broker at '{where}' is for {Names(certificate)} and not for '{host}'. Connect by a name that it is for, or have one issued for this name.");
        return (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None ? null
            : new(ConnectionRefusal.InvalidCertificate, $"The certificate of the broker at '{where}' is refused: {status}. Have the broker's certificate replaced.");
    }

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Names(X509Certificate2 certificate)
    {
        var alternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .Select(name => $"'{name}'")
            .ToList();
        return alternatives.Count > 0 ? string.Join(", ", alternatives) : $"'{certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)}'";
    }
}
