using FluentAssertions;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Jobs.StreamIngest;
using Pipeline.Producer.Sending;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Schemas;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd;

/// <summary>Runs of programs and jobs on one data set and one lake, and what they leave.</summary>
internal sealed class DatasetRun(string dataset, TemporaryFolder folder) : IDisposable
{
    private readonly Lazy<SparkSession> spark = new(static () => SparkSession.ForEngine(EngineFactory.Create(new EngineSettings("embedded", "test", new Dictionary<string, string>()))));

    public string Lake => folder["lake"];

    public string Data => folder["data"];

    /// <summary>The file of a folder whose rows are the data set's messages.</summary>
    public static string MainFile(string dataset, string folder) => Directory.GetFiles(folder, "*.csv").Single(file => Datasets.Find(dataset)!.Main.IsNamed(Path.GetFileNameWithoutExtension(file)));

    public async Task GenerateAsync(int rows, int seed)
    {
        var made = await Programs.ProducerAsync(["generate", dataset, "--rows", $"{rows}", "--seed", $"{seed}", "--out", Data, "--force"]);
        made.ExitCode.Should().Be(0, made.Error);
    }

    /// <summary>A command of the program <c>pipeline</c>, which must end with this exit code.</summary>
    public async Task<ProgramRun> PipelineAsync(string command, IEnumerable<string>? arguments = null, int exitCode = 0)
    {
        var run = await Programs.PipelineAsync([command, "--dataset", dataset, "--lake", Lake, .. arguments ?? []]);
        run.ExitCode.Should().Be(exitCode, run.Error);
        return run;
    }

    /// <summary>Sends a file to the broker as the producer does.</summary>
    public Task SendAsync(MockBroker broker, string file) =>
        new Sender(new SendOptions(Datasets.Find(dataset)!) { File = file, BootstrapServers = broker.BootstrapServers, Pause = TimeSpan.Zero }).RunAsync();

    /// <summary>stream-ingest in this process; by default to the topic's end.</summary>
    public async Task<RunResult> IngestAsync(MockBroker broker, params (string Option, string Value)[] options)
    {
        var settings = new Dictionary<string, string> { ["dataset"] = dataset, ["bootstrap-servers"] = broker.BootstrapServers, ["lake"] = Lake, ["trigger"] = "0s" };
        foreach (var (option, value) in options) settings[option] = value;
        if (!options.Any(option => option.Option is "until-end" or "max-messages" or "for")) settings["until-end"] = "true";
        var run = await JobHost.RunInProcessAsync(new StreamIngestJob(), settings);
        run.ExitCode.Should().Be(ExitCodes.Done, run.Message);
        return run;
    }

    public string Output(string name) => Path.Combine(Lake, "outputs", dataset, name);

    public DataFrame Table(string name) => spark.Value.Read().Format("delta").Load(new LakeLayout(Lake).Table(name));

    public DataFrame Parquet(string path) => spark.Value.Read().Parquet(path);

    /// <summary>What a query over the lake answers, as CSV without its header.</summary>
    public async Task<string> QueryAsync(string sql)
    {
        var run = await Programs.PipelineAsync(["query", sql, "-o", "csv", "--lake", Lake]);
        run.ExitCode.Should().Be(0, run.Error);
        return run.Out[(run.Out.IndexOf('\n', StringComparison.Ordinal) + 1)..].Trim();
    }

    /// <summary>How many versions a table has.</summary>
    public async Task<int> PipelineVersionsAsync(string table)
    {
        var run = await Programs.PipelineAsync(["versions", table, "--output", "json", "--lake", Lake]);
        run.ExitCode.Should().Be(0, run.Error);
        return run.Out.Split("\"version\"").Length - 1;
    }

    /// <summary>The quarantine of a table: <c>file:line column rule</c>, one a broken rule, ordered.</summary>
    public IReadOnlyList<string> Quarantine(string table) =>
    [
        .. spark.Value.Read().Format("delta").Load(new LakeLayout(Lake).Quarantine(table)).Select("source_file", "source_line", "rules_broken").Collect()
            .SelectMany(row => ((object?[])row.Get("rules_broken")!).Cast<Row>().Select(rule => $"{row.Get("source_file")}:{row.Get("source_line")} {rule.Get("column") ?? "-"} {rule.Get("rule")}"))
            .Order(StringComparer.Ordinal),
    ];

    public void Dispose()
    {
        if (spark.IsValueCreated) spark.Value.Stop();
    }
}
