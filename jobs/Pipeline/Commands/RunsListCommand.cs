using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline runs list</c>: what ran, what runs now, and what died.</summary>
internal sealed class RunsListCommand : IJob
{
    private static readonly StructType Columns = new(
        new StructField("run_id", new StringType()), new StructField("parent_run_id", new StringType()), new StructField("job", new StringType()), new StructField("dataset", new StringType()),
        new StructField("status", new StringType()), new StructField("exit_code", new IntegerType()), new StructField("started_at", new TimestampType()), new StructField("seconds", new DoubleType()),
        new StructField("rows_read", new LongType()), new StructField("rows_written", new LongType()), new StructField("rows_quarantined", new LongType()), new StructField("rows_duplicate", new LongType()),
        new StructField("heartbeat_at", new TimestampType()), new StructField("message", new StringType()));

    // What an operator looks for first; 'runs show' has the rest.
    private static readonly StructType Shown = new(
        new StructField("run", new StringType()), new StructField("job", new StringType()), new StructField("dataset", new StringType()), new StructField("status", new StringType()),
        new StructField("took", new StringType()), new StructField("written", new LongType()), new StructField("rejected", new LongType()));

    public string Name => "runs list";

    public string Purpose => "Lists the runs, newest first: those that ended and how, those that go on, and those that died without a word.";

    public IReadOnlyList<string> Examples => ["pipeline runs list", "pipeline runs list --status died", "pipeline runs list --job stream-ingest --limit 5 --output json"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("job", "Runs of this job only") { ValueName = "JOB" },
        new("status", "Runs of this status only") { Choices = RunStatuses.All },
        new("limit", "Runs at most", "20") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.UtcNow;
        var (job, status) = (context.Find("job"), context.Find("status"));
        var runs = await RunHistory.EntriesAsync(context.Lake, cancellationToken)
            .Where(run => (job is null || run.Job == job) && (context.DatasetName is null || run.Dataset == context.DatasetName) && (status is null || run.StatusAt(now) == status))
            .Take((int)context.GetInt("limit")).ToListAsync(cancellationToken);
        if (context.Get(CommonOptions.Output) == "json")
        {
            RowWriter.JsonLines(context.Output, runs.Select(run => Whole(run, now)), cancellationToken);
            return JobOutcome.Done("Listed.");
        }
        RowWriter.Table(context.Output, Shown, runs.Select(run => new Row(Shown,
            [Beginning(run.RunId), run.Job, run.Dataset ?? "", run.StatusAt(now), Took(run, now), run.Result?.Counts.Written, run.Result?.Counts.Quarantined])), RowWriter.AllRows, width: context.Width);
        context.Note(runs.Count == 0 ? $"No run of '{context.Lake.Root}' is so." : "'pipeline runs show RUN' explains one, 'pipeline report RUN' draws it.");
        return JobOutcome.Done("Listed.");
    }

    private static Row Whole(RunEntry run, DateTimeOffset now)
    {
        var counts = run.Result?.Counts;
        var seconds = run.Result is { } ended ? (ended.EndedAt - ended.StartedAt).TotalSeconds : (double?)null;
        return new Row(Columns,
        [
            run.RunId, run.Result?.ParentRunId ?? run.Start?.ParentRunId, run.Job, run.Dataset, run.StatusAt(now), run.Result?.ExitCode, run.StartedAt?.UtcDateTime, seconds,
            counts?.Read, counts?.Written, counts?.Quarantined, counts?.Duplicate, run.Start?.HeartbeatAt.UtcDateTime, run.Result?.Message,
        ]);
    }

    /// <summary>The start of a run without the digits by chance: enough for 'runs show', and narrow.</summary>
    private static string Beginning(string runId) => runId.IndexOf('-', StringComparison.Ordinal) is > 0 and var end ? runId[..end] : runId;

    private static string Took(RunEntry run, DateTimeOffset now) => run.Result is { } ended ? RunStatuses.Took(ended.EndedAt - ended.StartedAt)
        : run.StatusAt(now) == "running" && run.StartedAt is { } started ? RunStatuses.Took(now - started) + " so far"
        : "";
}

/// <summary>Statuses of runs and lengths of time as the commands write them.</summary>
internal static class RunStatuses
{
    /// <summary>All there are: those of results, and those of runs without one.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetNames<RunStatus>().Select(static name => name.ToLowerInvariant()), "running", "died", "unknown"];

    /// <summary>A length of time: <c>4.2 s</c>, <c>3 min 20 s</c>, <c>5 h 12 min</c>, <c>2 d 4 h</c>.</summary>
    public static string Took(TimeSpan time) => time.TotalMinutes < 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s")
        : time.TotalHours < 1 ? $"{time.Minutes} min {time.Seconds} s"
        : time.TotalDays < 1 ? $"{time.Hours} h {time.Minutes} min"
        : $"{time.Days} d {time.Hours} h";
}
