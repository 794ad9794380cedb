using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Pipeline.Engine.Kafka;

/// <summary>Finds out, before a client is used, whether a broker can be talked to, and if not, why.</summary>
/// <remarks>
/// librdkafka tells a wrong authority, a wrong host name and an expired certificate by one text, says nothing of TLS against a plain listener, and retries for ever.
/// So the first word is said here: TCP, then TLS with the client's own certificates and rules, then Kafka's ApiVersions request, which every broker answers before log-in.
/// </remarks>
public static class BrokerContact
{
    private const int DefaultPort = 9092;
    private const int CorrelationId = 0x7069_7065;
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(500);

    /// <summary>Returns once a broker of <c>bootstrap.servers</c> has answered.</summary>
    /// <param name="properties">The client's settings with its bootstrap servers.</param>
    /// <param name="limit">How long an absent broker is waited for; what is no matter of time, such as a refused certificate, ends at once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="KafkaConnectionException">No broker can be talked to; the message says why and what to do.</exception>
    /// <exception cref="KafkaSettingsException">There are no bootstrap servers, or a certificate or key cannot be used.</exception>
    public static async Task VerifyAsync(KafkaClientProperties properties, TimeSpan limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var addresses = Addresses(properties.BootstrapServers);
        using var certificates = properties.UsesTls ? TlsMaterial.Load(properties) : null;
        var until = TimeProvider.System.GetTimestamp() + (long)(limit.TotalSeconds * TimeProvider.System.TimestampFrequency);
        while (true)
        {
            KafkaConnectionException? refusal = null;
            foreach (var (host, port) in addresses)
            {
                var left = TimeSpan.FromSeconds((until - TimeProvider.System.GetTimestamp()) / (double)TimeProvider.System.TimestampFrequency);
                var found = await TryAsync(host, port, properties, certificates, left < AttemptLimit ? left : AttemptLimit, cancellationToken).ConfigureAwait(false);
                if (found is null)
                    return;
                if (refusal is null || refusal.IsTransient)
                    refusal = found;
            }
            if (!refusal!.IsTransient || TimeProvider.System.GetTimestamp() + (long)(BetweenAttempts.TotalSeconds * TimeProvider.System.TimestampFrequency) >= until)
                throw refusal;
            await Task.Delay(BetweenAttempts, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<KafkaConnectionException?> TryAsync(string host, int port, KafkaClientProperties properties, TlsMaterial? certificates, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(limit > TimeSpan.FromMilliseconds(100) ? limit : TimeSpan.FromMilliseconds(100));
        var where = $"{host}:{port}";
        try
        {
            return certificates is null
                ? await TryPlainAsync(host, port, where, timer.Token).ConfigureAwait(false)
                : await TryTlsAsync(host, port, where, properties, certificates, timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unreachable(where, "it did not answer in time", null);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain)
        {
            return new(ConnectionRefusal.UnknownHost, $"Cannot reach a Kafka broker at '{where}': the host '{host}' is unknown. Check --bootstrap-servers and the name server.", exception);
        }
        catch (SocketException exception)
        {
            return Unreachable(where, exception.SocketErrorCode == SocketError.ConnectionRefused ? "nobody listens there" : exception.Message, exception);
        }
        catch (IOException exception)
        {
            return Unreachable(where, "the connection was cut", exception);
        }
    }

    private static async Task<KafkaConnectionException?> TryPlainAsync(string host, int port, string where, CancellationToken cancellationToken)
    {
        using (var connection = await ConnectAsync(host, port, cancellationToken).ConfigureAwait(false))
        {
            if (await AnswersAsync(connection.GetStream(), cancellationToken).ConfigureAwait(false))
                return null;
        }
        return await SpeaksTlsAsync(host, port, cancellationToken).ConfigureAwait(false)
            ? new(ConnectionRefusal.TlsServer, $"The broker at '{where}' speaks TLS and the client does not. Set security.protocol=SSL (or SASL_SSL) in the file of --kafka-config.")
            : new(ConnectionRefusal.NotKafka, $"What listens at '{where}' does not answer as a Kafka broker. Check the port in --bootstrap-servers.");
    }

    private static async Task<KafkaConnectionException?> TryTlsAsync(string host, int port, string where, KafkaClientProperties properties, TlsMaterial certificates, CancellationToken cancellationToken)
    {
        using var connection = await ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
        var verdict = new CertificateVerdict(where, host, properties, certificates);
        await using var tls = new SslStream(connection.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(certificates.Options(host, verdict), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return verdict.Refusal ?? await ExplainHandshakeAsync(host, port, where, verdict, certificates, exception, cancellationToken).ConfigureAwait(false);
        }
        try
        {
            if (await AnswersAsync(tls, cancellationToken).ConfigureAwait(false))
                return null;
        }
        catch (IOException)
        {
            // In TLS 1.3 the broker's word on our certificate comes after the handshake, as an alert on the first read.
        }
        return ClientCertificate(where, certificates);
    }

    private static async Task<KafkaConnectionException> ExplainHandshakeAsync(string host, int port, string where, CertificateVerdict verdict, TlsMaterial certificates, Exception exception, CancellationToken cancellationToken)
    {
        if (verdict.Accepted)
            return ClientCertificate(where, certificates);
        using var connection = await ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
        return await AnswersAsync(connection.GetStream(), cancellationToken).ConfigureAwait(false)
            ? new(ConnectionRefusal.PlaintextServer, $"The broker at '{where}' does not speak TLS on this port. Take the port of its TLS listener, or set security.protocol=PLAINTEXT if the way to it is trusted.")
            : new(ConnectionRefusal.NotKafka, $"The TLS handshake with '{where}' failed: {exception.GetBaseException().Message}. Check the port in --bootstrap-servers and the TLS versions of the broker.", exception);
    }

    private static KafkaConnectionException ClientCertificate(string where, TlsMaterial certificates) => new(ConnectionRefusal.ClientCertificateRefused, certificates.HasClientCertificate
        ? $"The broker at '{where}' refuses this client's certificate. Give one that is in date and of an authority that the broker trusts, in ssl.keystore.location."
        : $"The broker at '{where}' asks for a client certificate and none is given. Set ssl.keystore.location in the file of --kafka-config.");

    private static KafkaConnectionException Unreachable(string where, string why, Exception? cause) => new(ConnectionRefusal.Unreachable, $"Cannot reach a Kafka broker at '{where}': {why}. Start the broker, or correct --bootstrap-servers.", cause);

    private static async Task<TcpClient> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var connection = new TcpClient { NoDelay = true };
        try
        {
            await connection.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends ApiVersions (version 0, no client id) and says whether the answer carries its correlation id.</summary>
    private static async Task<bool> AnswersAsync(Stream stream, CancellationToken cancellationToken)
    {
        var request = new byte[14];
        BinaryPrimitives.WriteInt32BigEndian(request, request.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(request.AsSpan(4), 18);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(8), CorrelationId);
        BinaryPrimitives.WriteInt16BigEndian(request.AsSpan(12), -1);
        await stream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        var answer = new byte[8];
        var length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return length == answer.Length && BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(4)) == CorrelationId;
    }

    /// <summary>Whether a certificate is shown; nothing is sent, so nothing needs to be verified.</summary>
    private static async Task<bool> SpeaksTlsAsync(string host, int port, CancellationToken cancellationToken)
    {
        var shown = false;
        using var connection = await ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
        await using var tls = new SslStream(connection.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) =>
        {
            shown = certificate is not null;
            return false;
        });
        try
        {
            await tls.AuthenticateAsClientAsync(host).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return shown;
        }
        return shown;
    }

    private static List<(string Host, int Port)> Addresses(string? servers)
    {
        var addresses = new List<(string, int)>();
        foreach (var server in (servers ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var bare = server.Contains("://", StringComparison.Ordinal) ? server[(server.IndexOf("://", StringComparison.Ordinal) + 3)..] : server;
            if (!Uri.TryCreate("kafka://" + bare, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
                throw new KafkaSettingsException($"'{server}' is not a broker's address. Give --bootstrap-servers as host:port, several separated by commas.");
            addresses.Add((uri.Host.Trim('[', ']'), uri.Port < 0 ? DefaultPort : uri.Port));
        }
        return addresses.Count > 0 ? addresses : throw new KafkaSettingsException("There is no broker to connect to. Give --bootstrap-servers host:port, or bootstrap.servers in the file of --kafka-config.");
    }
}
