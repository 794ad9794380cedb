using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Tests.Unit.Runtime;

/// <summary>A job that does what a test says.</summary>
internal sealed class FakeJob(Func<JobContext, CancellationToken, Task<JobOutcome>> work) : IJob
{
    public FakeJob(Action<JobContext>? work = null) : this((context, _) =>
    {
        work?.Invoke(context);
        return Task.FromResult(JobOutcome.Done("Counted the fish."));
    })
    {
    }

    public string Name { get; init; } = "count-fish";

    public string Purpose => "Counts fish in a pond.";

    public IReadOnlyList<string> Examples { get; init; } = ["count-fish --pond north", "count-fish --pond south --every 10s", "count-fish --pond north --result fish.json"];

    public IReadOnlyList<JobOption> Options { get; init; } =
    [
        new("pond", "Which pond", "north") { Choices = ["north", "south"] },
        new("every", "How often", "1m") { Kind = OptionKind.Duration },
        new("limit", "How many at most", "1000") { Kind = OptionKind.Integer },
        new("most", "How many of a kind at most", "10") { Kind = OptionKind.Integer, Min = 1 },
        JobOption.Share("bad-share", "Share of dead fish", "0.5"),
        JobOption.Flag("dry-run", "Count in the mind only"),
        new("net-key", "Key of the net store", null, "NET_KEY") { IsSecret = true },
        new("set", "A correction") { IsRepeatable = true },
    ];

    public bool ChangesLake { get; init; } = true;

    public bool NeedsDataset { get; init; }

    public Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken) => work(context, cancellationToken);
}

/// <summary>A run of a program in a world of its own: environment, streams and lake.</summary>
internal sealed class FakeWorld
{
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public FakeWorld() => Lake = Path.Combine(NUnit.Framework.TestContext.CurrentContext.WorkDirectory, $"world-{Guid.NewGuid():N}", "lake");

    public Dictionary<string, string> Environment { get; } = [];

    public string Lake { get; }

    public string Out => output.ToString();

    public string Error => error.ToString();

    public string Folder => Path.GetDirectoryName(Lake)!;

    public HostConsole Console => new(Environment, output, error, IsErrorTerminal: false);

    public Task<int> RunAsync(IJob job, params string[] args) => JobHost.RunAsync([.. args, "--lake", Lake], job, Console);

    public RunResult ResultInLake() => RunResultFile.Parse(File.ReadAllText(Directory.GetFiles(Path.Combine(Lake, "runs"), "result.json", SearchOption.AllDirectories).Single()));

    public string Write(string name, string text)
    {
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
