using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pipeline.Tests.Support.Kafka;

/// <summary>A certificate authority for one test, with the certificates that a TLS broker or database and its clients need, as PEM files in a folder.</summary>
/// <remarks>Each store file holds a PKCS#8 key and then the certificate, as Kafka's PEM key stores want them.</remarks>
public sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly string _folder;
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    /// <summary>Makes the authority and writes all files into the folder.</summary>
    public TestCertificates(string folder)
    {
        _folder = folder;
        var request = new CertificateRequest("CN=Test authority", _authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        _authority = request.CreateSelfSigned(Now.AddYears(-2), Now.AddYears(2));
        Authority = Write("ca.pem", _authority.ExportCertificatePem());
        Server = Issue("server", "localhost", Now.AddDays(-1), Now.AddYears(1));
        Client = Issue("client", "test client", Now.AddDays(-1), Now.AddYears(1));
        ExpiredServer = Issue("expired", "localhost", Now.AddYears(-1), Now.AddDays(-1));
        WrongHostServer = Issue("wrong-host", "kafka.example.org", Now.AddDays(-1), Now.AddYears(1));
        OtherAuthority = Write("other-ca.pem", Other());
    }

    /// <summary>The authority's certificate.</summary>
    public string Authority { get; }

    /// <summary>The certificate of an authority that signed nothing here.</summary>
    public string OtherAuthority { get; }

    /// <summary>Key and certificate for localhost, 127.0.0.1, and this machine's name.</summary>
    public string Server { get; }

    /// <summary>Key and certificate of a client.</summary>
    public string Client { get; }

    /// <summary>As <see cref="Server"/>, valid until yesterday.</summary>
    public string ExpiredServer { get; }

    /// <summary>Key and certificate for kafka.example.org only.</summary>
    public string WrongHostServer { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _authority.Dispose();
        _authorityKey.Dispose();
    }

    private string Issue(string name, string host, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host.Replace(' ', '-'));
        if (host == "localhost")
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddDnsName(Dns.GetHostName());
        }
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var certificate = request.Create(_authority, from, to, RandomNumberGenerator.GetBytes(8));
        return Write(name + ".pem", key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem());
    }

    private static string Other()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Other authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(Now.AddYears(-2), Now.AddYears(2));
        return certificate.ExportCertificatePem();
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text + "\n");
        return path;
    }
}
