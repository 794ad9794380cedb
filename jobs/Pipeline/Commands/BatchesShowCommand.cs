using Pipeline.Engine.Sql;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline batches show ID</c>: all that is known of one batch.</summary>
internal sealed class BatchesShowCommand : IJob
{
    public string Name => "batches show";

    public string Purpose => "Shows all that is known of a batch: source and offsets, rows by outcome, checksum, version, status and why.";

    public IReadOnlyList<string> Examples =>
        ["pipeline batches show water-quality-1f3a9c02-000004", "pipeline batches show water-quality-1f3a9c02-000004 --output json", "pipeline batches show water-quality-1f3a9c02-000004 --lake hdfs://namenode:8020/lake"];

    public IReadOnlyList<JobOption> Options { get; } = [JobOption.Argument("id", "A batch, as 'pipeline batches list' names it")];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var rows = new BatchTable(context).Find(context.Get("id")).Select(static batch => new Row(Batches.Schema, batch.ToValues()));
        RecordText.Write(context, rows, cancellationToken);
        return Task.FromResult(JobOutcome.Done("Shown."));
    }
}
