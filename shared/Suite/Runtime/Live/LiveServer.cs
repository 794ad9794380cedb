using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Runtime.Live;

/// <summary>Answers <c>/metrics</c>, <c>/healthz</c>, <c>/readyz</c> and <c>/status</c> of a running job. Reads only; ends with the run.</summary>
/// <remarks>Loopback unless told otherwise, and then for those alone who bring the token. On loopback it answers requests for <c>localhost</c> or the address itself, so that no page of the web reaches it under a name of its own.</remarks>
public sealed class LiveServer : IDisposable
{
    private readonly HttpListener listener;
    private readonly RunMonitor monitor;
    private readonly byte[]? token;
    private readonly Task serving;

    private LiveServer(HttpListener listener, RunMonitor monitor, string? token)
    {
        this.listener = listener;
        this.monitor = monitor;
        this.token = token is null ? null : Encoding.UTF8.GetBytes($"Bearer {token}");
        serving = ServeAsync();
    }

    /// <summary>Begins to answer.</summary>
    /// <param name="monitor">The run.</param>
    /// <param name="address">Where, as <c>127.0.0.1:9464</c> or <c>0.0.0.0:9464</c>; a port alone is one of loopback.</param>
    /// <param name="token">What a request must bring as <c>Authorization: Bearer TOKEN</c>; null for none, on loopback only.</param>
    /// <exception cref="UsageException">The address is none, is in use, or is open to others without a token.</exception>
    public static LiveServer Start(RunMonitor monitor, string address, string? token)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        ArgumentNullException.ThrowIfNull(address);
        var colon = address.LastIndexOf(':');
        var host = colon < 0 ? "127.0.0.1" : address[..colon];
        if (!ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            throw new UsageException($"--http is '{address}', which is no address to listen on. Write host and port, such as 127.0.0.1:9464.");
        var isLoopback = host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
        if (!isLoopback && string.IsNullOrEmpty(token))
            throw new UsageException($"--http is '{address}', which other machines reach. Set a token with the environment variable PIPELINE__STREAM_INGEST__HTTP_TOKEN, or listen on 127.0.0.1.");
        var listener = new HttpListener();
        string[] hosts = host is "0.0.0.0" or "[::]" or "*" ? ["+"] : isLoopback ? [.. new[] { host, "localhost" }.Distinct()] : [host];
        foreach (var name in hosts) listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://{name}:{port}/"));
        try
        {
            listener.Start();
        }
        catch (HttpListenerException error)
        {
            listener.Close();
            throw new UsageException($"Cannot listen on '{address}' for --http: {error.Message.TrimEnd('.')}. Give another port.", error);
        }
        return new LiveServer(listener, monitor, token);
    }

    /// <summary>Answers no more.</summary>
    public void Dispose()
    {
        listener.Close();
        serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync()
    {
        while (listener.IsListening)
        {
            HttpListenerContext request;
            try
            {
                request = await listener.GetContextAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
            try
            {
                await AnswerAsync(request).ConfigureAwait(false);
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException)
            {
                // Whoever asked has gone.
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext exchange)
    {
        var (code, type, body) = Answer(exchange.Request);
        var bytes = Encoding.UTF8.GetBytes(body);
        using var response = exchange.Response;
        response.StatusCode = code;
        response.ContentType = type;
        response.ContentLength64 = bytes.Length;
        response.Headers["Cache-Control"] = "no-store";
        response.Headers["X-Content-Type-Options"] = "nosniff";
        if (exchange.Request.HttpMethod != "HEAD") await response.OutputStream.WriteAsync(bytes).ConfigureAwait(false);
    }

    private (int Code, string Type, string Body) Answer(HttpListenerRequest request)
    {
        const string plain = "text/plain; charset=utf-8";
        if (request.HttpMethod is not ("GET" or "HEAD")) return (405, plain, "Only GET is answered.\n");
        if (token is not null && !CryptographicOperations.FixedTimeEquals(token, Encoding.UTF8.GetBytes(request.Headers["Authorization"] ?? ""))) return (401, plain, "Bring the token: Authorization: Bearer TOKEN.\n");
        var status = monitor.Status();
        return request.Url?.AbsolutePath switch
        {
            "/metrics" => (200, MetricsText.ContentType, MetricsText.Of(status)),
            "/status" => (200, "application/json; charset=utf-8", JsonSerializer.Serialize(status, LiveStatusJson.Default.LiveStatus) + "\n"),
            "/healthz" => status.State == "stuck" ? (503, plain, $"stuck: {status.Advice}\n") : (200, plain, "ok\n"),
            "/readyz" => status.State is "working" or "idle" ? (200, plain, $"{status.State}\n") : (503, plain, $"{status.State}\n"),
            _ => (404, plain, "There are /metrics, /healthz, /readyz and /status.\n"),
        };
    }
}
