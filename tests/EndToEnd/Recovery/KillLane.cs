using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using FluentAssertions;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Recovery;

/// <summary>A topic with numbered messages, a lake, and the program stream-ingest, which is killed and started again until all is read.</summary>
internal sealed class KillLane : IDisposable
{
    private const int Partitions = 3;
    private const int BadEvery = 17;
    private const int BatchSize = 6;

    // A program that lives for a second gains nothing from profiles of its code, nor from code created again.
    private static readonly Dictionary<string, string?> Quick = new() { ["DOTNET_TieredPGO"] = "0", ["DOTNET_TC_CallCounting"] = "0" };
    private readonly TemporaryFolder folder = new();
    private readonly string servers;
    private readonly string topic;
    private readonly int messages;
    private readonly string[] more;

    public KillLane(string servers, string topic, int messages, params string[] more)
    {
        this.servers = servers;
        this.topic = topic;
        this.messages = messages;
        this.more = more;
        Send();
    }

    /// <summary>The lake's root.</summary>
    public string Lake => folder["lake"];

    /// <summary>Kills so far.</summary>
    public int Kills { get; private set; }

    /// <summary>Ids of the messages that must be in the table, ordered.</summary>
    public IEnumerable<string> GoodIds => Enumerable.Range(0, messages).Where(static i => !IsBad(i)).Select(Id).Order(StringComparer.Ordinal);

    /// <summary>Numbers of the messages that must be in quarantine, ordered.</summary>
    public IEnumerable<long> BadLines => Enumerable.Range(0, messages).Where(IsBad).Select(static i => (long)i);

    /// <summary>By programme what its rows sum up to.</summary>
    public IEnumerable<string> Sums => Enumerable.Range(0, messages).Where(static i => !IsBad(i)).GroupBy(Program).OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Select(static group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Count()} {group.Sum(Sulfate):F1}"));

    public int Messages => messages;

    /// <summary>A path beside the lake.</summary>
    public string this[string name] => folder[name];

    /// <summary>Starts the program, to die at the count-th time that it reaches a place.</summary>
    public async Task DieAtAsync(string place, int count)
    {
        var run = await ProgramRun.DotnetAsync(Program(), Arguments(BatchSize), new Dictionary<string, string?>(Quick) { ["PIPELINE_KILL_AT"] = string.Create(CultureInfo.InvariantCulture, $"{place}:{count}") });
        run.ExitCode.Should().Be(137, "kill {0} is at {1}, time {2}; the program printed: {3}{4}", Kills + 1, place, count, run.Out, run.Error);
        Kills++;
    }

    /// <summary>Starts the program and kills it some time after it planned a batch, or whenever.</summary>
    public async Task DieAtRandomAsync(Random random)
    {
        var before = LastPlanned();
        using var process = ProgramRun.Start(Program(), Arguments(BatchSize), Quick);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        var watch = Stopwatch.StartNew();
        if (random.Next(10) == 0) await Task.Delay(random.Next(900));
        else
        {
            while (LastPlanned() == before && !process.HasExited && watch.Elapsed < TimeSpan.FromSeconds(60)) await Task.Delay(15);
            await Task.Delay(random.Next(300));
        }
        process.HasExited.Should().BeFalse("it has enough to do to be killed {0} times; it printed: {1}", Kills, process.HasExited ? await output + await error : "");
        process.Kill();
        await process.WaitForExitAsync();
        Kills++;
    }

    /// <summary>Runs the program to the topic's end.</summary>
    public async Task FinishAsync()
    {
        var run = await ProgramRun.DotnetAsync(Program(), Arguments(100_000));
        run.ExitCode.Should().Be(0, "it goes on where it was killed; it printed: {0}{1}", run.Out, run.Error);
    }

    /// <summary>Rows of a query over the lake.</summary>
    public async Task<IReadOnlyList<JsonElement>> QueryAsync(string sql)
    {
        var run = await ProgramRun.DotnetAsync(Repository.Program("jobs/Pipeline", "pipeline"), ["query", sql, "--output", "json", "--lake", Lake]);
        run.ExitCode.Should().Be(0, run.Error);
        return [.. run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    public void Dispose() => folder.Dispose();

    private static string Program() => Repository.Program("jobs/StreamIngest", "StreamIngest");

    private string[] Arguments(int batchSize) =>
    [
        "--dataset", "water-quality", "--bootstrap-servers", servers, "--topic", topic, "--lake", Lake, "--available-now", "--quiet",
        "--max-offsets-per-batch", batchSize.ToString(CultureInfo.InvariantCulture), .. more,
    ];

    private long LastPlanned()
    {
        var offsets = Path.Combine(Lake, "checkpoints", "stream-ingest", "water-quality", "offsets");
        return Directory.Exists(offsets) ? Directory.GetFiles(offsets).Select(static path => long.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number) ? number : -1).DefaultIfEmpty(-1).Max() : -1;
    }

    private static bool IsBad(int i) => i % BadEvery == 3;

    private static string Id(int i) => string.Create(CultureInfo.InvariantCulture, $"K{i:D6}");

    private static string Program(int i) => string.Create(CultureInfo.InvariantCulture, $"P{i % 7}");

    private static double Sulfate(int i) => (i % 100) + 0.5;

    private void Send()
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = servers, LingerMs = 20, EnableIdempotence = true }).Build();
        using (var admin = new DependentAdminClientBuilder(producer.Handle).Build())
            admin.CreateTopicsAsync([new Confluent.Kafka.Admin.TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = 1 }]).GetAwaiter().GetResult();
        for (var i = 0; i < messages; i++)
        {
            var row = Suite.Schemas.WaterQuality.Samples.Columns.ToDictionary(static column => column.SourceName, static column => column.Rule is TextRule ? "x" : "");
            row["SITE_ID"] = Id(i);
            row["PROGRAM_ID"] = Program(i);
            row["DATE_SMP"] = "07/14/1999 00:00:00";
            row["SO4_UEQ_L"] = IsBad(i) ? "ninety" : Sulfate(i).ToString(CultureInfo.InvariantCulture);
            var headers = new Headers { { "source-file", "numbered.csv"u8.ToArray() }, { "source-line", Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture)) } };
            producer.Produce(new TopicPartition(topic, i % Partitions), new Message<Null, string> { Value = JsonSerializer.Serialize(row), Headers = headers });
        }
        producer.Flush(TimeSpan.FromSeconds(60)).Should().Be(0);
    }
}
