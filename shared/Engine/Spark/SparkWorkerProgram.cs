using Pipeline.Engine.UserFunctions.Worker;

namespace Pipeline.Engine.Spark;

/// <summary>This program as the process that Spark's executors start to run its C# functions.</summary>
/// <remarks>Nothing is installed on the nodes: an executor starts the job's own executable, which is there or is shipped. So a program with C# functions asks this first of all.</remarks>
public static class SparkWorkerProgram
{
    /// <summary>Whether an executor started this program as a worker. Ask before anything is written to standard output.</summary>
    /// <param name="args">The program's command line.</param>
    public static bool Handles(string[] args) => SparkWorker.Handles(args);

    /// <summary>Serves the executor's tasks until it ends; answers the process's exit code.</summary>
    public static int Run(string[] args) => SparkWorker.Run(args);
}
