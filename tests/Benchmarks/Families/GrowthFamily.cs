using System.Globalization;
using Pipeline.Producer.Generating;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>What each kind of work costs, in time and memory, as it grows to ten and a hundred times its size.</summary>
/// <remarks>Small Delta commits are in the delta family, which looks at ten thousand of them.</remarks>
internal sealed class GrowthFamily : IFamily
{
    public string Name => "growth";

    public async Task RunAsync(BenchmarkRun run)
    {
        int[] sizes = run.IsQuick ? [1, 10] : [1, 10, 100];
        await FilesAsync(run, sizes);
        await JobsAsync(run, sizes);
        await ExportAsync(run, sizes);
        await KafkaAsync(run, sizes);
    }

    /// <summary>Files as the producer's messages.</summary>
    private async Task FilesAsync(BenchmarkRun run, int[] sizes)
    {
        foreach (var (kind, pattern, rows, repeats) in new[] { ("CSV", "LTM*.csv", 10_000, 3), ("Excel", "LTM*.xlsx", 10_000, 1) })
        {
            var files = new Dictionary<int, string>();
            foreach (var size in sizes)
            {
                var folder = run[string.Create(CultureInfo.InvariantCulture, $"growth-{kind}-{size}")];
                _ = await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", rows * size, 3, folder, WithWorkbooks: kind == "Excel"), CancellationToken.None);
                files[size] = Directory.GetFiles(folder, pattern)[0];
            }
            await run.GrowAsync(Name, Work($"{kind} as JSON messages", rows, "rows"), sizes, size => Children.MeasureAsync("read", $"file={files[size]}"), repeats);
        }
    }

    /// <summary>The jobs on the water-quality files.</summary>
    private async Task JobsAsync(BenchmarkRun run, int[] sizes)
    {
        var folders = new Dictionary<int, string>();
        foreach (var size in sizes) folders[size] = await WaterQualityFiles.MakeAsync(run, size);
        await run.GrowAsync(Name, "CSV (4 MB) to Parquet", sizes, size => Children.MeasureAsync("etl", $"in={folders[size]}", $"out={run["growth-out"]}", $"lake={run["growth-etl"]}"), run.Size(3, 2));
        // With the limit that the README gives for large files: without one it takes what there is.
        foreach (var size in sizes) _ = await Children.MeasureAsync("enrich-load", $"in={folders[size]}", $"lake={run[$"growth-lake-{size}"]}", "memory=224m");
        await run.GrowAsync(Name, "enrichment in full (540,655 values)", sizes, size => Children.MeasureAsync("enrich", $"in={folders[size]}", $"lake={run[$"growth-lake-{size}"]}"), 1);
    }

    /// <summary>Rows to PostgreSQL, made as they are taken, so that memory is the export's.</summary>
    private async Task ExportAsync(BenchmarkRun run, int[] sizes)
    {
        const int rows = 10_000;
        using var server = run.StartPostgres(Name);
        if (server is null) return;
        await run.GrowAsync(Name, Work("first export to PostgreSQL", rows, "rows"), sizes, size => Children.MeasureAsync("export", $"to={server.Address}", $"connection={server.ConnectionString}", $"rows={rows * size}", "change=0", "warm=yes", "lazy=yes", "drop=yes"), run.Size(3, 1));
    }

    /// <summary>Messages into Kafka, and from there to Delta.</summary>
    private async Task KafkaAsync(BenchmarkRun run, int[] sizes)
    {
        await using var kafka = await run.StartKafkaAsync(Name);
        if (kafka is null) return;
        const int messages = 30_000;
        await StreamTopics.EnsureAsync(kafka.BootstrapServers, Name);
        await run.GrowAsync(Name, Work("messages of 100 B to Kafka", messages, "messages"), sizes, size => Children.MeasureAsync("produce", $"servers={kafka.BootstrapServers}", $"topic={Name}", $"messages={messages * size}", "size=100"), run.Size(3, 1));
        foreach (var size in sizes) await StreamTopics.FillAsync(kafka.BootstrapServers, Topic(size), messages * size);
        var lake = 0;
        await run.GrowAsync(Name, Work("stream to Delta, 30,000 a batch", messages, "messages"), sizes, size => Children.MeasureAsync("stream", $"servers={kafka.BootstrapServers}", $"topic={Topic(size)}", $"lake={run[$"growth-stream-{lake++}"]}", $"messages={messages * size}", "most=30000"), run.Size(3, 1));

        static string Topic(int size) => string.Create(CultureInfo.InvariantCulture, $"growth-{size}");
    }

    private static string Work(string what, int count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{what} ({count:N0} {unit})");
}
