using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Tests.Unit.Runtime;

public class JobHostTests
{
    [Test]
    public async Task A_run_that_succeeds_leaves_its_result_in_the_lake_and_where_it_is_asked_for()
    {
        var world = new FakeWorld();
        var copy = Path.Combine(world.Folder, "out", "fish.json");
        var job = new FakeJob(static context =>
        {
            context.Counts.Add(read: 10, written: 7, quarantined: 1, duplicate: 2);
            context.TableTouched("fish", "lake/tables/fish", null, 0);
            context.TableTouched("fish", "lake/tables/fish", 0, 1);
            context.Outputs.Add("postgres://etl:hunter2@db/fish");
            context.Warn("The north pond is cold.");
        });

        (await world.RunAsync(job, "--result", copy, "--dataset", "water-quality")).Should().Be(0);

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(copy));
        json.RootElement.EnumerateObject().Select(static field => field.Name).Should().Equal(
            "schema_version", "run_id", "suite_version", "host", "lake", "arguments", "job", "dataset", "status", "exit_code", "message", "engine", "started_at", "ended_at", "counts", "rejected", "batches", "tables", "outputs", "warnings");
        var result = world.ResultInLake();
        result.Should().BeEquivalentTo(new
        {
            SchemaVersion = 1,
            Job = "count-fish",
            Dataset = "water-quality",
            Status = RunStatus.Succeeded,
            ExitCode = 0,
            Message = "Counted the fish.",
            Counts = new RunCounts(10, 7, 1, 2, 0),
            Tables = new[] { new TableTouch("fish", "lake/tables/fish", null, 1) },
            Outputs = new[] { "postgres://etl:***@db/fish" },
            Warnings = new[] { "The north pond is cold." },
        });
        json.RootElement.GetProperty("status").GetString().Should().Be("succeeded");
        json.RootElement.GetProperty("tables")[0].GetProperty("version_before").ValueKind.Should().Be(JsonValueKind.Null);
        result.EndedAt.Should().BeOnOrAfter(result.StartedAt);
        world.Out.Should().StartWith("Counted the fish. (").And.Contain("10 read = 7 written + 1 quarantined + 2 duplicate + 0 late");
    }

    [Test]
    public async Task Output_json_puts_the_result_and_nothing_else_on_stdout()
    {
        var world = new FakeWorld();

        await world.RunAsync(new FakeJob(), "--output", "json");

        RunResultFile.Parse(world.Out).Should().BeEquivalentTo(world.ResultInLake());
    }

    [Test]
    public async Task A_run_whose_lock_another_one_has_taken_commits_nothing_more_and_ends_with_6()
    {
        var world = new FakeWorld();
        var hasCommitted = false;
        var job = new FakeJob(context =>
        {
            context.RequireLock();
            foreach (var file in Directory.GetFiles(context.Lake.Root, "run.lock", SearchOption.AllDirectories)) File.Delete(file);
            context.RequireLock();
            hasCommitted = true;
        });

        (await world.RunAsync(job)).Should().Be(ExitCodes.LockHeld);

        hasCommitted.Should().BeFalse();
        world.ResultInLake().Message.Should().Contain("has lost the lock");
    }

    private static IEnumerable<TestCaseData> Failures()
    {
        yield return new TestCaseData(new UsageException("Wrong."), 2, RunStatus.Failed);
        yield return new TestCaseData(new FileNotFoundException("There is no file 'x.csv'."), 2, RunStatus.Failed);
        yield return new TestCaseData(new UnauthorizedAccessException("Access to 'x' is denied."), 2, RunStatus.Failed);
        yield return new TestCaseData(new DataException("Wrong."), 3, RunStatus.Failed);
        yield return new TestCaseData(new InvalidDataException("The workbook is cut."), 3, RunStatus.Failed);
        yield return new TestCaseData(new BatchQuarantinedException("Batch b1 is bad."), 4, RunStatus.Quarantined);
        yield return new TestCaseData(new LockHeldException("Held."), 6, RunStatus.Failed);
        yield return new TestCaseData(new TransientException("No broker."), 75, RunStatus.Failed);
        yield return new TestCaseData(new IOException("No space left on device", 28), 75, RunStatus.Failed);
        yield return new TestCaseData(new TimeoutException("The name node did not answer."), 75, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Engine.Sql.Engines.EngineException("The JVM is gone.") { IsTransient = true }, 75, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Engine.Sql.Engines.EngineException("Cannot cast.") { SqlState = "22018" }, 3, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Engine.Sql.Engines.EngineException("The batch function failed.", new DataException("Rows were lost.")), 3, RunStatus.Failed);
        yield return new TestCaseData(new AggregateException(new LockHeldException("Held.")), 6, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Engine.Delta.DeltaException(Pipeline.Engine.Delta.DeltaErrorKind.TableNotFound, "There is no table."), 2, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Engine.Delta.DeltaException(Pipeline.Engine.Delta.DeltaErrorKind.CorruptLog, "A gap."), 3, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Engine.Delta.DeltaException(Pipeline.Engine.Delta.DeltaErrorKind.Conflict, "Another was first."), 75, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Engine.Storage.StorageException("The name node is busy.") { IsTransient = true }, 75, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Suite.Export.ExportException(Pipeline.Suite.Export.ExportFailure.Transient, "No server."), 75, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Suite.Export.ExportException(Pipeline.Suite.Export.ExportFailure.Contract, "Twice."), 3, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Suite.Export.ExportException(Pipeline.Suite.Export.ExportFailure.Fenced, "Newer."), 6, RunStatus.Failed);
        yield return new TestCaseData(new Pipeline.Suite.Export.ExportException(Pipeline.Suite.Export.ExportFailure.Configuration, "No database."), 2, RunStatus.Failed);
        yield return new TestCaseData(new InvalidOperationException("Nobody saw this coming."), 1, RunStatus.Failed);
    }

    [TestCaseSource(nameof(Failures))]
    public async Task Each_kind_of_error_has_its_exit_code_and_one_line_without_a_stack(Exception error, int exitCode, RunStatus status)
    {
        var world = new FakeWorld();

        (await world.RunAsync(new FakeJob(_ => throw error))).Should().Be(exitCode);

        world.ResultInLake().Should().BeEquivalentTo(new { ExitCode = exitCode, Status = status });
        world.Error.TrimEnd('\n').Should().StartWith("error: ").And.NotContain("\n").And.NotContain("   at ");
    }

    [Test]
    public async Task Debug_shows_the_stack_without_secrets()
    {
        var world = new FakeWorld();

        await world.RunAsync(new FakeJob(static _ => throw new InvalidOperationException("Cannot open Host=db;Password=hunter2;Port=1.")), "--debug");

        world.Error.Should().Contain("   at ").And.NotContain("hunter2").And.Contain("Password=***");
    }

    [Test]
    public async Task A_run_inside_another_shows_no_stack_either_unless_it_was_asked_for()
    {
        var world = new FakeWorld();
        var inner = new FakeJob(static _ => throw new InvalidOperationException("Nobody saw this coming.")) { Name = "inner" };

        await world.RunAsync(new FakeJob(async (context, token) =>
        {
            await context.RunJobAsync(inner, new Dictionary<string, string>(), token);
            return JobOutcome.Done("Went on.");
        }));

        world.Error.Should().Contain("error: Nobody saw this coming.").And.NotContain("   at ");
    }

    [Test]
    public async Task A_run_that_is_cancelled_with_the_one_around_it_leaves_the_telling_to_that_one()
    {
        var world = new FakeWorld();
        RunResult? inner = null;

        await world.RunAsync(new FakeJob(async (context, token) =>
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
            await stop.CancelAsync();
            inner = await context.RunJobAsync(new FakeJob(static (_, inside) => Task.FromCanceled<JobOutcome>(inside)) { Name = "inner" }, new Dictionary<string, string>(), stop.Token);
            return JobOutcome.Done("Went on.");
        }));

        inner!.Status.Should().Be(RunStatus.Cancelled);
        world.Error.Should().NotContain("error:");
    }

    [Test]
    public async Task A_batch_that_was_quarantined_on_the_way_is_exit_4()
    {
        var world = new FakeWorld();

        (await world.RunAsync(new FakeJob((_, _) => Task.FromResult(JobOutcome.Quarantined("Went on past batch b1."))))).Should().Be(4);

        world.ResultInLake().Status.Should().Be(RunStatus.Quarantined);
    }

    [TestCase(new[] { "--lak", "x" }, "Unknown option '--lak'. Did you mean '--lake'?")]
    [TestCase(new[] { "--ponds=north" }, "Unknown option '--ponds'. Did you mean '--pond'?")]
    [TestCase(new[] { "--dataset", "water-qualiti" }, "--dataset is 'water-qualiti' (--dataset): there is no such data set. Did you mean 'water-quality'? There are: water-quality")]
    [TestCase(new[] { "--pond", "nort" }, "--pond is 'nort' (--pond): expected one of north, south. Did you mean 'north'?")]
    [TestCase(new[] { "--every", "soon" }, "--every is 'soon' (--every): expected a length of time")]
    [TestCase(new[] { "--limit", "1e3" }, "--limit is '1e3' (--limit): expected a whole number")]
    [TestCase(new[] { "--bad-share", "half" }, "--bad-share is 'half' (--bad-share): expected a number")]
    [TestCase(new[] { "north" }, "Unexpected argument 'north'.")]
    [TestCase(new[] { "--pond" }, "--pond needs a value, and '--lake' follows it.")]
    [TestCase(new[] { "--pond", "-q" }, "--pond needs a value, and '-q' follows it. A value that begins with a dash is written --pond=-q.")]
    [TestCase(new[] { "--set", "-x" }, "--set needs a value, and '-x' follows it.")]
    [TestCase(new[] { "--bad-share", "2" }, "--bad-share is '2' (--bad-share): expected a number from 0 to 1.")]
    [TestCase(new[] { "--bad-share", "-0.1" }, "--bad-share is '-0.1' (--bad-share): expected a number from 0 to 1.")]
    [TestCase(new[] { "--bad-share", "NaN" }, "--bad-share is 'NaN' (--bad-share): expected a number")]
    [TestCase(new[] { "--most", "0" }, "--most is '0' (--most): expected a whole number from 1 on.")]
    [TestCase(new[] { "--net-key", "hunter2" }, "'--net-key' is a secret and is not taken from the command line")]
    [TestCase(new[] { "--config", "nothere.yml" }, "The settings file 'nothere.yml' is not there.")]
    [TestCase(new[] { "--kafka-config", "nothere.properties" }, "Cannot read the Kafka settings 'nothere.properties': it is not there.")]
    public async Task A_wrong_command_line_is_exit_2_and_names_the_nearest_right_word(string[] args, string message)
    {
        var world = new FakeWorld();

        (await world.RunAsync(new FakeJob(), args)).Should().Be(2);

        world.Error.Should().StartWith("error: " + message).And.NotContain("hunter2");
    }

    [Test]
    public async Task A_usage_error_leaves_its_result_where_one_is_asked_for()
    {
        var world = new FakeWorld();
        var copy = Path.Combine(world.Folder, "usage.json");

        await world.RunAsync(new FakeJob(), "--nonsense", "--result", copy);

        RunResultFile.Parse(await File.ReadAllTextAsync(copy)).Should().BeEquivalentTo(new { ExitCode = 2, Job = "count-fish", Status = RunStatus.Failed });
    }

    [Test]
    public async Task A_job_about_a_data_set_names_those_there_are_where_none_is_given()
    {
        var world = new FakeWorld();

        (await world.RunAsync(new FakeJob { NeedsDataset = true })).Should().Be(2);

        world.Error.Should().StartWith("error: --dataset is missing. There are: water-quality");
    }

    [Test]
    public async Task A_lake_that_cannot_be_written_is_a_sentence_and_exit_2()
    {
        var world = new FakeWorld();
        var file = world.Write("file", "x");

        (await JobHost.RunAsync(["--lake", Path.Combine(file, "lake")], new FakeJob(), world.Console)).Should().Be(2);

        world.Error.Should().StartWith($"error: Cannot write to the lake '{file}/lake': ").And.Contain("--lake");
    }

    [Test]
    public async Task A_second_run_of_the_same_job_on_the_same_lake_is_exit_6_and_the_lock_is_given_back()
    {
        var world = new FakeWorld();
        var inner = 0;
        var job = new FakeJob(async (_, _) =>
        {
            inner = await world.RunAsync(new FakeJob());
            return JobOutcome.Done("Ran.");
        });

        (await world.RunAsync(job)).Should().Be(0);

        inner.Should().Be(6);
        world.Error.Should().StartWith("error: The run '").And.Contain("holds the lock");
        (await world.RunAsync(new FakeJob())).Should().Be(0);
    }

    [Test]
    public async Task A_command_that_only_looks_takes_no_lock_and_leaves_nothing()
    {
        var world = new FakeWorld();

        (await world.RunAsync(new FakeJob { ChangesLake = false })).Should().Be(0);

        Directory.Exists(world.Lake).Should().BeFalse();
    }

    [Test]
    public async Task Cancellation_is_exit_130_and_says_that_the_rest_is_for_the_next_run()
    {
        var world = new FakeWorld();
        using var cancel = new CancellationTokenSource();
        var job = new FakeJob(async (_, token) =>
        {
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
            return JobOutcome.Done("Never.");
        });

        var result = await JobHost.RunInProcessAsync(job, new Dictionary<string, string> { ["lake"] = world.Lake }, console: world.Console, cancellationToken: cancel.Token);

        result.Should().BeEquivalentTo(new { ExitCode = 130, Status = RunStatus.Cancelled });
        world.ResultInLake().Should().BeEquivalentTo(result);
    }

    [Test]
    public async Task A_job_run_inside_another_takes_over_its_common_settings_and_answers_its_error()
    {
        var world = new FakeWorld();
        RunResult? inner = null;
        var outer = new FakeJob(async (context, token) =>
        {
            inner = await context.RunJobAsync(new FakeJob(static nested =>
            {
                nested.Get("pond").Should().Be("south");
                throw new DataException($"Broken in {nested.Lake.Root}.");
            })
            { Name = "inner" }, new Dictionary<string, string> { ["pond"] = "south" }, token);
            return JobOutcome.Done("Saw it.");
        });

        (await world.RunAsync(outer)).Should().Be(0);

        inner.Should().BeEquivalentTo(new { Job = "inner", ExitCode = 3, Message = $"Broken in {world.Lake}." });
    }

    [Test]
    public void Counts_that_do_not_balance_break_the_contract()
    {
        var counts = new RowCounts();
        counts.Add(read: 10, written: 8, quarantined: 1);
        var check = () => counts.CheckBalance("Batch 3");

        check.Should().Throw<DataException>().WithMessage("Batch 3 does not balance: 10 read, but 8 written + 1 quarantined + 0 duplicate + 0 late = 9.*");
    }

    [Test]
    public async Task Steps_are_one_line_each_where_nobody_watches()
    {
        var world = new FakeWorld();
        var job = new FakeJob(static context =>
        {
            using (var step = context.Step("Net", total: 10))
            {
                step.Report(5);
                step.Done("10 fish");
            }
            using var broken = context.Step("Boat");
        });

        await world.RunAsync(job);

        world.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().SatisfyRespectively(
            static line => line.Should().MatchRegex(@"^✓ Net: 10 fish \(\d+\.\d s\)$"),
            static line => line.Should().MatchRegex(@"^✗ Boat \(\d+\.\d s\)$"));
    }

    [Test]
    public async Task Quiet_leaves_warnings_and_errors()
    {
        var world = new FakeWorld();
        var job = new FakeJob(static context =>
        {
            using (context.Step("Net")) context.Warn("Cold.");
        });

        await world.RunAsync(job, "-q");

        world.Error.Should().MatchRegex(@"^\d\d:\d\d:\d\d\.\d{3} warning Cold\.\n$");
    }

    [Test]
    public async Task Nothing_of_a_run_is_coloured_where_nobody_watches()
    {
        var world = new FakeWorld();

        await world.RunAsync(new FakeJob(static context => context.Warn("Cold.")), "-v");

        (world.Error + world.Out).Should().NotContain("\e[");
    }

    [Test]
    public void Run_ids_sort_by_their_start()
    {
        var start = new DateTimeOffset(2024, 5, 6, 7, 8, 9, 10, TimeSpan.Zero);

        RunIds.Next(start).Should().MatchRegex("^20240506T070809010Z-[0-9a-f]{6}$");
        string.CompareOrdinal(RunIds.Next(start), RunIds.Next(start.AddMilliseconds(1))).Should().BeNegative();
    }
}
