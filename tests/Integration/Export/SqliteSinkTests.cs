using FluentAssertions;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export;
using Pipeline.Suite.Export.Files;

namespace Pipeline.Tests.Integration.Export;

public class SqliteSinkTests
{
    private static readonly RunInfo Run = new("run-1", DateTimeOffset.UnixEpoch);
    private string path = "";
    private IMetricsSink sink = null!;

    [SetUp]
    public void Open()
    {
        path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"sqlite-{Guid.NewGuid():N}", "metrics.db");
        sink = MetricsSinks.Open(SinkUri.Parse($"sqlite:{path}"));
    }

    [TearDown]
    public async Task Close()
    {
        await sink.DisposeAsync();
        if (Directory.Exists(Path.GetDirectoryName(path))) Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Test]
    public async Task The_table_becomes_what_the_source_is()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5], ["P1", null, 3L, 2.5], ["P2", "IC", 1L, null])], Run);

        var second = await sink.WriteAsync([MetricsOf(["P1", null, 3L, 2.5], ["P1", "ICP", 4L, 0.1 + 0.2], ["P3", null, 7L, -0.5])], Run);

        second.Single().Should().BeEquivalentTo(new { Name = "water_quality_stats", Rows = 3L, Changed = 2L, Deleted = 1L });
        Read().Should().BeEquivalentTo("P1 | null | 3 | 2.5", "P1 | ICP | 4 | 0.30000000000000004", "P3 | null | 7 | -0.5");
    }

    [Test]
    public async Task The_same_rows_again_change_nothing()
    {
        var first = await sink.WriteAsync([MetricsOf(["P1", null, 3L, 2.5], ["P1", "", 4L, 2.5])], Run);
        var second = await sink.WriteAsync([MetricsOf(["P1", "", 4L, 2.5], ["P1", null, 3L, 2.5])], Run);

        second.Single().Should().Be(first.Single() with { Changed = 0 });
        Read().Should().HaveCount(2, "null and empty text are two methods");
    }

    [Test]
    public async Task An_older_version_or_a_run_that_began_earlier_never_overwrites_a_newer_one()
    {
        RunInfo Reading(string table, long version, long sequence) => new($"run-{sequence}", DateTimeOffset.UnixEpoch) { SourceTable = table, TableVersion = version, Sequence = sequence };
        Func<Task> Write(RunInfo run, double mean) => () => sink.WriteAsync([MetricsOf(["P1", "ICP", 1L, mean])], run);
        var first = await sink.NextSequenceAsync();
        (await sink.NextSequenceAsync()).Should().Be(first + 1);
        await Write(Reading("lake", 7, 2), 7).Should().NotThrowAsync();

        await Write(Reading("lake", 6, 3), 6).Should().ThrowAsync<ExportException>("version 7 is there").Where(static error => error.Failure == ExportFailure.Fenced);
        await Write(Reading("lake", 8, 1), 8).Should().NotThrowAsync("it began earlier and read later");
        await Write(Reading("lake created again", 0, 4), 0).Should().NotThrowAsync();
        await Write(Reading("lake", 9, 3), 9).Should().ThrowAsync<ExportException>("it began before the other table was exported").WithMessage("Run 'run-3' does not export to 'water_quality_stats'*");

        Read().Should().Equal("P1 | ICP | 1 | 0");
    }

    [Test]
    public async Task A_run_that_lost_its_lock_exports_nothing_once_the_next_one_has_begun()
    {
        var slow = Run with { Sequence = await sink.NextSequenceAsync() };
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 1L, 1.0])], slow);
        await using var next = MetricsSinks.Open(SinkUri.Parse($"sqlite:{path}"), new SinkOptions { Ousted = [slow.RunId] });
        (await next.NextSequenceAsync()).Should().BeGreaterThan(slow.Sequence!.Value);
        var write = () => sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 2.0])], slow);

        (await write.Should().ThrowAsync<ExportException>()).Where(static error => error.Failure == ExportFailure.Fenced).WithMessage("Run 'run-1' does not export*it has lost its lock*Nothing was changed*");

        Read().Should().Equal("P1 | ICP | 1 | 1");
    }

    [Test]
    public async Task All_tables_or_none()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Run);
        var broken = MetricsOf(["P1", "ICP", 1L, 1.0], ["P1", "ICP", 2L, 1.0]) with { Name = "twice" };
        var write = () => sink.WriteAsync([MetricsOf(["P9", "ICP", 9L, 9.0]), broken], Run);

        (await write.Should().ThrowAsync<ExportException>()).Where(error => error.Failure == ExportFailure.Contract).WithMessage("*'twice'*(program_id, method)*more than one row*");

        Read().Should().BeEquivalentTo("P1 | ICP | 2 | 1.5");
    }

    [Test]
    public async Task A_source_that_breaks_half_way_changes_nothing()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Run);
        var write = () => sink.WriteAsync([MetricsOf([["P9", "ICP", 9L, 9.0]]) with { Rows = Failing() }], Run);

        await write.Should().ThrowAsync<InvalidOperationException>();

        Read().Should().BeEquivalentTo("P1 | ICP | 2 | 1.5");
    }

    [Test]
    public async Task A_history_keeps_rows_that_the_source_has_no_more()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5]) with { KeepsMissingRows = true }], Run);
        await sink.WriteAsync([MetricsOf(["P2", "ICP", 2L, 1.5]) with { KeepsMissingRows = true }], Run);

        Read().Should().HaveCount(2);
    }

    [Test]
    public async Task A_new_column_is_added_and_a_changed_type_is_refused()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Run);
        var wider = Columns.Add(new StructField("unit", new StringType()));
        await sink.WriteAsync([new MetricsTable("stats", wider, ["program_id", "method"], [new Row(wider, ["P1", "ICP", 2L, 1.5, "µeq/L"])]) { Namespace = "water_quality" }], Run);
        var changed = new StructType(new StructField("program_id", new StringType()), new StructField("method", new StringType()), new StructField("n", new StringType()));
        var write = () => sink.WriteAsync([new MetricsTable("stats", changed, ["program_id", "method"], []) { Namespace = "water_quality" }], Run);

        (await write.Should().ThrowAsync<ExportException>()).WithMessage("Column 'n' of table 'water_quality_stats'*is INTEGER, where TEXT is expected*");
    }

    [Test]
    public async Task NaN_is_refused_and_every_other_plain_value_comes_back_exactly()
    {
        var columns = new StructType(new StructField("id", new IntegerType(), false), new StructField("truth", new BooleanType()), new StructField("day", new DateType()), new StructField("at", new TimestampType()),
            new StructField("price", new DecimalType(20, 4)), new StructField("bytes", new BinaryType()), new StructField("mean", new DoubleType()));
        MetricsTable Table(double mean) => new("plain", columns, ["id"],
            [new Row(columns, [1, true, new DateOnly(1969, 12, 31), new DateTime(2020, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc), 12345678901234.5678m, new byte[] { 0, 255 }, mean]), new Row(columns, [2, null, null, null, null, null, double.PositiveInfinity])]);

        (await sink.WriteAsync([Table(double.Epsilon)], Run)).Single().Rows.Should().Be(2);

        var write = () => sink.WriteAsync([Table(double.NaN)], Run);
        (await write.Should().ThrowAsync<ExportException>()).WithMessage("Column 'mean' of table 'plain' holds NaN in the row of id '1'*");
    }

    [Test]
    public async Task A_file_that_is_something_else_is_left_as_it_was()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, new string('x', 4096));
        var write = () => sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Run);

        (await write.Should().ThrowAsync<ExportException>()).Where(error => error.Failure == ExportFailure.Configuration).WithMessage($"Cannot export to 'sqlite:{path}': file is not a database. *");
        (await File.ReadAllTextAsync(path)).Should().Be(new string('x', 4096));
    }

    [Test]
    public async Task A_file_that_another_program_holds_is_transient()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Run);
        await using var other = new SqliteConnection($"Data Source={path};Pooling=false");
        await other.OpenAsync();
        await using var holding = other.BeginTransaction(deferred: false);
        await using var impatient = new Pipeline.Suite.Export.Sqlite.SqliteSink(path, new SinkOptions()) { BusyTimeoutSeconds = 1 };
        var write = () => impatient.WriteAsync([MetricsOf(["P2", "ICP", 2L, 1.5])], Run);

        (await write.Should().ThrowAsync<ExportException>()).Where(error => error.Failure == ExportFailure.Transient).WithMessage("*Another program holds the file*");
    }

    private static StructType Columns { get; } = new(new StructField("program_id", new StringType()), new StructField("method", new StringType()), new StructField("n", new LongType()), new StructField("mean", new DoubleType()));

    private static MetricsTable MetricsOf(params object?[][] rows) => new("stats", Columns, ["program_id", "method"], [.. rows.Select(static values => new Row(Columns, values))]) { Namespace = "water_quality" };

    private static IEnumerable<Row> Failing()
    {
        yield return new Row(Columns, ["P8", "IC", 1L, 1.0]);
        throw new InvalidOperationException("The source broke.");
    }

    private List<string> Read()
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT program_id, method, n, mean FROM water_quality_stats";
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(string.Join(" | ", Enumerable.Range(0, 4).Select(place => reader.IsDBNull(place) ? "null" : ValueText.Of(reader.GetValue(place)))));
        return rows;
    }
}
