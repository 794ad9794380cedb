using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Producer.Generating;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>A stream on real Spark and Kafka whose driver, JVM and broker are killed in turn, and which is started again each time until it is done.</summary>
/// <remarks>In the nightly lane, as it starts a JVM for each kill. The whole lane has interrupted batches on Spark (tests/Integration/Spark/LoadingTests), streams that are started again and the commands (<see cref="DatasetStreamsTests"/>), a killed JVM (LifeTests), and every kill of a stream on the embedded engine.</remarks>
[NonParallelizable]
[Category(Lane.Nightly)]
public sealed class KilledStreamTests
{
    private const int Rows = 800;
    private const int BadEvery = 17;
    private const int FirstBad = 3;
    private const int RowsPerBatch = 40;
    private const int RowsPerLastBatch = 150;
    private static readonly int RandomKills = Lane.Times(whole: 1, nightly: 6);
    private const int Seed = 20241124;
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(10);

    /// <summary>Where the driver dies: each place of a batch that it reaches on Spark, which writes the tables and the checkpoint itself.</summary>
    private static readonly string[] Places =
        [LoadingKillPoints.AfterRawArchive, LoadingKillPoints.BeforeQuarantine, LoadingKillPoints.AfterQuarantine, LoadingKillPoints.BeforeRawArchive, LoadingKillPoints.BeforeBatchRow, LoadingKillPoints.AfterBatchRow];

    private TemporaryFolder folder = null!;
    private readonly List<Process> started = [];
    private KafkaServer kafka = null!;
    private string home = null!;
    private int kills;

    [OneTimeSetUp]
    public async Task Send()
    {
        home = SparkServer.RequireHome("4.1");
        kafka = await KafkaServer.StartAsync();
        folder = new TemporaryFolder();
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", Rows, 23, folder["data"]), CancellationToken.None);
        BrokenNumbers.In(Directory.GetFiles(folder["data"], "LTM_Data*.csv").Single(), "SO4_UEQ_L", BadEvery, FirstBad);
        var sent = await Programs.ProducerAsync(
            ["send", "water-quality", "--file", Directory.GetFiles(folder["data"], "LTM_Data*.csv").Single(), "--bootstrap-servers", kafka.BootstrapServers, "--pause", "0"]);
        sent.ExitCode.Should().Be(0, sent.Error);
    }

    [OneTimeTearDown]
    public async Task Clean()
    {
        foreach (var process in started)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.Dispose();
        }
        if (kafka is not null) await kafka.DisposeAsync();
        folder?.Dispose();
    }

    [Test]
    public async Task Whatever_is_killed_each_row_is_there_once_in_the_end()
    {
        await A_killed_driver_leaves_no_JVM();
        foreach (var place in Places) await A_driver_dies_at(place);
        var chance = new Random(Seed);
        for (var i = 0; i < RandomKills; i++) await A_driver_dies_some_time_after_it_planned_a_batch(chance);
        await A_killed_JVM_ends_the_job_with_75();
        await A_killed_JVM_of_spark_submit_ends_job_and_script_with_75();
        await A_killed_broker_that_comes_back_is_waited_for();

        var files = await Programs.PipelineAsync(["batch-etl", "--master", "embedded", "--dataset", "water-quality", "--input", folder["data"], "--lake", folder["files"]]);
        files.ExitCode.Should().Be(0, files.Error);
        SameRows.InTables(folder["lake"], folder["files"], "water_samples").Should().Be(Rows - BadLines.Count);
        QuarantinedLines().Should().Equal(BadLines, "each bad row is in quarantine, and once");
        Results().Sum(static result => result.Counts.Written).Should().BeLessThanOrEqualTo(Rows, "a run that was killed tells of no row, and no row is told of twice");
    }

    private async Task A_killed_driver_leaves_no_JVM()
    {
        var job = Start();
        await UntilVersionAsync(1, job);
        var jvm = ProcessTree.Descendants(job.Id, "java");
        jvm.Should().NotBeEmpty();
        Kill(job.Id);
        (await ProcessTree.HaveEndedAsync(jvm, Seconds)).Should().BeTrue("the JVM ends with the job");
    }

    private async Task A_driver_dies_at(string place)
    {
        var run = await ProgramRun.OfAsync(Start(new() { ["PIPELINE_KILL_AT"] = $"{place}:1" }), "stream-ingest", TimeSpan.FromMinutes(8));
        run.ExitCode.Should().Be(137, "kill {0} is at {1}; the program printed: {2}{3}", kills + 1, place, run.Out, run.Error);
        kills++;
    }

    private async Task A_driver_dies_some_time_after_it_planned_a_batch(Random chance)
    {
        var before = LastPlanned();
        var job = Start();
        await UntilAsync(() => LastPlanned() > before, job);
        await Task.Delay(chance.Next(1500));
        Kill(job.Id);
        await job.WaitForExitAsync();
    }

    private async Task A_killed_JVM_ends_the_job_with_75()
    {
        var job = Start();
        await UntilVersionAsync(Version() + 1, job);
        var waited = Stopwatch.StartNew();
        Kill(ProcessTree.Descendants(job.Id, "java").Single());
        var run = await ProgramRun.OfAsync(job, "stream-ingest", Seconds);
        waited.Elapsed.Should().BeLessThan(Seconds);
        run.ExitCode.Should().Be(ExitCodes.Transient, run.Error);
        run.Error.Should().Contain("error: The JVM that runs Spark has ended (exit code 137); the job cannot go on.").And.NotContain("   at ");
        var result = Results()[^1];
        result.ExitCode.Should().Be(ExitCodes.Transient);
        result.Status.Should().Be(RunStatus.Failed);
    }

    private async Task A_killed_JVM_of_spark_submit_ends_job_and_script_with_75()
    {
        var script = SubmitScript.Start("stream-ingest.sh", Environment(), Arguments());
        started.Add(script);
        await UntilVersionAsync(Version() + 1, script);
        var job = ProcessTree.Descendants(script.Id, "dotnet");
        job.Should().ContainSingle();
        Kill(ProcessTree.Descendants(script.Id, "java").Single());
        var run = await ProgramRun.OfAsync(script, "stream-ingest.sh", Seconds);
        run.ExitCode.Should().Be(ExitCodes.Transient, run.Out + run.Error);
        run.Error.Should().Contain("stream-ingest.sh: the JVM or the job was ended by signal 9");
        (await ProcessTree.HaveEndedAsync(job, Seconds)).Should().BeTrue("the job ends with its JVM");
        Results()[^1].ExitCode.Should().Be(ExitCodes.Transient);
    }

    private async Task A_killed_broker_that_comes_back_is_waited_for()
    {
        var job = Start([], RowsPerLastBatch, "--available-now");
        await UntilVersionAsync(Version() + 1, job);
        await kafka.KillAsync();
        kills++;
        await Task.Delay(TimeSpan.FromSeconds(3));
        await kafka.StartAgainAsync();
        var run = await ProgramRun.OfAsync(job, "stream-ingest", TimeSpan.FromMinutes(8));
        run.ExitCode.Should().Be(ExitCodes.Done, run.Error);
    }

    private Process Start(Dictionary<string, string?>? more = null, int rowsPerBatch = RowsPerBatch, params string[] arguments)
    {
        var environment = Environment();
        foreach (var (name, value) in more ?? []) environment[name] = value;
        var job = ProgramRun.Start(Repository.Program("jobs/Pipeline", "pipeline"), ["stream-ingest", "--master", "local[2]", .. Arguments(rowsPerBatch), .. arguments], environment);
        started.Add(job);
        return job;
    }

    private Dictionary<string, string?> Environment()
    {
        var environment = SubmitScript.Local(home);
        environment["APP"] = Path.GetDirectoryName(Repository.Program("jobs/Pipeline", "pipeline"));
        return environment;
    }

    private string[] Arguments(int rowsPerBatch = RowsPerBatch) =>
        ["--dataset", "water-quality", "--bootstrap-servers", kafka.BootstrapServers, "--lake", folder["lake"], "--max-offsets-per-batch", rowsPerBatch.ToString(CultureInfo.InvariantCulture), "--trigger", "0s"];

    private static List<long> BadLines => BrokenNumbers.Lines(Rows, BadEvery, FirstBad);

    private List<long> QuarantinedLines()
    {
        using var engine = EngineFactory.Create(new EngineSettings("embedded", "test", new Dictionary<string, string>()));
        return [.. SparkSession.ForEngine(engine).Read().Format("delta").Load(new LakeLayout(folder["lake"]).Quarantine("water_samples")).Select("source_line").Collect().Select(static row => row.GetAs<long>(0)).Order()];
    }

    /// <summary>Number of the last batch whose offsets the checkpoint has, or -1.</summary>
    private long LastPlanned()
    {
        var offsets = Path.Combine(folder["lake"], "checkpoints", "stream-ingest", "water-quality", "offsets");
        return Directory.Exists(offsets) ? Directory.GetFiles(offsets).Select(static path => long.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number) ? number : -1).DefaultIfEmpty(-1).Max() : -1;
    }

    /// <summary>The last version of the table, or -1.</summary>
    private long Version()
    {
        var log = Path.Combine(new LakeLayout(folder["lake"]).Table("water_samples"), "_delta_log");
        return Directory.Exists(log) ? Directory.GetFiles(log, "*.json").Select(static file => long.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture)).DefaultIfEmpty(-1).Max() : -1;
    }

    private Task UntilVersionAsync(long version, Process job) => UntilAsync(() => Version() >= version, job);

    private static async Task UntilAsync(Func<bool> isThere, Process job)
    {
        using var time = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (!isThere())
        {
            if (job.HasExited) throw new InvalidOperationException($"The job ended with {job.ExitCode} before it came so far: {await job.StandardOutput.ReadToEndAsync()}{await job.StandardError.ReadToEndAsync()}");
            await Task.Delay(50, time.Token);
        }
    }

    /// <summary>The runs' results, oldest first.</summary>
    private List<RunResult> Results() =>
        [.. Directory.GetFiles(Path.Combine(folder["lake"], "runs"), "result.json", SearchOption.AllDirectories).Select(static file => RunResultFile.Parse(File.ReadAllText(file))).OrderBy(static result => result.StartedAt)];

    private void Kill(int processId)
    {
        kills++;
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }
}
