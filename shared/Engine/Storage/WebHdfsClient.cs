using System.Net;
using System.Text;
using System.Text.Json;

namespace Pipeline.Engine.Storage;

/// <summary>The operations of WebHDFS that the storage uses, by absolute path.</summary>
internal sealed class WebHdfsClient(Uri address, string? user)
{
    /// <summary>Longest time in which a node may send or take nothing.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(2);

    /// <summary>Sockets live for the process: one pool for all stores, as HttpClient's docs ask.</summary>
    private static readonly HttpClient Http = new(Handler(LongestSilence)) { Timeout = TimeSpan.FromMinutes(10) };

    public Uri Address => address;

    /// <summary>How connections to HDFS are made: no redirect is followed by itself, and none waits for ever.</summary>
    internal static SocketsHttpHandler Handler(TimeSpan longestSilence) => new()
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(10),
        ConnectCallback = (context, cancellationToken) =>
            IdleTimeoutStream.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, longestSilence, cancellationToken),
    };

    /// <summary>The answer to a GET as JSON, or null where there is no such file.</summary>
    public async Task<JsonDocument?> GetJsonAsync(string path, string operation, string? parameters, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, path, operation, parameters, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        await RequireAsync(response, operation, path, cancellationToken).ConfigureAwait(false);
        return await ReadJsonAsync(response, path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The content of a file, its headers read, or null where there is none. The caller disposes it.</summary>
    public async Task<HttpResponseMessage?> OpenAsync(string path, long offset, long? length, CancellationToken cancellationToken)
    {
        var parameters = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"offset={offset}{(length is null ? "" : $"&length={length}")}");
        using var redirect = await SendAsync(HttpMethod.Get, path, "OPEN", parameters, cancellationToken).ConfigureAwait(false);
        if (redirect.StatusCode == HttpStatusCode.NotFound) return null;
        var target = await LocationOfAsync(redirect, "OPEN", path, cancellationToken).ConfigureAwait(false);
        var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, target), cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode) return response;
        using (response) throw await FailureAsync(response, "OPEN", path, cancellationToken).ConfigureAwait(false);
    }

    public async Task<byte[]> ReadAllAsync(HttpResponseMessage response, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            throw Unreachable($"OPEN of '{path}'", error);
        }
    }

    /// <summary>Makes a file that must be new; folders above it are made by HDFS.</summary>
    public async Task CreateAsync(string path, Func<HttpContent> content, bool isPrivate, CancellationToken cancellationToken)
    {
        using var redirect = await SendAsync(HttpMethod.Put, path, "CREATE", $"overwrite=false&permission={(isPrivate ? "600" : "644")}", cancellationToken).ConfigureAwait(false);
        var target = await LocationOfAsync(redirect, "CREATE", path, cancellationToken).ConfigureAwait(false);
        using var body = content();
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Put, target) { Content = body }, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Created) throw await FailureAsync(response, "CREATE", path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Renames; false where HDFS would not, because the target is there or the source is not.</summary>
    public Task<bool> RenameAsync(string from, string to, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Put, from, "RENAME", $"destination={EscapePath(to)}", cancellationToken);

    /// <summary>Renames over what is there, in one step of the name node.</summary>
    /// <remarks>Source: NamenodeWebHdfsMethods, RENAME with <c>renameoptions</c>; it answers nothing, or an error.</remarks>
    public async Task ReplaceAsync(string from, string to, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Put, from, "RENAME", $"destination={EscapePath(to)}&renameoptions=OVERWRITE", cancellationToken).ConfigureAwait(false);
        await RequireAsync(response, "RENAME", from, cancellationToken).ConfigureAwait(false);
    }

    public Task<bool> DeleteAsync(string path, CancellationToken cancellationToken) => AskAsync(HttpMethod.Delete, path, "DELETE", "recursive=true", cancellationToken);

    public Task<bool> MakeFolderAsync(string path, bool isPrivate, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Put, path, "MKDIRS", isPrivate ? "permission=700" : null, cancellationToken);

    private async Task<bool> AskAsync(HttpMethod method, string path, string operation, string? parameters, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, operation, parameters, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound) return false;
        await RequireAsync(response, operation, path, cancellationToken).ConfigureAwait(false);
        using var answer = await ReadJsonAsync(response, path, cancellationToken).ConfigureAwait(false);
        return answer.RootElement.GetProperty("boolean").GetBoolean();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string operation, string? parameters, CancellationToken cancellationToken)
    {
        var query = new StringBuilder("op=").Append(operation);
        if (user is not null) query.Append("&user.name=").Append(Uri.EscapeDataString(user));
        if (parameters is not null) query.Append('&').Append(parameters);
        return await SendAsync(new HttpRequestMessage(method, new Uri(address, $"/webhdfs/v1{EscapePath(path)}?{query}")), cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException error)
            {
                throw Unreachable($"{request.Method} of '{request.RequestUri!.AbsolutePath}'", error);
            }
            catch (TaskCanceledException error) when (!cancellationToken.IsCancellationRequested)
            {
                throw Unreachable($"{request.Method} of '{request.RequestUri!.AbsolutePath}'", error);
            }
        }
    }

    private StorageException Unreachable(string doing, Exception error) =>
        new($"HDFS at {address.Authority} did not answer the {doing}: {error.Message.TrimEnd('.')}. Check that the name node's HTTP address is right (hdfs:// URIs take it from PIPELINE_HDFS_HTTP) and that it runs.", error) { IsTransient = true };

    private async Task<Uri> LocationOfAsync(HttpResponseMessage redirect, string operation, string path, CancellationToken cancellationToken)
    {
        if (redirect.StatusCode == HttpStatusCode.TemporaryRedirect && redirect.Headers.Location is { } location) return location;
        if (!redirect.IsSuccessStatusCode) throw await FailureAsync(redirect, operation, path, cancellationToken).ConfigureAwait(false);
        throw new StorageException($"HDFS at {address.Authority} answered {operation} of '{path}' with {(int)redirect.StatusCode} where the address of a data node was expected. Is it a WebHDFS endpoint?");
    }

    private async Task RequireAsync(HttpResponseMessage response, string operation, string path, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode) throw await FailureAsync(response, operation, path, cancellationToken).ConfigureAwait(false);
    }

    private async Task<StorageException> FailureAsync(HttpResponseMessage response, string operation, string path, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        var (kind, message) = ReadRemoteException(text) ?? ("", text.Length > 200 ? text[..200] : text);
        var isTransient = response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout
            || kind is "SafeModeException" or "StandbyException" or "RetriableException" or "DSQuotaExceededException"
            || message.Contains("could only be written to 0 of the", StringComparison.Ordinal);
        var firstLine = message.Split('\n', 2)[0].TrimEnd('.', '\r');
        return new StorageException($"HDFS at {address.Authority} refused {operation} of '{path}' with {(int)response.StatusCode}{(kind.Length == 0 ? "" : " " + kind)}: {firstLine}.")
        {
            IsTransient = isTransient,
            IsNotFound = response.StatusCode == HttpStatusCode.NotFound,
        };
    }

    private static (string Kind, string Message)? ReadRemoteException(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var remote = json.RootElement.GetProperty("RemoteException");
            return (remote.GetProperty("exception").GetString() ?? "", remote.GetProperty("message").GetString() ?? "");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // Not HDFS's own error: a proxy's page, or none. The text itself is reported.
        }
    }

    private async Task<JsonDocument> ReadJsonAsync(HttpResponseMessage response, string path, CancellationToken cancellationToken)
    {
        try
        {
            return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (JsonException error)
        {
            throw new StorageException($"HDFS at {address.Authority} answered about '{path}' with something that is not JSON. Is it a WebHDFS endpoint?", error);
        }
        catch (HttpRequestException error)
        {
            throw Unreachable($"request about '{path}'", error);
        }
    }

    private static string EscapePath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
}
