using Npgsql;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>Rows of a metric table into PostgreSQL.</summary>
internal static class ExportMeasures
{
    public const string Table = "yearly_site_means";

    public static StructType Columns { get; } = new(
        new StructField("program_id", new StringType(), false), new StructField("site_id", new StringType(), false), new StructField("parameter", new StringType(), false), new StructField("year", new IntegerType(), false),
        new StructField("n", new LongType()), new StructField("mean", new DoubleType()), new StructField("last_sampled_on", new DateType()));

    /// <summary>An export as the job does it: fence, COPY, read back and compare, commit. to=ADDRESS rows=N change=K (the means' offset); lazy=yes (rows are made as they are taken), drop=yes (a table that is there goes first)</summary>
    public static async Task OursAsync(Arguments arguments, Recorder recorder)
    {
        var rows = Rows(arguments.Int("rows"), arguments.Int("change"));
        if (arguments.Find("lazy") is null) rows = rows.ToList();
        await using var sink = MetricsSinks.Open(SinkUri.Parse(arguments["to"]));
        await using var source = NpgsqlDataSource.Create(arguments["connection"]);
        if (arguments.Find("drop") is not null)
        {
            await using var drop = source.CreateCommand($"DROP TABLE IF EXISTS {Table}");
            _ = await drop.ExecuteNonQueryAsync();
        }
        // The first connection of a process compiles the driver's code: what is measured is the export and not the start of a program.
        var run = new RunInfo(Guid.NewGuid().ToString("N"), DateTimeOffset.UtcNow);
        if (arguments.Find("warm") is not null) _ = await sink.WriteAsync([new MetricsTable("warm_up", Columns, ["program_id", "site_id", "parameter", "year"], Rows(2000, 0).ToList())], run);
        await recorder.TimeAsync(() => sink.WriteAsync([new MetricsTable(Table, Columns, ["program_id", "site_id", "parameter", "year"], rows)], run));
        await using var command = source.CreateCommand($"SELECT count(*), sum(mean) FROM {Table}");
        await using var reader = await command.ExecuteReaderAsync();
        _ = await reader.ReadAsync();
        recorder.Add("rows", reader.GetInt64(0));
    }

    public static IEnumerable<Row> Rows(int count, int change)
    {
        for (var i = 0; i < count; i++)
        {
            yield return new Row(Columns,
                [$"PROGRAM{i % 6}", $"{i / 800:D6}-X", $"PARAM_{i % 20}", 1980 + (i / 20 % 40), (long)(i % 365), (i * 0.37) + change, new DateOnly(1980 + (i / 20 % 40), 12, 1 + (i % 28))]);
        }
    }
}
