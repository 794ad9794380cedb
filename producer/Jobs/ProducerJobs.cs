using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Producer.Jobs;

/// <summary>The producer as a program, and as commands of a suite.</summary>
public static class ProducerJobs
{
    private const string Purpose = "Feeds Kafka topics from CSV and Excel files or a generator.";

    /// <summary>Runs the program; answers the process's exit code.</summary>
    public static Task<int> RunAsync(string[] args, HostConsole? console = null) => JobHost.RunSuiteAsync(args, "producer", Purpose, [new SendJob(), new GenerateJob()], console);

    /// <summary>The same jobs below another program's word, such as <c>produce send</c>.</summary>
    public static IReadOnlyList<IJob> Under(string word) => [new SendJob($"{word} send"), new GenerateJob($"{word} generate")];
}
