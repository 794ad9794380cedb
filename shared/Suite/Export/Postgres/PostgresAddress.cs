using System.Data.Common;
using System.Globalization;
using System.Net;
using Npgsql;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>PostgreSQL's address: from a URI or connection string to what the driver takes, TLS verified by default off this machine.</summary>
internal static class PostgresAddress
{
    /// <summary>Our own parameter of an address: true lets a server that is not on this machine be used without knowing who it is.</summary>
    private const string Insecure = "insecure";

    private const string CommandTimeout = "Command Timeout";
    private const int KeepAliveSeconds = 30;

    /// <summary>Refuses an address with a password in it, or one that cannot be read.</summary>
    public static void Check(string target) => _ = Read(target, out _);

    /// <summary>The driver's settings.</summary>
    /// <exception cref="ExportException">The address is not safe or not readable.</exception>
    public static NpgsqlConnectionStringBuilder Build(string target, SinkOptions options)
    {
        var builder = Read(target, out var isInsecure);
        builder.ApplicationName ??= "pipeline";
        if (!builder.ContainsKey(CommandTimeout)) builder.CommandTimeout = (int)Math.Ceiling(options.StatementTimeout.TotalSeconds);
        // A server that is gone without a word is noticed within a minute.
        builder.TcpKeepAlive = true;
        builder.TcpKeepAliveTime = KeepAliveSeconds;
        builder.TcpKeepAliveInterval = KeepAliveSeconds / 3;
        if (options.Password is { Length: > 0 } password) builder.Password = password;
        if (!builder.ContainsKey("SSL Mode") && Environment.GetEnvironmentVariable("PGSSLMODE") is { Length: > 0 } mode)
        {
            if (ModeOf(mode) is not { } known) throw new ExportException(ExportFailure.Configuration, $"PGSSLMODE is '{mode}'; it takes disable, allow, prefer, require, verify-ca or verify-full.");
            builder.SslMode = known;
        }
        if (builder.RootCertificate is { Length: > 0 } authorities && !File.Exists(authorities))
            throw new ExportException(ExportFailure.Configuration, $"The file '{authorities}' of authorities that sign PostgreSQL's certificate is not there. Correct sslrootcert.");
        var isGiven = builder.ContainsKey("SSL Mode") && builder.SslMode != SslMode.Prefer;
        if (IsLoopback(builder.Host)) return builder;
        if (!isGiven)
        {
            builder.SslMode = isInsecure ? SslMode.Prefer : SslMode.VerifyFull;
        }
        else if (builder.SslMode is not (SslMode.VerifyFull or SslMode.VerifyCA) && !isInsecure)
        {
            throw new ExportException(ExportFailure.Configuration, $"The PostgreSQL server '{builder.Host}' is not on this machine, and sslmode={builder.SslMode} does not verify who it is. Leave sslmode away (verify-full is then used; sslrootcert names your CA), or say insecure=true in the address.");
        }
        return builder;
    }

    /// <summary>The address for messages and result.json: host, port, database and user.</summary>
    public static string Printable(string target)
    {
        var builder = Read(target, out _);
        return string.Create(CultureInfo.InvariantCulture, $"postgres://{(builder.Username is null ? "" : builder.Username + "@")}{builder.Host}:{builder.Port}/{builder.Database}");
    }

    private static NpgsqlConnectionStringBuilder Read(string target, out bool isInsecure)
    {
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = target.StartsWith("postgresql:", StringComparison.Ordinal) ? FromUri(new Uri(target), out isInsecure) : FromPairs(target, out isInsecure);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException)
        {
            // The driver's text may quote the address and with it a password.
            throw new ExportException(ExportFailure.Configuration, "The address of the PostgreSQL sink cannot be read. Write postgres://USER@HOST:PORT/DATABASE or postgres:Host=…;Port=…;Database=…;Username=….");
        }
        if (!string.IsNullOrEmpty(builder.Password))
            throw new ExportException(ExportFailure.Configuration, "The address of the PostgreSQL sink holds a password, where other users of this machine can read it. Take it out and set PGPASSWORD, or write it to ~/.pgpass or the file that PGPASSFILE names.");
        if (string.IsNullOrEmpty(builder.Host)) builder.Host = Environment.GetEnvironmentVariable("PGHOST") is { Length: > 0 } host ? host : "localhost";
        return builder;
    }

    /// <summary>The driver's own form, and our own key in it.</summary>
    private static NpgsqlConnectionStringBuilder FromPairs(string target, out bool isInsecure)
    {
        var pairs = new DbConnectionStringBuilder { ConnectionString = target };
        isInsecure = pairs.TryGetValue(Insecure, out var said) && bool.Parse((string)said);
        _ = pairs.Remove(Insecure);
        return new NpgsqlConnectionStringBuilder(pairs.ConnectionString);
    }

    private static NpgsqlConnectionStringBuilder FromUri(Uri uri, out bool isInsecure)
    {
        isInsecure = false;
        var builder = new NpgsqlConnectionStringBuilder { Host = uri.Host.Length == 0 ? null : uri.Host.Trim('[', ']') };
        if (uri.Port > 0) builder.Port = uri.Port;
        if (uri.AbsolutePath.Trim('/') is { Length: > 0 } database) builder.Database = Uri.UnescapeDataString(database);
        if (uri.UserInfo.Length > 0)
        {
            var parts = uri.UserInfo.Split(':', 2);
            builder.Username = Uri.UnescapeDataString(parts[0]);
            if (parts.Length == 2) builder.Password = Uri.UnescapeDataString(parts[1]);
        }
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : (pair, "");
            if (name.Equals(Insecure, StringComparison.OrdinalIgnoreCase)) isInsecure = bool.Parse(value);
            else Set(builder, name.ToLowerInvariant(), value);
        }
        return builder;
    }

    private static SslMode? ModeOf(string value) => Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode) && Enum.IsDefined(mode) ? mode : null;

    /// <summary>libpq's names of parameters. Source: PostgreSQL, "Parameter Key Words".</summary>
    private static void Set(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        switch (name)
        {
            case "sslmode": builder.SslMode = ModeOf(value) ?? throw new FormatException($"'{value}' is no sslmode."); break;
            case "sslrootcert": builder.RootCertificate = value; break;
            case "sslcert": builder.SslCertificate = value; break;
            case "sslkey": builder.SslKey = value; break;
            case "host": builder.Host = value; break;
            case "port": builder.Port = int.Parse(value, CultureInfo.InvariantCulture); break;
            case "user": builder.Username = value; break;
            case "dbname": builder.Database = value; break;
            case "application_name": builder.ApplicationName = value; break;
            case "connect_timeout": builder.Timeout = int.Parse(value, CultureInfo.InvariantCulture); break;
            case "command_timeout": builder.CommandTimeout = int.Parse(value, CultureInfo.InvariantCulture); break;
            case "options": builder.Options = value; break;
            case "passfile": builder.Passfile = value; break;
            default: builder[name] = value; break;
        }
    }

    /// <summary>Whether a host is this machine, reached without a network.</summary>
    public static bool IsLoopback(string? host) => string.IsNullOrEmpty(host) || host.StartsWith('/') || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
