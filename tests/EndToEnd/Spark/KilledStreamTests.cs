using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Lake;
using Pipeline.Producer.Generating;
using Pipeline.Runtime;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>A stream on real Spark and Kafka whose driver, JVM and broker are killed in turn, and which is started again each time until it is done.</summary>
[NonParallelizable]
public sealed class KilledStreamTests
{
    private const int Rows = 800;
    private const int RowsPerBatch = 100;
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(10);
    private TemporaryFolder folder = null!;
    private readonly List<Process> started = [];
    private KafkaServer kafka = null!;
    private string home = null!;

    [OneTimeSetUp]
    public async Task Send()
    {
        home = SparkServer.RequireHome("4.1");
        kafka = await KafkaServer.StartAsync();
        folder = new TemporaryFolder();
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", Rows, 23, folder["data"]), CancellationToken.None);
        var sent = await ProgramRun.DotnetAsync(
            Repository.Program("producer", "producer"),
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
        await A_killed_JVM_ends_the_job_with_75();
        await A_killed_JVM_of_spark_submit_ends_job_and_script_with_75();
        await A_killed_broker_that_comes_back_is_waited_for();

        var files = await ProgramRun.DotnetAsync(Repository.Program("jobs/Pipeline", "pipeline"), ["batch-etl", "--master", "embedded", "--dataset", "water-quality", "--input", folder["data"], "--lake", folder["files"]]);
        files.ExitCode.Should().Be(0, files.Error);
        SameRows.InTables(folder["lake"], folder["files"], "water_samples").Should().Be(Rows);
        Results().Sum(static result => result.Counts.Written).Should().BeLessThanOrEqualTo(Rows, "a run that was killed tells of no row, and no row is told of twice");
    }

    private async Task A_killed_driver_leaves_no_JVM()
    {
        var job = Start();
        await UntilVersionAsync(1, job);
        var jvm = ProcessTree.Descendants(job.Id, "java");
        jvm.Should().NotBeEmpty();
        job.Kill();
        (await ProcessTree.HaveEndedAsync(jvm, Seconds)).Should().BeTrue("the JVM ends with the job");
    }

    private async Task A_killed_JVM_ends_the_job_with_75()
    {
        var job = Start();
        await UntilVersionAsync(Version() + 1, job);
        var waited = Stopwatch.StartNew();
        foreach (var jvm in ProcessTree.Descendants(job.Id, "java")) Kill(jvm);
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
        foreach (var jvm in ProcessTree.Descendants(script.Id, "java")) Kill(jvm);
        var run = await ProgramRun.OfAsync(script, "stream-ingest.sh", Seconds);
        run.ExitCode.Should().Be(ExitCodes.Transient, run.Out + run.Error);
        run.Error.Should().Contain("stream-ingest.sh: the JVM or the job was ended by signal 9");
        (await ProcessTree.HaveEndedAsync(job, Seconds)).Should().BeTrue("the job ends with its JVM");
        Results()[^1].ExitCode.Should().Be(ExitCodes.Transient);
    }

    private async Task A_killed_broker_that_comes_back_is_waited_for()
    {
        var job = Start("--available-now");
        await UntilVersionAsync(Version() + 1, job);
        await kafka.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(3));
        await kafka.StartAgainAsync();
        var run = await ProgramRun.OfAsync(job, "stream-ingest", TimeSpan.FromMinutes(8));
        run.ExitCode.Should().Be(ExitCodes.Done, run.Error);
    }

    private Process Start(params string[] more)
    {
        var job = ProgramRun.Start(Repository.Program("jobs/Pipeline", "pipeline"), ["stream-ingest", "--master", "local[2]", .. Arguments(), .. more], Environment());
        started.Add(job);
        return job;
    }

    private Dictionary<string, string?> Environment()
    {
        var environment = SubmitScript.Local(home);
        environment["APP"] = Path.GetDirectoryName(Repository.Program("jobs/Pipeline", "pipeline"));
        return environment;
    }

    private string[] Arguments() =>
        ["--dataset", "water-quality", "--bootstrap-servers", kafka.BootstrapServers, "--lake", folder["lake"], "--max-offsets-per-batch", RowsPerBatch.ToString(CultureInfo.InvariantCulture), "--trigger", "0s"];

    /// <summary>The last version of the table, or -1.</summary>
    private long Version()
    {
        var log = Path.Combine(new LakeLayout(folder["lake"]).Table("water_samples"), "_delta_log");
        return Directory.Exists(log) ? Directory.GetFiles(log, "*.json").Select(static file => long.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture)).DefaultIfEmpty(-1).Max() : -1;
    }

    private async Task UntilVersionAsync(long version, Process job)
    {
        using var time = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (Version() < version)
        {
            if (job.HasExited) throw new InvalidOperationException($"The job ended with {job.ExitCode} before version {version}: {await job.StandardOutput.ReadToEndAsync()}{await job.StandardError.ReadToEndAsync()}");
            await Task.Delay(50, time.Token);
        }
    }

    /// <summary>The runs' results, oldest first.</summary>
    private List<RunResult> Results() =>
        [.. Directory.GetFiles(Path.Combine(folder["lake"], "runs"), "result.json", SearchOption.AllDirectories).Select(static file => RunResultFile.Parse(File.ReadAllText(file))).OrderBy(static result => result.StartedAt)];

    private static void Kill(int processId)
    {
        using var process = Process.GetProcessById(processId);
        process.Kill();
    }
}
