using System.Net.Sockets;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>This program as the process that Spark's executors start for C# functions, in place of PySpark's worker.</summary>
public static class SparkWorker
{
    /// <summary>Whether an executor started this program as a worker. Ask before anything is written to standard output.</summary>
    /// <param name="args">The command line: <c>-m</c> and the modules of PySpark's worker.</param>
    public static bool Handles(string[] args) => args is ["-m", _] or ["-m", _, _] && WorkerEnvironment.IsThere(Environment.GetEnvironmentVariable);

    /// <summary>Serves tasks until the executor ends; answers the process's exit code.</summary>
    public static int Run(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var began = DateTime.UtcNow;
        var environment = WorkerEnvironment.Read(Environment.GetEnvironmentVariable);
        if (environment.IsDaemon)
        {
            using var input = Console.OpenStandardInput();
            using var output = Console.OpenStandardOutput();
            new WorkerDaemon(environment).Run(input, output);
            return 0;
        }
        using var socket = environment.Connect();
        using var stream = new NetworkStream(socket, ownsSocket: false);
        return RunSingle(environment, stream, Environment.ProcessId, began);
    }

    /// <summary>A worker that connects to the executor: over TCP the secret comes before the id.</summary>
    internal static int RunSingle(WorkerEnvironment environment, Stream stream, int id, DateTime began)
    {
        var writer = new WireWriter(stream);
        if (environment.SocketPath is null)
        {
            writer.Write(environment.Secret ?? "");
            if (new WireReader(stream).ReadText() != "ok") return 1;
        }
        writer.Write(id);
        new WorkerConnection(stream, began).Serve();
        return 0;
    }
}
