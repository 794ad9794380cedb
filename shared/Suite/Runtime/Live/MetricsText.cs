using System.Globalization;
using System.Text;

namespace Pipeline.Suite.Runtime.Live;

/// <summary>A running job's figures in Prometheus' text form (version 0.0.4), which OpenMetrics' readers take too.</summary>
internal static class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The body of <c>/metrics</c>.</summary>
    public static string Of(LiveStatus status)
    {
        var text = new StringBuilder();
        Family(text, "pipeline_run_info", "gauge", "The run; always 1.", (Labels(("run_id", status.RunId), ("job", status.Job), ("dataset", status.Dataset ?? ""), ("version", status.SuiteVersion)), 1));
        Family(text, "pipeline_run_started_timestamp_seconds", "gauge", "When the run started, seconds since 1970.", ("", Seconds(status.StartedAt)));
        Family(text, "pipeline_run_idle", "gauge", "1 while the stream waits for messages, else 0.", ("", status.IdleSince is null ? 0 : 1));
        Family(text, "pipeline_run_stuck", "gauge", "1 where the run has not looked after its stream for a minute, else 0.", ("", status.State == "stuck" ? 1 : 0));
        var counts = status.Counts;
        Family(text, "pipeline_rows_total", "counter", "Rows by outcome; read is the sum of the others.",
            (Labels(("outcome", "read")), counts.Read), (Labels(("outcome", "written")), counts.Written), (Labels(("outcome", "quarantined")), counts.Quarantined), (Labels(("outcome", "duplicate")), counts.Duplicate));
        Family(text, "pipeline_rejected_rows_total", "counter", "Rejected rows by column and rule; a row that breaks several counts under each.",
            [.. status.Rejected.Select(static rule => (Labels(("column", rule.Column ?? ""), ("rule", rule.Rule)), (double)rule.Count))]);
        Family(text, "pipeline_batches_total", "counter", "Batches by status.", [.. status.Batches.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => (Labels(("status", entry.Key)), (double)entry.Value))]);
        if (status.LastBatch is { } last)
        {
            Family(text, "pipeline_last_batch_timestamp_seconds", "gauge", "When the last batch was done, seconds since 1970.", ("", Seconds(last.At)));
            Family(text, "pipeline_last_batch_rows", "gauge", "Rows that the last batch read.", ("", last.Counts.Read));
        }
        Family(text, "pipeline_lag_messages", "gauge", "Messages of a partition that are not read yet, as of the last batch.", [.. status.Partitions.Select(static lag => (Where(lag), (double)lag.Lag))]);
        Family(text, "pipeline_offset", "gauge", "The next offset of a partition to read.", [.. status.Partitions.Select(static lag => (Where(lag), (double)lag.Offset))]);
        return text.ToString();
    }

    private static string Where(PartitionLag lag) => Labels(("topic", lag.Topic), ("partition", lag.Partition.ToString(CultureInfo.InvariantCulture)));

    private static void Family(StringBuilder text, string name, string type, string help, params ReadOnlySpan<(string Labels, double Value)> samples)
    {
        if (samples.IsEmpty) return;
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var (labels, value) in samples) text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
    }

    private static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var parts = new List<string>();
        foreach (var (name, value) in labels) parts.Add($"{name}=\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"");
        return $"{{{string.Join(',', parts)}}}";
    }

    private static double Seconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / 1000.0;
}
