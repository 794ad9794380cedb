namespace Pipeline.Engine.Storage;

/// <summary>How stores are reached.</summary>
public sealed record StorageOptions
{
    /// <summary>Settings with nothing set.</summary>
    public static StorageOptions Default { get; } = new();

    /// <summary>Files only for their owner (0600, in folders 0700): for state, locks and checkpoints.</summary>
    public bool IsPrivate { get; init; }

    /// <summary>HTTP address of the name node of each <c>hdfs://</c> authority, such as <c>nn:8020</c> → <c>http://nn:9870</c>; the entry <c>*</c> is for all others. Without one it is port 9870 of the same host.</summary>
    public IReadOnlyDictionary<string, string> HdfsHttpAddresses { get; init; } = new Dictionary<string, string>();

    /// <summary>The user that HDFS is told (<c>user.name</c>), or null for none.</summary>
    public string? HdfsUser { get; init; }

    /// <summary>What stands in front of each store that is opened, such as one of a test that stops at an operation; null for nothing.</summary>
    public Func<IStorage, IStorage>? Wrap { get; init; }

    /// <summary>Reads <c>PIPELINE_HDFS_HTTP</c> (an address for all, or <c>authority=address</c> pairs separated by commas) and <c>HADOOP_USER_NAME</c>.</summary>
    /// <param name="variable">Gives the value of an environment variable; the composition root passes <see cref="Environment.GetEnvironmentVariable(string)"/>.</param>
    /// <exception cref="ArgumentException">An address is not an absolute http or https URI.</exception>
    public static StorageOptions FromEnvironment(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var addresses = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in (variable("PIPELINE_HDFS_HTTP") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var (authority, address) = equals < 0 ? ("*", pair) : (pair[..equals], pair[(equals + 1)..]);
            if (!address.Contains("://", StringComparison.Ordinal)) address = "http://" + address;
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                throw new ArgumentException($"PIPELINE_HDFS_HTTP has the address '{address}', which is not an http or https address. Write it as 'namenode:9870' or 'namenode:8020=http://namenode:9870'.", nameof(variable));
            addresses[authority] = address;
        }

        return new StorageOptions { HdfsHttpAddresses = addresses, HdfsUser = variable("HADOOP_USER_NAME") };
    }
}

/// <summary>Opens the store that a URI or path names.</summary>
public static class StorageFactory
{
    /// <summary>The store whose root is this path, <c>file:</c>, <c>webhdfs://host:port/…</c> or <c>hdfs://host:port/…</c> URI. Nothing is read or made.</summary>
    /// <exception cref="ArgumentException">The URI's scheme is none of these.</exception>
    public static IStorage For(string uri, StorageOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(uri);
        options ??= StorageOptions.Default;
        var storage = Open(uri, options);
        return options.Wrap is { } wrap ? wrap(storage) : storage;
    }

    private static IStorage Open(string uri, StorageOptions options)
    {
        var colon = uri.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || uri[0] is '/' or '.' || uri.AsSpan(0, colon).Contains('/')) return new LocalStorage(System.IO.Path.GetFullPath(uri), options.IsPrivate);
        switch (uri[..colon].ToUpperInvariant())
        {
            case "FILE":
                return new LocalStorage(LocalPathOf(uri, colon), options.IsPrivate);
            case "WEBHDFS" or "SWEBHDFS" or "HDFS":
                return WebHdfsStorage.For(new Uri(uri), options);
            default:
                throw new ArgumentException($"Cannot open '{uri}': the scheme '{uri[..colon]}' is not known here. Known are paths, file:, hdfs://host:port/… and webhdfs://host:port/….", nameof(uri));
        }
    }

    private static string LocalPathOf(string uri, int colon)
    {
        var path = uri[(colon + 1)..];
        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = path.IndexOf('/', 2);
            var host = slash < 0 ? path[2..] : path[2..slash];
            if (host is not ("" or "localhost"))
                throw new ArgumentException($"Cannot open '{uri}': a file: URI names a file of this machine, and '{host}' stands where its host would. Write file:///path.", nameof(uri));
            path = slash < 0 ? "/" : path[slash..];
        }

        return System.IO.Path.GetFullPath(Uri.UnescapeDataString(path));
    }
}
