using System.Buffers.Binary;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>Why a connection was not made safe by TLS, looked up at the server: the driver's error tells only that it was not.</summary>
/// <remarks>Nothing is sent but the request for TLS. Source: PostgreSQL, "Message Formats" (SSLRequest) and "SSL Session Encryption".</remarks>
internal static class TlsRefusal
{
    private const string NoTls = "SSL connection requested";
    private const int RequestLength = 8;
    private const int RequestCode = 80877103;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Whether an error says that TLS was asked for and not had; trying again changes nothing.</summary>
    public static bool Is(Exception error) =>
        error is NpgsqlException && (error.InnerException is AuthenticationException || (error.InnerException is null && error.Message.StartsWith(NoTls, StringComparison.Ordinal)));

    /// <summary>The reason as a sentence and what to do, to be read after "Cannot export to …: ".</summary>
    public static async Task<string> ReasonAsync(NpgsqlConnectionStringBuilder settings, Exception error)
    {
        var host = settings.Host!;
        if (error.InnerException is null)
        {
            return PostgresAddress.IsLoopback(host)
                ? $"the server offers no TLS, and sslmode={Spelled(settings.SslMode)} asks for it. Switch it on there (ssl = on), or take sslmode out of the address."
                : "the server offers no TLS, and what is not on this machine is used with TLS only. Switch it on there (ssl = on), or say insecure=true in the address.";
        }
        try
        {
            using var certificate = await CertificateAsync(host, settings.Port);
            if (certificate is not null && Fault(certificate, host, settings) is { } fault) return fault;
        }
        catch (Exception second) when (second is IOException or SocketException or AuthenticationException or OperationCanceledException or CryptographicException)
        {
            // The driver's own word is left.
        }
        return $"the server's certificate was not accepted: {error.InnerException.Message} Name its authority with sslrootcert=FILE.";
    }

    private static string? Fault(X509Certificate2 certificate, string host, NpgsqlConnectionStringBuilder settings)
    {
        var now = DateTime.Now;
        if (now > certificate.NotAfter) return string.Create(CultureInfo.InvariantCulture, $"the server's certificate was valid until {certificate.NotAfter:yyyy-MM-dd}. Have it renewed.");
        if (now < certificate.NotBefore) return string.Create(CultureInfo.InvariantCulture, $"the server's certificate is valid from {certificate.NotBefore:yyyy-MM-dd} only. Check the clocks of both machines.");
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if ((settings.RootCertificate ?? Environment.GetEnvironmentVariable("PGSSLROOTCERT")) is { Length: > 0 } authorities)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(authorities);
        }
        if (!chain.Build(certificate)) return $"the server's certificate is signed by '{certificate.Issuer}', which is no authority that is trusted here. Name the right one's PEM file: sslrootcert=FILE in the address, or PGSSLROOTCERT.";
        return certificate.MatchesHostname(host) ? null : $"the server's certificate is for {Names(certificate)}, not for '{host}'. Write the host's name as the certificate has it, or have a certificate made for this one.";
    }

    /// <summary>The certificate that the server shows, not verified; null where it shows none.</summary>
    private static async Task<X509Certificate2?> CertificateAsync(string host, int port)
    {
        using var time = new CancellationTokenSource(Patience);
        using var client = new TcpClient();
        await client.ConnectAsync(host, port, time.Token);
        var stream = client.GetStream();
        var request = new byte[RequestLength];
        BinaryPrimitives.WriteInt32BigEndian(request, RequestLength);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(4), RequestCode);
        await stream.WriteAsync(request, time.Token);
        var answer = new byte[1];
        if (await stream.ReadAsync(answer, time.Token) == 0 || answer[0] != (byte)'S') return null;
        X509Certificate2? seen = null;
        await using var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host, RemoteCertificateValidationCallback = See }, time.Token);
        }
        catch (AuthenticationException)
        {
            // As it must be: See accepts none.
        }
        return seen;

        bool See(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        {
            seen = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
            return false;
        }
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString()))).Select(static name => $"'{name}'").ToList();
        return names.Count > 0 ? string.Join(", ", names) : $"'{certificate.Subject}'";
    }

    private static string Spelled(SslMode mode) => mode switch { SslMode.VerifyFull => "verify-full", SslMode.VerifyCA => "verify-ca", _ => mode.ToString().ToLowerInvariant() };
}
