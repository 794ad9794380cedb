using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>Tables of many files, their logs written by hand as another writer could have written them.</summary>
internal static class LargeDeltaMeasures
{
    private const int Commits = 100;
    private const int RowsInFile = 10;

    private const string Head = """
        {"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
        {"metaData":{"id":"a","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},{\"name\":\"p\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":["p"],"configuration":{}}}

        """;

    /// <summary>A log of files that are not there, in a hundred commits. table=FOLDER files=N</summary>
    public static Task LogAsync(Arguments arguments, Recorder recorder)
    {
        var files = arguments.Int("files");
        recorder.Time(() =>
        {
            Directory.CreateDirectory(Path.Combine(arguments["table"], "_delta_log"));
            for (var version = 0; version < Commits; version++) Commit(arguments["table"], version, Enumerable.Range(version * files / Commits, files / Commits).Select(file => Add(file, file % 1000, 1000 + file)));
        });
        return Task.CompletedTask;
    }

    /// <summary>A table of small files, each in a partition of its own. table=FOLDER files=N</summary>
    public static Task FilesAsync(Arguments arguments, Recorder recorder)
    {
        var table = arguments["table"];
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings());
        recorder.Time(() =>
        {
            var files = Enumerable.Range(0, arguments.Int("files")).ToList();
            Directory.CreateDirectory(Path.Combine(table, "_delta_log"));
            var first = Path.Combine(table, "first.parquet");
            engine.Execute($"COPY (SELECT range AS id FROM range({RowsInFile})) TO '{first}' (FORMAT parquet)");
            foreach (var file in files)
            {
                Directory.CreateDirectory(Path.Combine(table, $"p={file}"));
                File.Copy(first, Path.Combine(table, $"p={file}", $"part-{file:D6}.parquet"));
            }
            Commit(table, 0, files.Select(file => Add(file, file, new FileInfo(first).Length)));
        });
        return Task.CompletedTask;
    }

    /// <summary>Reads the log. table=FOLDER</summary>
    public static Task OpenAsync(Arguments arguments, Recorder recorder) => recorder.TimeAsync(async () =>
    {
        var snapshot = await DeltaLog.For(arguments["table"]).LoadExistingAsync();
        recorder.Add("files", snapshot.FileCount);
        recorder.Add("rows", snapshot.CountRows() ?? -1);
    });

    /// <summary>Opens the table as a frame, counts its rows, and those of one partition. table=FOLDER</summary>
    public static Task CountAsync(Arguments arguments, Recorder recorder)
    {
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings { Threads = 2 });
        var spark = SparkSession.ForEngine(engine);
        recorder.Time(() =>
        {
            var watch = Stopwatch.StartNew();
            var frame = spark.Read().Format("delta").Load(arguments["table"]);
            recorder.Add("plan_ms", watch.Elapsed.TotalMilliseconds);
            watch.Restart();
            recorder.Add("rows", frame.Count());
            recorder.Add("count_ms", watch.Elapsed.TotalMilliseconds);
            watch.Restart();
            recorder.Add("one", frame.Filter("p = 7").Count());
            recorder.Add("one_ms", watch.Elapsed.TotalMilliseconds);
        });
        return Task.CompletedTask;
    }

    private static void Commit(string table, int version, IEnumerable<string> adds)
    {
        var text = new StringBuilder("{\"commitInfo\":{\"timestamp\":1700000000000,\"operation\":\"WRITE\"}}\n");
        if (version == 0) _ = text.Append(Head);
        foreach (var add in adds) _ = text.Append(add).Append('\n');
        File.WriteAllText(Path.Combine(table, "_delta_log", $"{version:D20}.json"), text.ToString());
    }

    private static string Add(int file, int partition, long bytes) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"add":{"path":"p={{{partition}}}/part-{{{file:D6}}}.parquet","partitionValues":{"p":"{{{partition}}}"},"size":{{{bytes}}},"modificationTime":1700000000000,"dataChange":true,"stats":"{\"numRecords\":{{{RowsInFile}}},\"minValues\":{\"id\":0},\"maxValues\":{\"id\":9},\"nullCount\":{\"id\":0}}"}}
        """);
}
