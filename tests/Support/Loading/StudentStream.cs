using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Jobs.StreamIngest;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Support.Loading;

/// <summary>stream-ingest in this process, from a topic of students to a lake in a folder of its own. A student's family name is the message's number.</summary>
public sealed class StudentStream : IDisposable
{
    public const string Topic = "etudiants";
    private readonly string servers;
    private readonly string folder = Directory.CreateTempSubdirectory("stream-ingest-").FullName;
    private readonly Lazy<SparkSession> spark = new(static () => SparkSession.ForEngine(EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1 })));
    private int sent;

    public StudentStream(string servers) => this.servers = servers;

    public string Lake => Path.Combine(folder, "lake");

    public string Checkpoint => Path.Combine(Lake, "checkpoints", "stream-ingest", "students");

    /// <summary>What the last run logged.</summary>
    public string Log { get; private set; } = "";

    /// <summary>Sends so many students, of which some are broken.</summary>
    public void Send(int count, Func<int, bool>? isBroken = null, int partition = 0)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = servers, LingerMs = 1 }).Build();
        for (var i = 0; i < count; i++)
        {
            var age = isBroken?.Invoke(i) == true ? "vingt" : "20";
            var text = string.Create(CultureInfo.InvariantCulture, $$"""{"Nom":"{{Name(sent++)}}","Prenom":"Zoé","Age":"{{age}}","Filiere":"IA"}""");
            producer.Produce(new TopicPartition(Topic, partition), new Message<byte[], byte[]> { Value = Encoding.UTF8.GetBytes(text) }, static report =>
            {
                if (report.Error.IsError) throw new InvalidOperationException(report.Error.Reason);
            });
        }
        producer.Flush(TimeSpan.FromSeconds(30));
    }

    /// <summary>A run to the topic's end.</summary>
    public async Task<RunResult> IngestAsync(params (string Option, string Value)[] options)
    {
        var settings = new Dictionary<string, string> { ["dataset"] = "students", ["bootstrap-servers"] = servers, ["lake"] = Lake, ["available-now"] = "true" };
        foreach (var (option, value) in options) settings[option] = value;
        using var log = new StringWriter(CultureInfo.InvariantCulture);
        var result = await JobHost.RunInProcessAsync(new StreamIngestJob(), settings, console: HostConsole.OfProcess() with { Out = TextWriter.Null, Error = log, IsErrorTerminal = false });
        Log = log.ToString();
        return result;
    }

    /// <summary>Takes away what the checkpoint has of these batches, as a copy from before them would lack it.</summary>
    public void Forget(params int[] batches)
    {
        foreach (var batch in batches)
            foreach (var log in new[] { "offsets", "commits" })
                File.Delete(Path.Combine(Checkpoint, log, batch.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Numbers of the messages whose students are in the table, in order; a number twice is twice there.</summary>
    public IReadOnlyList<int> Written() => Numbers(new LakeLayout(Lake).Table("students"), "last_name");

    /// <summary>Rows of <c>batches</c>, by time.</summary>
    public IReadOnlyList<BatchRecord> Batches() =>
        [.. spark.Value.Read().Format("delta").Load(new LakeLayout(Lake).Batches).OrderBy(Col("received_at").Asc()).Collect().Select(static row => BatchRecord.FromValues(row.Values))];

    /// <summary>Messages of the raw archive, over all batches.</summary>
    public long Archived() => spark.Value.Read().Parquet(Path.Combine(Lake, "raw", Topic)).Select("partition", "offset").Distinct().Count();

    /// <summary>Messages in quarantine.</summary>
    public long Quarantined() => Directory.Exists(new LakeLayout(Lake).Quarantine("students")) ? spark.Value.Read().Format("delta").Load(new LakeLayout(Lake).Quarantine("students")).Count() : 0;

    public void Dispose()
    {
        if (spark.IsValueCreated) spark.Value.Stop();
        Directory.Delete(folder, recursive: true);
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"n{number:D5}");

    private IReadOnlyList<int> Numbers(string path, string column) => Directory.Exists(path)
        ? [.. spark.Value.Read().Format("delta").Load(path).Select(column).Collect().Select(static row => int.Parse(row.GetAs<string>(0)[1..], CultureInfo.InvariantCulture)).Order()]
        : [];
}
