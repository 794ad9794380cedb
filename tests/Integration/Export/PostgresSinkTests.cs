using FluentAssertions;
using Npgsql;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export;
using Pipeline.Suite.Export.Files;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Integration.Export;

[NonParallelizable]
public class PostgresSinkTests
{
    private static readonly StructType Columns = new(new StructField("program_id", new StringType()), new StructField("method", new StringType()), new StructField("n", new LongType()), new StructField("mean", new DoubleType()));
    // The clock of the machine that made the newer run is behind.
    private static readonly RunInfo Older = new("run-1", new DateTimeOffset(2124, 1, 1, 0, 0, 0, TimeSpan.Zero)) { Sequence = 1 };
    private static readonly RunInfo Newer = new("run-2", new DateTimeOffset(2024, 1, 2, 0, 0, 0, TimeSpan.Zero)) { Sequence = 2 };
    private PostgresServer server = null!;
    private IMetricsSink sink = null!;

    [OneTimeSetUp]
    public void StartServer() => server = PostgresServer.Start();

    [OneTimeTearDown]
    public void StopServer() => server?.Dispose();

    [SetUp]
    public async Task Open()
    {
        await ExecuteAsync("DROP SCHEMA IF EXISTS pipeline CASCADE; DROP SCHEMA IF EXISTS water_quality CASCADE");
        sink = MetricsSinks.Open(SinkUri.Parse(server.Address));
    }

    [TearDown]
    public async Task Close() => await sink.DisposeAsync();

    [Test]
    public async Task The_table_becomes_what_the_source_is()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5], ["P1", null, 3L, double.NaN], ["P2", "IC", 1L, null], ["P2", null, 1L, 0.25])], Older);

        var second = await sink.WriteAsync([MetricsOf(["P1", null, 3L, double.NaN], ["P1", "ICP", 4L, 0.1 + 0.2], ["P3", null, 7L, -0.5])], Newer);

        second.Single().Should().BeEquivalentTo(new { Name = "water_quality.stats", Rows = 3L, Changed = 2L, Deleted = 2L });
        (await ReadAsync()).Should().BeEquivalentTo("P1 | null | 3 | NaN", "P1 | ICP | 4 | 0.30000000000000004", "P3 | null | 7 | -0.5");
    }

    [Test]
    public async Task The_same_rows_again_change_nothing()
    {
        var first = await sink.WriteAsync([MetricsOf(["P1", null, 3L, 2.5], ["P1", "", 4L, 2.5])], Older);
        var second = await sink.WriteAsync([MetricsOf(["P1", "", 4L, 2.5], ["P1", null, 3L, 2.5])], Newer);

        second.Single().Should().Be(first.Single() with { Changed = 0 });
    }

    [Test]
    public async Task An_older_run_never_overwrites_a_newer_one()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Newer);
        var write = () => sink.WriteAsync([MetricsOf(["P1", "ICP", 1L, 1.0])], Older);

        (await write.Should().ThrowAsync<ExportException>()).Where(error => error.Failure == ExportFailure.Fenced).WithMessage("Run 'run-1' does not export*a run that read a newer version, or that began later, has exported there*");

        (await ReadAsync()).Should().BeEquivalentTo("P1 | ICP | 2 | 1.5");
    }

    [Test]
    public async Task The_version_that_was_read_goes_before_the_order_in_which_runs_began_and_another_table_begins_anew()
    {
        RunInfo Read(string table, long version, long sequence) => new($"run-{sequence}", DateTimeOffset.UnixEpoch) { SourceTable = table, TableVersion = version, Sequence = sequence };
        Func<Task> Write(RunInfo run, double mean) => () => sink.WriteAsync([MetricsOf(["P1", "ICP", 1L, mean])], run);
        await Write(Read("lake", 7, 2), 7).Should().NotThrowAsync();

        await Write(Read("lake", 6, 3), 6).Should().ThrowAsync<ExportException>("version 7 is there").Where(error => error.Failure == ExportFailure.Fenced);
        await Write(Read("lake", 8, 1), 8).Should().NotThrowAsync("it began earlier and read later");
        await Write(Read("lake", 8, 1), 8).Should().NotThrowAsync("a COMMIT whose reply was lost is sent again");
        await Write(Read("lake created again", 0, 4), 0).Should().NotThrowAsync();
        await Write(Read("lake", 9, 3), 9).Should().ThrowAsync<ExportException>("it began before the other table was exported").Where(error => error.Failure == ExportFailure.Fenced);

        (await ReadAsync()).Should().Equal("P1 | ICP | 1 | 0");
    }

    [Test]
    public async Task Each_run_gets_a_higher_number_and_a_fence_of_an_earlier_release_stands_in_nobodys_way()
    {
        var first = await sink.NextSequenceAsync();
        (await sink.NextSequenceAsync()).Should().Be(first + 1);
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 1L, 1.0])], Newer with { Sequence = null });
        await ExecuteAsync("UPDATE pipeline.export_fence SET sequence = NULL, started_at = '2124-01-01'");

        await sink.WriteAsync([MetricsOf(["P1", "ICP", 1L, 2.0])], Newer with { Sequence = first });

        (await ReadAsync()).Should().Equal("P1 | ICP | 1 | 2");
    }

    [Test]
    public async Task A_run_that_lost_its_lock_exports_nothing_once_the_next_one_has_begun_and_is_waited_for_where_it_commits()
    {
        var slow = Older with { Sequence = null };
        await using var next = MetricsSinks.Open(SinkUri.Parse(server.Address), new SinkOptions { Ousted = [slow.RunId], LockTimeout = TimeSpan.FromMilliseconds(50) });
        ExportException? waited = null;
        await using var committing = MetricsSinks.Open(SinkUri.Parse(server.Address), new SinkOptions { BeforeCommit = () => waited = Assert.ThrowsAsync<ExportException>(() => next.NextSequenceAsync()).GetAwaiter().GetResult() });
        await committing.WriteAsync([MetricsOf(["P1", "ICP", 1L, 1.0])], slow);
        waited!.Failure.Should().Be(ExportFailure.Transient, "a transaction that passed the fence may still commit");
        _ = await next.NextSequenceAsync();
        var write = () => sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 2.0])], slow);

        (await write.Should().ThrowAsync<ExportException>()).Where(static error => error.Failure == ExportFailure.Fenced).WithMessage("Run 'run-1' does not export*it has lost its lock*Nothing was changed*");

        (await ReadAsync()).Should().Equal("P1 | ICP | 1 | 1");
    }

    [Test]
    public async Task A_lock_that_another_session_holds_is_waited_for_and_then_named()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 1L, 1.0])], Older);
        await using var impatient = MetricsSinks.Open(SinkUri.Parse(server.Address), new SinkOptions { LockTimeout = TimeSpan.FromMilliseconds(50) });
        await using var other = new NpgsqlConnection(server.ConnectionString);
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("LOCK TABLE water_quality.stats IN ACCESS EXCLUSIVE MODE", other)) await command.ExecuteNonQueryAsync();
        var write = () => impatient.WriteAsync([MetricsOf(["P1", "ICP", 1L, 2.0])], Newer);

        (await write.Should().ThrowAsync<ExportException>()).Where(static error => error.Failure == ExportFailure.Transient).WithMessage("*another session held a lock*pg_stat_activity*");

        await transaction.RollbackAsync();
        (await ReadAsync()).Should().Equal("P1 | ICP | 1 | 1");
    }

    [Test]
    public async Task A_statement_that_takes_longer_than_it_may_is_ended_and_named()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 1L, 1.0])], Older);
        await using var impatient = MetricsSinks.Open(SinkUri.Parse($"{server.Address}?command_timeout=1"), new SinkOptions { LockTimeout = TimeSpan.FromMinutes(5) });
        await using var other = new NpgsqlConnection(server.ConnectionString);
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("LOCK TABLE water_quality.stats IN ACCESS EXCLUSIVE MODE", other)) await command.ExecuteNonQueryAsync();
        var write = () => impatient.WriteAsync([MetricsOf(["P1", "ICP", 1L, 2.0])], Newer);

        (await write.Should().ThrowAsync<ExportException>()).Where(static error => error.Failure == ExportFailure.Transient).WithMessage("*took longer than an export lets it*command_timeout=SECONDS*");
    }

    [Test]
    public async Task A_server_that_answers_no_more_is_given_up()
    {
        using var proxy = new CuttingProxy(server.Port);
        await using var through = MetricsSinks.Open(SinkUri.Parse($"{server.Address.Replace($":{server.Port}/", $":{proxy.Port}/", StringComparison.Ordinal)}?command_timeout=1"));
        await through.WriteAsync([MetricsOf(["P1", null, 1L, 0.5])], Older);
        proxy.CutOnce(static bytes => bytes.AsSpan().IndexOf("COMMIT\0"u8) >= 0 ? Cut.Silent : Cut.None);

        var write = () => through.WriteAsync([MetricsOf(["P1", null, 2L, 0.5])], Newer);

        (await write.Should().ThrowAsync<ExportException>()).Where(static error => error.Failure == ExportFailure.Transient).WithMessage("*the server answered no more*");
    }

    [Test]
    public async Task A_new_column_is_added_and_named_and_a_changed_type_breaks_the_contract()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 1L, 1.0])], Older);
        var wider = new StructType(Columns.Append(new StructField("unit", new StringType())));
        var changed = new StructType(Columns.Select(static column => column.Name == "mean" ? column with { DataType = new StringType() } : column));

        var exported = await sink.WriteAsync([new MetricsTable("stats", wider, ["program_id", "method"], [new Row(wider, ["P1", "ICP", 1L, 1.0, "mg/L"])]) { Namespace = "water_quality" }], Newer);
        var write = () => sink.WriteAsync([new MetricsTable("stats", changed, ["program_id", "method"], []) { Namespace = "water_quality" }], Newer with { Sequence = 3 });

        exported.Single().AddedColumns.Should().Equal("unit");
        (await write.Should().ThrowAsync<ExportException>()).Where(static error => error.Failure == ExportFailure.Contract).WithMessage("Column 'mean' of table *is double precision, where text is expected*");
    }

    [Test]
    public async Task A_key_that_stands_twice_is_refused_and_nothing_is_changed()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Older);
        var write = () => sink.WriteAsync([MetricsOf(["P9", "IC", 1L, 1.0]) with { Name = "other" }, MetricsOf(["P1", null, 1L, 1.0], ["P1", null, 2L, 1.0])], Newer);

        (await write.Should().ThrowAsync<ExportException>()).Where(error => error.Failure == ExportFailure.Contract).WithMessage("*a key stands in more than one row*");

        (await ReadAsync()).Should().BeEquivalentTo("P1 | ICP | 2 | 1.5");
        (await ScalarAsync("SELECT to_regclass('water_quality.other') IS NULL")).Should().Be(true);
    }

    [Test]
    public async Task Every_plain_value_comes_back_exactly()
    {
        var columns = new StructType(new StructField("id", new IntegerType(), false), new StructField("small", new ShortType()), new StructField("truth", new BooleanType()), new StructField("day", new DateType()), new StructField("at", new TimestampType()),
            new StructField("local", new TimestampNTZType()), new StructField("price", new DecimalType(20, 4)), new StructField("bytes", new BinaryType()), new StructField("mean", new DoubleType()), new StructField("ratio", new FloatType()), new StructField("text", new StringType()));
        var rows = new[]
        {
            new Row(columns, [1, (short)-1, true, new DateOnly(1969, 12, 31), new DateTime(1900, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc), new DateTime(2020, 1, 2, 3, 4, 5, 678), 12345678901234.5678m, new byte[] { 0, 255 }, double.Epsilon, 0.1f, "µ \n\\N \"'"]),
            new Row(columns, [2, null, null, null, null, null, null, null, double.NegativeInfinity, float.NaN, ""]),
        };

        var exported = await sink.WriteAsync([new MetricsTable("plain", columns, ["id"], rows) { Namespace = "water_quality" }], Older);

        exported.Single().Rows.Should().Be(2, "it was read back and compared before the commit");
    }

    [Test]
    public async Task Migrations_run_once_and_a_changed_or_newer_one_is_refused()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async number =>
        {
            await using var another = MetricsSinks.Open(SinkUri.Parse(server.Address));
            await another.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5]) with { Name = $"stats_{number}" }], Older);
        }));
        (await ScalarAsync("SELECT count(*) FROM pipeline.schema_migrations")).Should().Be((long)Pipeline.Suite.Export.Postgres.Migrations.All.Length);
        var write = () => sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Older);

        await ExecuteAsync("INSERT INTO pipeline.schema_migrations (version, name, checksum) VALUES (99, '0099_future.sql', 'x')");
        (await write.Should().ThrowAsync<ExportException>()).WithMessage("*has version 99; this program knows*");
        await ExecuteAsync("DELETE FROM pipeline.schema_migrations WHERE version = 99; UPDATE pipeline.schema_migrations SET checksum = 'x' WHERE version = 1");
        (await write.Should().ThrowAsync<ExportException>()).WithMessage("Migration '0001_pipeline_schema.sql' has run*with another text*");
    }

    [Test]
    public async Task A_history_keeps_rows_that_the_source_has_no_more()
    {
        await sink.WriteAsync([MetricsOf(["P1", null, 2L, 1.5]) with { KeepsMissingRows = true }], Older);
        await sink.WriteAsync([MetricsOf(["P2", null, 2L, 1.5]) with { KeepsMissingRows = true }], Newer);

        (await ReadAsync()).Should().HaveCount(2);
    }

    [Test]
    public async Task The_lakes_batches_are_mirrored_and_their_history_stays()
    {
        using var engine = EngineFactory.Create(new EngineSettings("embedded[1]", "test", new Dictionary<string, string>()));
        var spark = SparkSession.ForEngine(engine);
        var batch = new BatchRecord("b1", "water-quality", "stream-ingest", "run-1", 0, "water-quality", """{"water-quality":{"0":0}}""", """{"water-quality":{"0":10}}""",
            new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc), null, 10, 9, 1, 0, 0, 2000, "water_samples", 0, "abc", BatchStatus.Committed, null);
        DataFrame Frame(params BatchRecord[] batches) => spark.CreateDataFrame(batches.Select(static one => one.ToValues()), Batches.Schema);

        await sink.WriteAsync([DatasetVersions.Of(Frame(batch))], Older);
        await sink.WriteAsync([DatasetVersions.Of(Frame(batch with { BatchId = "b2", Status = BatchStatus.Quarantined, Reason = "All rows are cut." }))], Newer);

        (await ScalarAsync("SELECT string_agg(batch_id || ' ' || status || ' ' || rows_written, ', ' ORDER BY batch_id) FROM pipeline.dataset_version")).Should().Be("b1 committed 9, b2 quarantined 9");
    }

    [Test]
    public async Task A_writer_without_the_right_to_create_can_export_into_tables_that_are_there()
    {
        server.RunScript(Path.Combine(TestContext.CurrentContext.TestDirectory, "Export", "roles.sql"));
        await ExecuteAsync("DO $$ BEGIN CREATE ROLE deploy LOGIN IN ROLE pipeline_owner; CREATE ROLE etl LOGIN IN ROLE pipeline_writer; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        await using var asOwner = MetricsSinks.Open(SinkUri.Parse(server.Address.Replace("postgres@", "deploy@", StringComparison.Ordinal) + "?options=-c%20role%3Dpipeline_owner"));
        await using var asWriter = MetricsSinks.Open(SinkUri.Parse(server.Address.Replace("postgres@", "etl@", StringComparison.Ordinal)));
        var tooEarly = () => asWriter.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Older);

        (await tooEarly.Should().ThrowAsync<ExportException>()).Where(error => error.Failure == ExportFailure.Configuration).WithMessage("*SQLSTATE 42501*pipeline_owner*");
        await asOwner.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Older);
        await asWriter.WriteAsync([MetricsOf(["P2", "ICP", 2L, 1.5])], Newer);

        (await ReadAsync()).Should().BeEquivalentTo("P2 | ICP | 2 | 1.5");
    }

    [Test]
    public async Task A_server_that_restarts_in_the_middle_of_the_copy_is_met_by_another_attempt()
    {
        await sink.WriteAsync([MetricsOf(["P0", null, 0L, 0.0])], Older);
        var attempts = 0;
        IEnumerable<Row> Rows()
        {
            attempts++;
            for (var i = 0L; i < 20_000; i++)
            {
                if (i == 10_000 && attempts == 1) server.Restart();
                yield return new Row(Columns, ["P1", $"method {i}", i, i / 3.0]);
            }
        }

        var exported = await sink.WriteAsync([MetricsOf() with { Rows = Enumerating.Repeated(Rows) }], Newer);

        attempts.Should().BeGreaterThan(1);
        exported.Single().Should().BeEquivalentTo(new { Rows = 20_000L, Changed = 20_000L, Deleted = 1L });
    }

    [Test]
    public async Task A_server_that_stays_away_is_transient_and_leaves_all_as_it_was()
    {
        await sink.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Older);
        await using var impatient = MetricsSinks.Open(SinkUri.Parse(server.Address), new SinkOptions { Retries = 1 });
        IEnumerable<Row> Rows()
        {
            yield return new Row(Columns, ["P9", null, 9L, 9.0]);
            server.Stop();
            for (var i = 0L; i < 100_000; i++) yield return new Row(Columns, ["P9", $"method {i}", i, 0.0]);
        }
        var write = () => impatient.WriteAsync([MetricsOf() with { Rows = Rows() }], Newer);
        try
        {
            (await write.Should().ThrowAsync<ExportException>()).Where(error => error.Failure == ExportFailure.Transient).WithMessage("Cannot export to 'postgres://postgres@127.0.0.1*run the same export again.");
        }
        finally
        {
            server.StartAgain();
        }

        (await ReadAsync()).Should().BeEquivalentTo("P1 | ICP | 2 | 1.5");
    }

    [TestCase(Cut.BeforeServer, TestName = "A_connection_that_is_cut_before_the_commit_is_met_by_another_attempt")]
    [TestCase(Cut.BeforeReply, TestName = "A_commit_whose_reply_is_lost_is_met_by_another_attempt")]
    public async Task A_connection_cut_at_the_commit(Cut cut)
    {
        using var proxy = new CuttingProxy(server.Port);
        await using var through = MetricsSinks.Open(SinkUri.Parse(server.Address.Replace($":{server.Port}/", $":{proxy.Port}/", StringComparison.Ordinal)));
        await through.WriteAsync([MetricsOf(["P0", null, 0L, 0.0])], Older);
        // The statement by itself: ON COMMIT DROP is another.
        proxy.CutOnce(bytes => bytes.AsSpan().IndexOf("COMMIT\0"u8) >= 0 ? cut : Cut.None);

        var exported = await through.WriteAsync([MetricsOf(["P1", null, 1L, 0.5], ["P2", "IC", 2L, 0.25])], Newer);

        proxy.Cuts.Should().Be(1);
        exported.Single().Changed.Should().Be(cut == Cut.BeforeServer ? 2 : 0, "the first attempt's rows are there exactly where its COMMIT reached the server");
        (await ReadAsync()).Should().BeEquivalentTo("P1 | null | 1 | 0.5", "P2 | IC | 2 | 0.25");
    }

    [TestCase("postgres://postgres@127.0.0.1:1/postgres", ExportFailure.Transient, "*127.0.0.1:1*")]
    [TestCase("{server}/nothere", ExportFailure.Configuration, "*\"nothere\" does not exist*Create the database*")]
    public async Task A_server_or_database_that_is_not_there_is_one_sentence(string address, ExportFailure failure, string message)
    {
        var target = address.Replace("{server}", server.Address[..server.Address.LastIndexOf('/')], StringComparison.Ordinal);
        await using var missing = MetricsSinks.Open(SinkUri.Parse(target), new SinkOptions { Retries = 1 });
        var write = () => missing.WriteAsync([MetricsOf(["P1", "ICP", 2L, 1.5])], Older);

        (await write.Should().ThrowAsync<ExportException>()).Where(error => error.Failure == failure).WithMessage(message);
    }

    private static MetricsTable MetricsOf(params object?[][] rows) => new("stats", Columns, ["program_id", "method"], [.. rows.Select(static values => new Row(Columns, values))]) { Namespace = "water_quality" };

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private async Task<List<string>> ReadAsync()
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT program_id, method, n, mean FROM water_quality.stats", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(string.Join(" | ", Enumerable.Range(0, 4).Select(place => reader.IsDBNull(place) ? "null" : ValueText.Of(reader.GetValue(place)))));
        return rows;
    }
}

file static class Enumerating
{
    /// <summary>A sequence that calls the function again each time it is enumerated.</summary>
    public static IEnumerable<Row> Repeated(Func<IEnumerable<Row>> rows)
    {
        foreach (var row in rows()) yield return row;
    }
}
