using System.Runtime.ExceptionServices;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets;
using Pipeline.Jobs.HdfsEnrich;
using Pipeline.Jobs.MetricsExport;
using Pipeline.Jobs.Outputs;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Inputs;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Schemas.Contracts;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.BatchEtl;

/// <summary>The whole way from files to tables without Kafka, for a scheduler: load, enrich, and export where asked.</summary>
public sealed class BatchEtlJob : IJob
{
    /// <inheritdoc/>
    public string Name => "batch-etl";

    /// <inheritdoc/>
    public string Purpose => "Load a data set's files into the lake's tables without Kafka, enrich them, and export the metrics where asked.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Examples { get; } =
    [
        "BatchEtl --dataset water-quality --input ./data --lake ./lake",
        "BatchEtl --dataset water-quality --input ./data --lake ./lake --to sqlite:metrics.db",
        "BatchEtl --dataset water-quality --input hdfs://namenode:8020/landing/water-quality --reference hdfs://namenode:8020/reference/water-quality --lake hdfs://namenode:8020/lake",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("input", "Folder of the files to load: a path, file: or hdfs: URI") { IsRequired = true, ValueName = "DIR" },
        new("reference", "Folder of the reference files; the input folder where not given") { ValueName = "URI" },
        new("to", "Where the metrics go, as for metrics-export; not exported where not given") { ValueName = "TARGET" },
        OutputWriter.Option,
        OutputWriter.GuardOption,
        JobOption.Share("max-bad-share", "Share of bad rows, 0 to 1, over which a whole file goes to quarantine", "0.5"),
    ];

    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var flow = DatasetFlows.Of(context.Dataset.Name);
        var input = context.Get("input");
        var files = await InputFiles.FindAsync(context, input, flow.Dataset.Main, cancellationToken).ConfigureAwait(false);
        if (files.Count == 0) throw new UsageException($"There is no file '{flow.Dataset.Main.Pattern}.csv' or '{flow.Dataset.Main.Pattern}.xlsx' in '{input}'.");
        var references = flow.Enrichment is null ? null : await ReferenceFiles.ReadAsync(context, flow.Dataset, context.Find("reference") ?? input, cancellationToken).ConfigureAwait(false);

        var badFiles = new List<string>();
        var empty = new List<string>();
        var unreadable = new List<(string Name, DataException Error)>();
        var loaded = new List<DataFrame>();
        context.EvolveTables(flow.Dataset.Main.Contract);
        await context.CompareAsync(flow.Dataset.Main.Contract.Name, cancellationToken).ConfigureAwait(false);
        _ = context.ReopenRepaired(flow.Dataset.Main.Contract.Name);
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            DataFrame records;
            try
            {
                records = await InputFiles.ReadAsync(context, file, flow.Dataset.Main, cancellationToken).ConfigureAwait(false);
            }
            catch (DataException error)
            {
                unreadable.Add((file.Name, error));
                context.Warn($"File '{file.Uri}' is left out: {error.Message}");
                continue;
            }
            var staged = flow.StageRecords(records, InputFiles.CorruptColumn);
            var batch = Load(context, flow, staged, file);
            if (batch.Read == 0)
            {
                empty.Add(file.Name);
                context.Warn($"File '{file.Uri}' has a header and no rows.");
            }
            else if (batch.IsBad)
            {
                badFiles.Add(file.Name);
            }
            else
            {
                loaded.Add(Good(staged, flow.Dataset.Main.Contract));
            }
        }
        // After the files: a batch of theirs that died is completed by itself, with its rejected rows.
        await context.AdoptAsync(flow.Dataset.Main.Contract.Name, cancellationToken).ConfigureAwait(false);
        if (unreadable.Count == files.Count) ExceptionDispatchInfo.Throw(unreadable[0].Error);
        context.Counts.CheckBalance();
        var message = $"{Counted.Of(files.Count, "file")}: {context.Counts}.";
        if (context.HasTable(flow.Dataset.Main.Contract.Name))
        {
            if (references is not null) message += " " + new Enrichment(context, flow, flow.Enrichment!).Run(references, full: false).Message;
            if (context.Find("to") is { } target) await new MetricsWriter(context, flow).RunAsync(target, cancellationToken).ConfigureAwait(false);
            await WriteOutputsAsync(context, flow, loaded, cancellationToken).ConfigureAwait(false);
        }
        if (badFiles.Count == 0 && unreadable.Count == 0 && empty.Count == 0) return JobOutcome.Done(message);
        if (badFiles.Count > 0) message += $" Whole files in quarantine: {string.Join(", ", badFiles)}. The table's last good version is still served.";
        if (unreadable.Count > 0) message += $" Files that were left out because they cannot be read: {string.Join(", ", unreadable.Select(static file => file.Name))}. Correct them and run again.";
        if (empty.Count > 0) message += $" Files without rows: {string.Join(", ", empty)}.";
        return JobOutcome.Quarantined(message);
    }

    private static Task WriteOutputsAsync(JobContext context, IDatasetFlow flow, List<DataFrame> loaded, CancellationToken cancellationToken)
    {
        if (loaded.Count == 0) return Task.CompletedTask;
        var rows = new OutputRows(OutputSource.BatchEtl, context.ReadTable(flow.Dataset.Main.Contract.Name))
        {
            Loaded = loaded.Aggregate(static (left, right) => left.Union(right)),
            Enriched = flow.Enrichment is { } enrichment ? context.ReadTable(enrichment.Table) : null,
        };
        return new OutputWriter(context).WriteAsync(flow.Outputs(rows), cancellationToken);
    }

    private static DataFrame Good(DataFrame staged, TableContract contract) =>
        StagedRows.Good(staged).Select([.. contract.Columns.Select(column => Col(column.Name))]);

    private static LoadedBatch Load(JobContext context, IDatasetFlow flow, DataFrame staged, InputFile file)
    {
        using var step = context.Step($"load {file.Name}");
        var contract = flow.Dataset.Main.Contract;
        var writer = new BatchWriter(context.Lake, contract, flow.Dataset.Name, new LoadingOptions(context.GetNumber("max-bad-share")));
        var loaded = writer.Load(staged, BatchSource.OfFile(flow.Dataset.Name, file.Uri, context.Job, context.RunId));
        context.Loaded(loaded, contract.Name);
        if (loaded.IsBad) context.Warn($"File '{file.Uri}' is whole in quarantine: {loaded.Reason}.");
        step.Done(FormattableString.Invariant($"{loaded.Read:N0} read, {loaded.Written:N0} written, {loaded.Quarantined:N0} quarantined, {loaded.Duplicate:N0} duplicate"));
        return loaded;
    }
}
