using System.Globalization;
using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Benchmarks.Measures;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>A stream that goes on and on: in its last minute it is as it was in its first.</summary>
internal sealed class SoakFamily : IFamily
{
    private const int RowsPerSecond = 2_000;

    public string Name => "soak";

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var kafka = await run.StartKafkaAsync(Name);
        if (kafka is null) return;
        var (samples, batches, tableFiles) = await StreamSoak.RunAsync(kafka.BootstrapServers, run["soak-lake"], run.Soak, RowsPerSecond);
        // From the first batch on; the first minute without the quarter in which the code is compiled. Of less than two minutes: its halves.
        var (start, end) = (batches[0].CommittedAt, samples[^1].At);
        var window = TimeSpan.FromSeconds(Math.Min(60, (end - start).TotalSeconds / 2));
        bool IsFirst(DateTime at) => at >= start + (window / 4) && at < start + window;
        bool IsLast(DateTime at) => at >= end - window && at <= end;
        bool IsHalfTime(DateTime at) => Math.Abs((at - (start + ((end - start) / 2))).TotalSeconds) <= window.TotalSeconds / 2;
        var work = string.Create(CultureInfo.InvariantCulture, $"stream-ingest, {run.Soak.TotalMinutes:0.#} min, {batches.Sum(static batch => batch.Rows) / (end - start).TotalSeconds:0} messages/s, {batches.Count} batches");

        Tell("memory (VmRSS, median)", samples.Where(At(IsFirst)).Select(static sample => sample.ResidentKiB), samples.Where(At(IsLast)).Select(static sample => sample.ResidentKiB), static value => Figures.Memory((long)value));
        Tell("open file descriptors, median", samples.Where(At(IsFirst)).Select(static sample => (double)sample.Handles), samples.Where(At(IsLast)).Select(static sample => (double)sample.Handles), Figures.Plain, slack: 4);
        Tell("files in the checkpoint, median", samples.Where(At(IsHalfTime)).Select(static sample => (double)sample.CheckpointFiles), samples.Where(At(IsLast)).Select(static sample => (double)sample.CheckpointFiles), Figures.Plain, "at half time");
        Tell("data files of the table, at most", [Most(IsFirst)], [Most(IsLast)], Figures.Plain);
        Tell("new files in the lake a batch", [FilesABatch(IsFirst)], [FilesABatch(IsLast)], Figures.Plain, slack: 1);
        Tell("latency, oldest message of a batch to its commit, p50", batches.Where(batch => IsFirst(batch.CommittedAt)).Select(static batch => batch.LatencyMs / 1000), batches.Where(batch => IsLast(batch.CommittedAt)).Select(static batch => batch.LatencyMs / 1000), Figures.Time);
        Tell("the same, p99", [P99(IsFirst)], [P99(IsLast)], Figures.Time, verdict: false);

        void Tell(string what, IEnumerable<double> before, IEnumerable<double> after, Func<double, string> figure, string when = "in minute 1", double slack = 0, bool verdict = true)
        {
            var (first, last) = (Statistics.Median(before), Statistics.Median(after));
            // A run of a minute has not filled its caches: it only tells.
            bool? isFlat = verdict && !run.IsQuick ? last <= (first * 1.2) + slack : null;
            run.Tell(Name, $"{work}: {what}", $"{figure(last)} in the last minute", verdict ? "flat within 20 %" : "", isFlat, reference: $"{figure(first)} {when}", ratio: Figures.Ratio(last / first));
        }

        double FilesABatch(Func<DateTime, bool> isIn)
        {
            var seen = samples.Where(At(isIn)).ToList();
            return (seen[^1].LakeFiles - seen[0].LakeFiles) / (double)Math.Max(1, batches.Count(batch => batch.CommittedAt > seen[0].At && batch.CommittedAt <= seen[^1].At));
        }

        double Most(Func<DateTime, bool> isIn) => tableFiles.Where(version => isIn(version.At)).Max(static version => version.Files);

        double P99(Func<DateTime, bool> isIn) => Statistics.Quantile([.. batches.Where(batch => isIn(batch.CommittedAt)).Select(static batch => batch.LatencyMs / 1000)], 0.99);

        static Func<SoakSample, bool> At(Func<DateTime, bool> isIn) => sample => isIn(sample.At);
    }
}
