using System.Text;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Jobs.Cli.Report;

/// <summary><c>pipeline report [RUN]</c>: a run as one HTML file, to be kept or sent.</summary>
internal sealed class ReportCommand : IJob
{
    private const string FileName = "report.html";

    public string Name => "report";

    public string Purpose => "Writes a run as one HTML file that needs nothing else: rows by outcome, batches, tables, outputs, warnings, plots, and the runs before it.";

    public IReadOnlyList<string> Examples =>
        ["pipeline report", "pipeline report 20261124T1930", "pipeline report --job batch-etl --out batch-etl.html"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("run", "Id of the run, or its beginning; without it the newest", isRequired: false),
        new("job", "The newest run of this job, where no run is named") { ValueName = "JOB" },
        new("out", "The file; <lake>/runs/<run>/report.html where not given") { ValueName = "FILE" },
        new("earlier", "Runs before it to compare with, of the same job and data set", "20") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var run = await FindAsync(context, cancellationToken);
        var earlier = await RunHistory.ReadAsync(context.Lake, cancellationToken)
            .Where(other => other.Job == run.Job && other.Dataset == run.Dataset && string.CompareOrdinal(other.RunId, run.RunId) < 0)
            .Take((int)context.GetInt("earlier")).ToListAsync(cancellationToken);
        var html = Encoding.UTF8.GetBytes(RunReport.Html(run, await PlotsAsync(context, run.RunId, cancellationToken), earlier));
        var place = context.Find("out");
        if (place is not null) await File.WriteAllBytesAsync(place, html, cancellationToken);
        else await context.Lake.RunStorage(run.RunId).PutAsync(FileName, html, cancellationToken);
        context.Output.WriteLine(place is null ? $"{context.Lake.Run(run.RunId)}/{FileName}" : Path.GetFullPath(place));
        return JobOutcome.Done($"Wrote the report of run {run.RunId}.");
    }

    private static async Task<RunResult> FindAsync(JobContext context, CancellationToken cancellationToken)
    {
        if (context.Find("run") is { } beginning)
        {
            var found = (await RunHistory.ListAsync(context.Lake, cancellationToken)).Where(id => id.StartsWith(beginning, StringComparison.Ordinal)).ToList();
            return found switch
            {
                [] => throw new UsageException($"No run of '{context.Lake.Root}' has an id that begins with '{beginning}'. Their folders are in '{context.Lake.Root}/runs'."),
                [var one] => await RunHistory.FindAsync(context.Lake, one, cancellationToken) ?? throw new UsageException($"Run {one} has left no result: it was killed, or it still goes on."),
                _ => throw new UsageException($"{found.Count} runs have an id that begins with '{beginning}': {string.Join(", ", found.Take(5))}{(found.Count > 5 ? ", …" : "")}. Give more of it."),
            };
        }
        var job = context.Find("job");
        return await RunHistory.ReadAsync(context.Lake, cancellationToken).FirstOrDefaultAsync(run => job is null || run.Job == job, cancellationToken)
            ?? throw new UsageException($"There is no run{(job is null ? "" : $" of the job '{job}'")} in '{context.Lake.Root}/runs' that has left its result.");
    }

    private static async Task<IReadOnlyList<RunPlot>> PlotsAsync(JobContext context, string runId, CancellationToken cancellationToken)
    {
        var storage = context.Lake.RunStorage(runId);
        var plots = new List<RunPlot>();
        foreach (var entry in (await storage.ListAsync("plots", cancellationToken: cancellationToken)).Where(static entry => entry.Name.EndsWith(".png", StringComparison.Ordinal)).OrderBy(static entry => entry.Name, StringComparer.Ordinal))
            if (await storage.TryReadAsync(entry.Path, cancellationToken) is { } png) plots.Add(new RunPlot(Path.GetFileNameWithoutExtension(entry.Name), png));
        return plots;
    }
}
