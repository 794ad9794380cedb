using System.Globalization;
using Pipeline.Producer.Generating;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>Rows of files as the producer's messages, against bare loops that only look at the fields.</summary>
internal sealed class CsvFamily : IFamily
{
    public string Name => "csv";

    public async Task RunAsync(BenchmarkRun run)
    {
        var rows = run.Size(1_000_000, 100_000);
        var folder = run["rows"];
        _ = await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", rows, 3, folder), CancellationToken.None);
        var csv = Directory.GetFiles(folder, "LTM*.csv")[0];
        _ = await run.CompareAsync(Name, string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows of CSV as JSON messages"), () => Children.MeasureAsync("read", $"file={csv}"), () => Children.MeasureAsync("csvhelper", $"file={csv}"), "bare loop of CsvHelper and Utf8JsonWriter", Target.AtMost(1.2), rows);
        var fewer = run.Size(1_000_000, 20_000);
        var excel = run["workbook"];
        _ = await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", fewer, 3, excel, WithWorkbooks: true), CancellationToken.None);
        var workbook = Directory.GetFiles(excel, "LTM*.xlsx")[0];
        _ = await run.CompareAsync("excel", string.Create(CultureInfo.InvariantCulture, $"{fewer:N0} rows of Excel as JSON messages"), () => Children.MeasureAsync("read", $"file={workbook}"), () => Children.MeasureAsync("exceldatareader", $"file={workbook}"), "bare loop of ExcelDataReader and Utf8JsonWriter", Target.AtMost(1.2), fewer, rounds: run.Size(5, 3));
    }
}

/// <summary>Messages into a real Kafka, against python's client and a C program, both on Debian's librdkafka.</summary>
internal sealed class ProduceFamily : IFamily
{
    public string Name => "produce";

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var kafka = await run.StartKafkaAsync(Name);
        if (kafka is null) return;
        var references = Path.Combine(Support.Processes.Repository.Root, "tests", "Benchmarks", "References");
        var python = await RunsAsync("/usr/bin/python3", "-c", "import confluent_kafka") ? "/usr/bin/python3" : null;
        var c = run["produce-c"];
        var hasC = await RunsAsync("gcc", "-O2", "-I", Environment.GetEnvironmentVariable("PIPELINE_BENCH_HEADERS") ?? ".", "-o", c, Path.Combine(references, "produce.c"), "-l:librdkafka.so.1");
        if (python is null) run.Report.LeaveOut(Name, "python's client: tests/bench.sh --install");
        if (!hasC) run.Report.LeaveOut(Name, "a C program on librdkafka: tests/bench.sh --install (gcc, the header of librdkafka-dev)");
        run.Report.LeaveOut(Name, "librdkafka's own rdkafka_performance, which Debian does not ship: References/produce.c does what it does with -P -a -1 -z lz4.");
        var messages = run.Size(1_000_000, 300_000);
        foreach (var size in run.IsQuick ? [100] : new[] { 100, 1000 })
        {
            Task<Sample> OursAsync() => Children.MeasureAsync("produce", $"servers={kafka.BootstrapServers}", "topic=bench-produce", $"messages={messages}", $"size={size}");
            string[] arguments = [kafka.BootstrapServers, "bench-produce", messages.ToString(CultureInfo.InvariantCulture), size.ToString(CultureInfo.InvariantCulture)];
            var work = string.Create(CultureInfo.InvariantCulture, $"{messages:N0} messages of {size} B, idempotent, lz4, reports counted");
            if (python is not null)
                _ = await run.CompareAsync(Name, work, OursAsync, () => PrintedAsync(python, [Path.Combine(references, "produce.py"), .. arguments]), "confluent-kafka-python", Target.Faster(1), messages, "msg");
            if (hasC)
                _ = await run.CompareAsync(Name, work, OursAsync, () => PrintedAsync(c, arguments), "C on librdkafka", Target.Faster(0.8), messages, "msg");
        }
    }

    /// <summary>A program that prints the seconds of its sending, without its start, as our measure has it.</summary>
    private static async Task<Sample> PrintedAsync(string program, IReadOnlyList<string> arguments)
    {
        var (sample, output) = await Children.ProgramWithOutputAsync(program, arguments);
        return sample with { Seconds = double.Parse(output.Trim(), CultureInfo.InvariantCulture) };
    }

    private static async Task<bool> RunsAsync(string program, params string[] arguments)
    {
        try
        {
            _ = await Children.OutputAsync(program, arguments);
            return true;
        }
        catch (Exception error) when (error is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
