using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Support;

/// <summary>A PostgreSQL of its own in a temporary folder, from the installed programs, on a free loopback port. Stopped and deleted when disposed.</summary>
/// <remarks>PostgreSQL refuses to run as root: as root its programs are run as the user postgres, or nobody.</remarks>
public sealed class PostgresServer : IDisposable
{
    private static readonly string[] Users = ["postgres", "nobody"];
    private readonly string programs;
    private readonly string? user;
    private readonly string folder;
    private bool isByName;
    private bool hasTls;

    private PostgresServer(string programs)
    {
        this.programs = programs;
        user = Environment.IsPrivilegedProcess ? Users.First(name => File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal))) : null;
        // Short: a socket's path has at most 107 characters.
        folder = Path.Combine(Path.GetTempPath(), "pg-" + Guid.NewGuid().ToString("N")[..8]);
        Port = FreePorts.One();
    }

    /// <summary>The loopback port it listens on; the same after a restart.</summary>
    public int Port { get; }

    /// <summary>Address for sinks, as the superuser postgres.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"postgres://postgres@127.0.0.1:{Port}/postgres");

    /// <summary>Connection string for the driver, as the superuser postgres.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres;Pooling=false");

    /// <summary>Starts one, or skips the test where PostgreSQL is not installed (fails it where it was promised).</summary>
    public static PostgresServer Start()
    {
        var programs = FindPrograms();
        Server.Require("postgres", programs is not null, "Install it: apt-get install postgresql.");
        var server = new PostgresServer(programs!);
        try
        {
            Directory.CreateDirectory(server.folder);
            if (server.user is { } name) server.RunProgram("chown", [name, server.folder], asUser: false);
            server.Run("initdb", "-D", server.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions");
            server.Start(server.Port);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Ends it at once, as if the machine had lost power, and starts it again; connections are cut.</summary>
    public void Restart()
    {
        Run("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        Start(Port);
    }

    /// <summary>Ends it at once and starts it again with TLS, or without; this machine can then also reach it by its own name, as if it were another.</summary>
    /// <param name="certificate">A PEM file with the server's key and certificate; null is without TLS.</param>
    public void RestartByName(string? certificate)
    {
        Stop();
        if (!isByName) File.AppendAllLines(Path.Combine(Data, "pg_hba.conf"), OwnAddresses().Select(static address => $"host all all {address}/32 trust"));
        isByName = true;
        hasTls = certificate is not null;
        if (certificate is not null)
        {
            File.Copy(certificate, Tls, overwrite: true);
            // The server wants its key to be its own, and no one else's to read.
            if (user is { } name) RunProgram("chown", [name, Tls], asUser: false);
            RunProgram("chmod", ["0600", Tls], asUser: false);
        }
        Start(Port);
    }

    /// <summary>Ends it at once.</summary>
    public void Stop() => Run("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");

    /// <summary>Starts it again after <see cref="Stop"/>.</summary>
    public void StartAgain() => Start(Port);

    /// <summary>Runs SQL by psql, as the superuser; for scripts with more than one statement.</summary>
    public void RunScript(string path) => RunProgram(Path.Combine(programs, "psql"), ["-v", "ON_ERROR_STOP=1", "-q", "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-d", "postgres", "-f", path], asUser: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid"))) Stop();
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private string Data => Path.Combine(folder, "data");

    private static IEnumerable<string> OwnAddresses() => Dns.GetHostAddresses(Dns.GetHostName(), AddressFamily.InterNetwork).Select(static address => address.ToString());

    private string Tls => Path.Combine(folder, "tls.pem");

    private void Start(int port) => Run("pg_ctl", "-D", Data, "-l", Path.Combine(folder, "server.log"), "-w", "-t", "60", "-o",
        string.Create(CultureInfo.InvariantCulture, $"-p {port} -c listen_addresses={string.Join(',', isByName ? OwnAddresses().Prepend("127.0.0.1").Distinct() : ["127.0.0.1"])} -c unix_socket_directories='' -c fsync=on -c shared_buffers=64MB -c max_connections=30{(hasTls ? $" -c ssl=on -c ssl_cert_file={Tls} -c ssl_key_file={Tls}" : "")}"), "start");

    private void Run(string program, params string[] arguments) => RunProgram(Path.Combine(programs, program), arguments, user is not null);

    private void RunProgram(string program, string[] arguments, bool asUser)
    {
        string[] command = asUser ? ["runuser", "-u", user!, "--", program, .. arguments] : [program, .. arguments];
        // The server inherits what it is started with: its output must not be a pipe that would be waited on.
        using var process = new Process { StartInfo = new ProcessStartInfo("sh") { WorkingDirectory = Path.GetTempPath(), UseShellExecute = false } };
        var log = Path.Combine(Path.GetTempPath(), $"pg-{Guid.NewGuid():N}.log");
        process.StartInfo.ArgumentList.Add("-c");
        process.StartInfo.ArgumentList.Add("log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null");
        process.StartInfo.ArgumentList.Add("sh");
        process.StartInfo.ArgumentList.Add(log);
        foreach (var word in command) process.StartInfo.ArgumentList.Add(word);
        process.Start();
        process.WaitForExit();
        var output = File.Exists(log) ? File.ReadAllText(log) : "";
        File.Delete(log);
        if (process.ExitCode != 0)
        {
            var serverLog = Path.Combine(folder, "server.log");
            throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {process.ExitCode}: {output}{(File.Exists(serverLog) ? File.ReadAllText(serverLog) : "")}");
        }
    }

    /// <summary>The folder with initdb, pg_ctl and postgres: the newest of Debian's, or the one in PATH.</summary>
    private static string? FindPrograms()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(static path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var version) ? version : 0).Select(static path => Path.Combine(path, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return debian.Concat(path).FirstOrDefault(static candidate => File.Exists(Path.Combine(candidate, "initdb")) && File.Exists(Path.Combine(candidate, "pg_ctl")) && IsWorking(Path.Combine(candidate, "postgres")));
    }

    private static bool IsWorking(string program)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true, RedirectStandardError = true });
            var version = process!.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 && version.Contains("PostgreSQL", StringComparison.Ordinal);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
