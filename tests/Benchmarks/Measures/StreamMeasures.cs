using System.Diagnostics;
using System.Globalization;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Streaming;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Jobs.StreamIngest;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using Pipeline.Tests.Benchmarks.Harness;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>Kafka to Delta on the embedded engine.</summary>
internal static class StreamMeasures
{
    private static readonly TableContract Contract = new("events", "one event", [
        new("id", "id", new WholeNumberRule(), "Number") { IsRequired = true },
        new("site", "site", new TextRule(), "Site") { IsRequired = true },
        new("value", "value", new NumberRule(), "Value"),
    ]);

    private static readonly StructType BatchColumns = new(
        new StructField("number", new LongType()), new StructField("rows_read", new LongType()), new StructField("rows_bad", new LongType()), new StructField("size_bytes", new LongType()), new StructField("checksum", new StringType()));

    /// <summary>Archive, typed table, quarantine and a row of metadata a batch, until so many messages are in. servers=… topic=… lake=FOLDER messages=N most=MESSAGES_A_BATCH; skip=SECONDS, idle=yes</summary>
    /// <remarks>Latencies are those of batches that ended later than so many seconds after the first one began: before that the code is being compiled. The rate is from the first batch's beginning to the last one's end.</remarks>
    public static Task RunAsync(Arguments arguments, Recorder recorder)
    {
        var lake = new LakeLayout(arguments["lake"]);
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings { AutoCompacts = true });
        var spark = SparkSession.ForEngine(engine);
        var (read, wanted) = (0L, (long)arguments.Int("messages"));
        var commits = new List<double>();
        var batches = new List<double>();
        var committed = new List<(long Number, DateTime At)>();
        var skipped = TimeSpan.FromSeconds(arguments.Find("skip") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 0);
        var (began, ended) = (0L, 0L);
        recorder.Time(() =>
        {
            using var query = spark.ReadStream().Format("kafka")
                .Option("kafka.bootstrap.servers", arguments["servers"]).Option("subscribe", arguments["topic"]).Option("startingOffsets", "earliest").Option("maxOffsetsPerTrigger", arguments["most"]).Option("includeHeaders", "true")
                .Load()
                .WriteStream().Option("checkpointLocation", lake.Checkpoint("bench", "events")).Trigger(Trigger.ProcessingTime(TimeSpan.Zero))
                .ForeachBatch((batch, number) =>
                {
                    var start = Stopwatch.GetTimestamp();
                    if (began == 0) began = start;
                    var loaded = Load(batch, number, lake);
                    ended = Stopwatch.GetTimestamp();
                    if (Stopwatch.GetElapsedTime(began) >= skipped)
                    {
                        commits.Add(loaded.CommitMs);
                        batches.Add(Stopwatch.GetElapsedTime(start, ended).TotalMilliseconds);
                        committed.Add((number, loaded.CommittedAt));
                    }
                    _ = Interlocked.Add(ref read, loaded.Read);
                })
                .Start();
            while (Interlocked.Read(ref read) < wanted && !query.AwaitTermination(5)) { }
            if (query.Exception() is { } error) throw new InvalidOperationException(error.Message, error);
            if (arguments.Find("idle") is not null)
            {
                var table = DeltaTable.ForPath(spark, lake.Table("events"));
                var before = table.LatestVersion();
                Thread.CurrentThread.Join(1000);
                // Small files that are compacted then are no batch's commit.
                recorder.Add("idle_commits", table.Commits((int)(table.LatestVersion() - before)).Count(static commit => commit.Operation != "OPTIMIZE"));
            }
            query.Stop();
        });
        recorder.Add("messages", read);
        recorder.Add("per_second", read / Stopwatch.GetElapsedTime(began, ended).TotalSeconds);
        recorder.AddLatencies("commit", commits);
        recorder.AddLatencies("batch", batches);
        recorder.Add("batches", batches.Count);
        var oldest = ArchivedBatches.Oldest(lake);
        recorder.AddLatencies("latency", [.. committed.Select(batch => (batch.At - oldest[batch.Number]).TotalMilliseconds)]);
        return Task.CompletedTask;
    }

    /// <summary>The job stream-ingest itself, from its command line on, to the topic's end. servers=… lake=FOLDER; master=URL, most=MESSAGES_A_BATCH</summary>
    public static async Task JobAsync(Arguments arguments, Recorder recorder)
    {
        List<string> words = ["--dataset", "water-quality", "--bootstrap-servers", arguments["servers"], "--lake", arguments["lake"], "--available-now", "--quiet"];
        if (arguments.Find("master") is { } master) words.AddRange(["--master", master]);
        if (arguments.Find("most") is { } most) words.AddRange(["--max-offsets-per-batch", most]);
        var console = HostConsole.OfProcess() with { Out = TextWriter.Null };
        var code = 0;
        await recorder.TimeAsync(async () => code = await JobHost.RunAsync([.. words], new StreamIngestJob(), console));
        if (code != 0) throw new InvalidOperationException($"The job ended with {code}.");
    }

    private static (long Read, DateTime CommittedAt, double CommitMs) Load(DataFrame batch, long number, LakeLayout lake)
    {
        // As stream-ingest does it: the archive beside the parsing, and done before the first row is written; the batch's checksum beside its writing.
        var archive = Task.Run(() => RawArchive.Write(lake, batch, "events", new BatchSource("bench", number, "events", "bench", "run")));
        using var staged = new PersistedRows(ContractParser.Parse(MessageReader.FromKafka(batch, Contract), Contract).Persist());
        var facts = BatchFacts.Of(staged.Rows);
        var digest = Task.Run(() => BatchDigest.Of(staged.Rows));
        using var digesting = new AwaitOnDispose(digest);
        archive.GetAwaiter().GetResult();
        var good = StagedRows.Good(staged.Rows).Select(Col("id"), Col("site"), Col("value"), Lit(number).As("batch_number"));
        Append(good, lake.Table("events"), number);
        if (facts.Bad > 0) Append(StagedRows.Broken(staged.Rows).Select(Col(StagedColumns.Raw), Col(StagedColumns.Broken)), lake.Quarantine("events"), number);
        var (size, checksum) = digest.GetAwaiter().GetResult();
        var watch = Stopwatch.StartNew();
        using var row = new PersistedRows(batch.SparkSession.CreateDataFrame([[number, facts.Read, facts.Bad, size, checksum]], BatchColumns));
        Append(row.Rows, lake.Batches, number);
        return (facts.Read, DateTime.UtcNow, watch.Elapsed.TotalMilliseconds);
    }

    private static void Append(DataFrame rows, string path, long number) =>
        rows.Write().Format("delta").Mode("append").Option("txnAppId", "bench").Option("txnVersion", number).Save(path);
}
