using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline runs show RUN</c>: one run, with why rows were rejected and what to do next.</summary>
internal sealed class RunsShowCommand : IJob
{
    private static readonly StructType Rules = new(
        new StructField("column", new StringType()), new StructField("rule", new StringType()), new StructField("rows", new LongType()), new StructField("sample", new StringType()));

    public string Name => "runs show";

    public string Purpose => "Explains a run: how it ended, its rows by outcome, why rows were rejected, its tables, outputs and warnings, and its parts.";

    public IReadOnlyList<string> Examples => ["pipeline runs show 20261124T1930", "pipeline runs show", "pipeline runs show 20261124T1930 --output json"];

    public IReadOnlyList<JobOption> Options { get; } = [JobOption.Argument("run", "Id of the run, or its beginning; without it the newest", isRequired: false)];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var run = await FindAsync(context, cancellationToken);
        if (context.Get(CommonOptions.Output) == "json") context.Output.WriteLine(run.ToJson(DateTimeOffset.UtcNow));
        else Write(context, run, await RunHistory.EntriesAsync(context.Lake, cancellationToken).Where(other => (other.Result?.ParentRunId ?? other.Start?.ParentRunId) == run.RunId).ToListAsync(cancellationToken));
        return JobOutcome.Done("Shown.");
    }

    private static async Task<RunEntry> FindAsync(JobContext context, CancellationToken cancellationToken)
    {
        var ids = await RunHistory.ListAsync(context.Lake, cancellationToken);
        if (ids.Count == 0) throw new UsageException($"The lake '{context.Lake.Root}' has no runs yet: run 'pipeline demo', stream-ingest or batch-etl first, or name another lake with --lake.");
        var beginning = context.Find("run") ?? ids[0];
        var found = ids.Where(id => id.StartsWith(beginning, StringComparison.Ordinal)).ToList();
        return found switch
        {
            [] => throw new UsageException($"No run of '{context.Lake.Root}' has an id that begins with '{beginning}'. 'pipeline runs list' shows those that there are."),
            [var one] => await RunHistory.EntryAsync(context.Lake, one, cancellationToken),
            _ => throw new UsageException($"{found.Count} runs have an id that begins with '{beginning}': {string.Join(", ", found.Take(5))}{(found.Count > 5 ? ", …" : "")}. Give more of it."),
        };
    }

    private static void Write(JobContext context, RunEntry run, IReadOnlyList<RunEntry> parts)
    {
        var (output, now) = (context.Output, DateTimeOffset.UtcNow);
        var status = run.StatusAt(now);
        Line("run", run.RunId);
        Line("job", $"{run.Job ?? "unknown"}{(run.Dataset is null ? "" : $", data set {run.Dataset}")}");
        Line("status", run.Result is { } ended ? string.Create(CultureInfo.InvariantCulture, $"{status}, exit code {ended.ExitCode}") : status);
        if (run.StartedAt is { } started) Line("started", string.Create(CultureInfo.InvariantCulture, $"{started.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC{(run.Result is { } result ? $", took {RunStatuses.Took(result.EndedAt - result.StartedAt)}" : "")}"));
        if (run.Start is { } start)
        {
            Line("where", string.Create(CultureInfo.InvariantCulture, $"{start.Host}, process {start.ProcessId}, version {start.SuiteVersion}"));
            Line("arguments", start.Arguments.Count == 0 ? "none" : string.Join(' ', start.Arguments));
            if (run.Result is null) Line("last sign", string.Create(CultureInfo.InvariantCulture, $"{start.HeartbeatAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, {RunStatuses.Took(now - start.HeartbeatAt)} ago"));
        }
        if ((run.Result?.ParentRunId ?? run.Start?.ParentRunId) is { } parent) Line("part of", parent);
        if (run.Result is { } told) WriteResult(context, told);
        foreach (var part in parts) Line("part", $"{part.RunId}  {part.Job}  {part.StatusAt(now)}");
        Line("next", NextStep(run, status));

        void Line(string name, string text) => output.WriteLine($"{name,-10}  {PrintableText.OneLine(text)}");
    }

    private static void WriteResult(JobContext context, RunResult result)
    {
        var output = context.Output;
        output.WriteLine($"{"message",-10}  {PrintableText.OneLine(result.Message)}");
        if (result.Counts.Read > 0) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"rows",-10}  {RunSummary.Counts(result.Counts)}"));
        foreach (var table in result.Tables)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"table",-10}  {table.Name}: version {table.VersionBefore?.ToString(CultureInfo.InvariantCulture) ?? "none"} → {table.VersionAfter?.ToString(CultureInfo.InvariantCulture) ?? "none"}"));
        foreach (var place in result.Outputs) output.WriteLine($"{"wrote",-10}  {PrintableText.OneLine(place)}");
        foreach (var warning in result.Warnings) output.WriteLine($"{"warning",-10}  {PrintableText.OneLine(warning)}");
        if (result.Rejected.Count == 0) return;
        output.WriteLine();
        output.WriteLine("Why rows were rejected:");
        RowWriter.Table(output, Rules, result.Rejected.Select(static rule => new Row(Rules, [rule.Column ?? "(whole row)", rule.Rule, rule.Count, rule.Sample ?? ""])), RowWriter.AllRows, width: context.Width);
        output.WriteLine();
    }

    /// <summary>What to type next, by how the run ended.</summary>
    private static string NextStep(RunEntry run, string status) => status switch
    {
        "running" => "it goes on; run the same command later",
        "died" => "start the same command again: what was committed stays, and its lock is taken over",
        "unknown" => "it left neither run.json nor result.json; look at 'pipeline batches list'",
        _ when run.Result!.Counts.Quarantined > 0 => "'pipeline quarantine list' shows the rejected rows, 'quarantine fix' and 'quarantine replay' repair them",
        "failed" => "the message says what to do; then start the same command again",
        _ => $"'pipeline report {run.RunId}' writes it as a page",
    };
}
