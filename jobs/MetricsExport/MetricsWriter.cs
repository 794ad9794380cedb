using Microsoft.Extensions.Logging;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Export;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;

namespace Pipeline.Jobs.MetricsExport;

/// <summary>Computes the metric tables and hands them to a sink, all in one transaction.</summary>
public sealed class MetricsWriter(JobContext context, IDatasetFlow flow)
{
    /// <summary>Runs it.</summary>
    /// <param name="target">Where to: <c>sqlite:PATH</c> or <c>postgres:…</c>.</param>
    /// <param name="cancellationToken">Cancels; nothing is written then.</param>
    /// <returns>Rows written, and one sentence of what was done.</returns>
    public async Task<MetricsResult> RunAsync(string target, CancellationToken cancellationToken)
    {
        var address = SinkUri.Parse(target);
        var path = context.Lake.Table(flow.LastTable);
        if (!DeltaTable.IsDeltaTable(context.Spark, path))
            throw new UsageException($"There is no table '{flow.LastTable}' in the lake '{context.Lake.Root}'. Run {(flow.Enrichment is null ? "stream-ingest or batch-etl" : "hdfs-enrich")} for '{flow.Dataset.Name}' first.");
        using var step = context.Step($"export to {address}");
        await using var sink = MetricsSinks.Open(address, ExportSinkOptions.Make());
        // Before the table is read: the order of exports is that of what they read.
        var sequence = await sink.NextSequenceAsync(cancellationToken).ConfigureAwait(false);
        var version = DeltaTable.ForPath(context.Spark, path).LatestVersion();
        context.TableTouched(flow.LastTable, path, version, version);
        var rows = context.Spark.Read().Format("delta").Option("versionAsOf", version).Load(path);
        var schema = flow.Dataset.Name.Replace('-', '_');
        var metrics = flow.Metrics(rows)
            .Select(metric => new MetricsTable(metric.Name, metric.Rows.Schema(), [.. metric.Key], metric.Rows.Collect()) { Namespace = schema })
            .ToList();
        if (metrics.Count == 0) throw new UsageException($"The data set '{flow.Dataset.Name}' has no metric tables: there is nothing to export.");
        var table = await DeltaLog.For(path, context.Lake.StorageOptions).LoadExistingAsync(cancellationToken).ConfigureAwait(false);
        var run = new RunInfo(context.RunId, context.StartedAt) { SourceTable = table.Metadata.Id, TableVersion = version, Sequence = sequence };
        var written = await sink.WriteAsync(metrics, run, cancellationToken).ConfigureAwait(false);
        foreach (var one in written.Where(static one => one.AddedColumns.Count > 0))
            context.Log.LogInformation("Table '{Table}' in '{Address}' has new columns: {Columns}", one.Name, sink.Address, string.Join(", ", one.AddedColumns));
        context.Outputs.Add(address.ToString());
        if (address.Kind == SinkKind.Postgres) await new BatchHistoryMirror(context, target).WriteAsync(cancellationToken).ConfigureAwait(false);
        var count = written.Sum(table => table.Rows);
        step.Done(FormattableString.Invariant($"{Counted.Of(count, "row")} in {Counted.Of(written.Count, "table")}, read back and equal"));
        await PlotWriter.WriteAsync(context, flow, rows, cancellationToken).ConfigureAwait(false);
        return new MetricsResult(count, FormattableString.Invariant($"{Counted.Of(count, "row")} of {Counted.Of(written.Count, "metric table")} in {address}, from version {version} of '{flow.LastTable}'; read back and equal."));
    }
}

/// <summary>What an export did.</summary>
/// <param name="Rows">Rows in the metric tables.</param>
/// <param name="Message">One sentence for people and result.json.</param>
public sealed record MetricsResult(long Rows, string Message);
