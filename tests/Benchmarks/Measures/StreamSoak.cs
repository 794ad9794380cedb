using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Producer.Sending;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Schemas;
using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Support.Processes;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>What is seen of the process and its folders at a moment.</summary>
/// <param name="At">The moment, UTC.</param>
/// <param name="ResidentKiB">Memory of the process (VmRSS).</param>
/// <param name="Handles">Its open file descriptors.</param>
/// <param name="CheckpointFiles">Files in the checkpoint.</param>
/// <param name="LakeFiles">Files in the whole lake.</param>
internal sealed record SoakSample(DateTime At, double ResidentKiB, int Handles, int CheckpointFiles, int LakeFiles);

/// <summary>A batch that the stream committed.</summary>
/// <param name="CommittedAt">When its rows stood in the table, UTC.</param>
/// <param name="Rows">Messages in it.</param>
/// <param name="LatencyMs">From its oldest message in the broker to the commit.</param>
internal sealed record SoakBatch(DateTime CommittedAt, long Rows, double LatencyMs);

/// <summary>A run of the job as it was seen.</summary>
/// <param name="Samples">The process and its folders, every two seconds.</param>
/// <param name="Batches">In order.</param>
/// <param name="TableFiles">Data files of the table at each of its versions.</param>
internal sealed record SoakRun(IReadOnlyList<SoakSample> Samples, IReadOnlyList<SoakBatch> Batches, IReadOnlyList<(DateTime At, int Files)> TableFiles);

/// <summary>The job stream-ingest in a process of its own, fed at a steady rate and looked at from outside.</summary>
internal static class StreamSoak
{
    private static readonly TimeSpan SendEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan EndTime = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>Runs the job for a time.</summary>
    public static async Task<SoakRun> RunAsync(string servers, string lake, TimeSpan time, int rowsPerSecond)
    {
        string[] words = ["stream-ingest", "--dataset", WaterQuality.Dataset.Name, "--bootstrap-servers", servers, "--lake", lake, "--trigger", "1s", "--for", string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds}s"), "--quiet"];
        using var stop = new CancellationTokenSource();
        var sending = SendAsync(servers, rowsPerSecond, time, stop.Token);
        using var process = ProgramRun.Start(BenchmarkRun.Program("jobs/Pipeline", "pipeline"), words, new Dictionary<string, string?> { ["MASTER"] = "embedded" });
        var ended = ProgramRun.OfAsync(process, string.Join(' ', words), time + EndTime);
        var samples = new List<SoakSample>();
        try
        {
            while (await Task.WhenAny(ended, sending, Task.Delay(LookEvery)) is var first && first != ended)
            {
                // It has more rows than the time takes: before the job it ends only by failing.
                if (first == sending) await sending;
                if (Look(process.Id, lake) is { } sample) samples.Add(sample);
            }
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        await stop.CancelAsync();
        await sending.ContinueWith(static _ => { }, TaskScheduler.Default);
        var run = await ended;
        if (run.ExitCode != 0) throw new InvalidOperationException($"stream-ingest ended with {run.ExitCode}: {run.Error}");
        return new SoakRun(samples, Batches(lake), await TableFilesAsync(lake));
    }

    private static async Task<IReadOnlyList<(DateTime At, int Files)>> TableFilesAsync(string lake)
    {
        var versions = await TableHistory.ReadWithFilesAsync(DeltaLog.For(new LakeLayout(lake).Table(WaterQuality.Samples.Name)));
        return [.. versions.Where(static version => version.CommittedAt is not null && version.FileCount is not null).Select(static version => (version.CommittedAt!.Value.UtcDateTime, version.FileCount!.Value))];
    }

    private static async Task SendAsync(string servers, int rowsPerSecond, TimeSpan time, CancellationToken cancellationToken) =>
        await new Sender(new SendOptions(WaterQuality.Dataset) { GenerateRows = (long)(rowsPerSecond * (time + EndTime + EndTime).TotalSeconds), BootstrapServers = servers, BatchSize = (int)(rowsPerSecond * SendEvery.TotalSeconds), Pause = SendEvery }).RunAsync(cancellationToken: cancellationToken);

    private static SoakSample? Look(int process, string lake)
    {
        try
        {
            var resident = File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
            return new SoakSample(DateTime.UtcNow, double.Parse(resident, CultureInfo.InvariantCulture), Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, CountFiles(Path.Combine(lake, "checkpoints")), CountFiles(lake));
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // The process has ended meanwhile, or a folder went while its files were counted: the next look tells.
            return null;
        }
    }

    private static int CountFiles(string folder) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count() : 0;

    private static List<SoakBatch> Batches(string lake)
    {
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings());
        var rows = SparkSession.ForEngine(engine).Read().Format("delta").Load(new LakeLayout(lake).Batches)
            .Filter(Col("committed_at").IsNotNull()).Select("batch_number", "committed_at", "rows_read").OrderBy(Col("batch_number").Asc()).Collect();
        var oldest = ArchivedBatches.Oldest(new LakeLayout(lake));
        return [.. rows.Select(row =>
        {
            var (number, committed) = (row.GetAs<long>(0), row.GetAs<DateTime>(1));
            return new SoakBatch(committed, row.GetAs<long>(2), (committed - oldest[number]).TotalMilliseconds);
        })];
    }
}
