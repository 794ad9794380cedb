using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Pipeline.Tests.Unit.Kafka;

/// <summary>Answers ApiVersions on a loopback port as a broker does, plain or over TLS, and cuts the connection on anything else.</summary>
internal sealed class FakeBroker : IAsyncDisposable
{
    private const int LargestRequest = 1000;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string? _store;
    private readonly bool _asksForCertificate;
    private readonly Task _serving;

    /// <param name="store">PEM file of key and certificate; null is a plain broker.</param>
    /// <param name="asksForCertificate">Whether a client must show a certificate.</param>
    public FakeBroker(string? store = null, bool asksForCertificate = false)
    {
        (_store, _asksForCertificate) = (store, asksForCertificate);
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => $"localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                using var connection = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(connection);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(TcpClient connection)
    {
        try
        {
            await using var stream = _store is null ? (Stream)connection.GetStream() : await SecureAsync(connection.GetStream(), _store);
            var head = new byte[12];
            await stream.ReadExactlyAsync(head, _stop.Token);
            var size = BinaryPrimitives.ReadInt32BigEndian(head);
            if (size is < 10 or > LargestRequest || BinaryPrimitives.ReadInt16BigEndian(head.AsSpan(4)) != 18)
                return;
            await stream.ReadExactlyAsync(new byte[size - 8], _stop.Token);
            var answer = new byte[14];
            BinaryPrimitives.WriteInt32BigEndian(answer, 10);
            head.AsSpan(8, 4).CopyTo(answer.AsSpan(4));
            await stream.WriteAsync(answer, _stop.Token);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            // The client went, or did not like us: as it is meant in these tests.
        }
    }

    private async Task<Stream> SecureAsync(Stream plain, string store)
    {
        var pem = await File.ReadAllTextAsync(store);
        using var certificate = X509Certificate2.CreateFromPem(pem, pem);
        var tls = new SslStream(plain);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = _asksForCertificate,
            RemoteCertificateValidationCallback = (_, shown, _, _) => !_asksForCertificate || shown is not null,
        }, _stop.Token);
        return tls;
    }
}
