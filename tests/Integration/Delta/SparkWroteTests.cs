using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Integration.Delta;

[TestFixture("spark", "SPARK_HOME")]
[TestFixture("spark35", "SPARK35_HOME", Category = Lane.Nightly)]
[NonParallelizable]
public class SparkWroteTests(string server, string variable)
{
    private SparkSql spark = null!;
    private string folder = null!;

    [OneTimeSetUp]
    public void Start() => spark = SparkSql.Start(server, variable);

    [OneTimeTearDown]
    public void Stop() => spark?.Dispose();

    [SetUp]
    public void MakeFolder() => folder = Path.Combine(Directory.CreateTempSubdirectory("lake-").FullName, "t");

    [TearDown]
    public void DeleteFolder() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    [Test]
    public async Task Partitions_statistics_and_checkpoints_are_read_and_written_on()
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (id BIGINT, name STRING, day DATE, site STRING) USING delta PARTITIONED BY (day, site) TBLPROPERTIES ('delta.checkpointInterval' = '2')",
            $"INSERT INTO delta.`{folder}` VALUES (1, 'a', DATE '2020-01-01', 'x y'), (2, 'b', DATE '2020-01-02', 'é/%'), (3, 'c', NULL, NULL)",
            $"INSERT INTO delta.`{folder}` VALUES (4, NULL, DATE '2020-01-01', 'x y')",
            $"DELETE FROM delta.`{folder}` WHERE id = 1",
            $"INSERT INTO delta.`{folder}` VALUES (5, 'e', DATE '2020-01-01', 'x y')");
        Directory.GetFiles(Path.Combine(folder, "_delta_log"), "*.checkpoint.parquet").Should().NotBeEmpty();

        var log = DeltaLog.For(folder);
        var snapshot = await log.LoadExistingAsync();
        snapshot.Version.Should().Be(4);
        snapshot.PartitionColumns.Should().Equal("day", "site");
        snapshot.CountRows().Should().Be(4);
        TableFiles.Query(snapshot, "sum(id)::BIGINT").Should().Be(14L);
        snapshot.Files.Select(static file => $"{file.PartitionValues["day"]}|{file.PartitionValues["site"]}").Distinct().Order(StringComparer.Ordinal).Should().Equal("2020-01-01|x y", "2020-01-02|é/%", "|");
        snapshot.Files.Select(static file => file.ReadStatistics()!.MinValues["id"]).Order(StringComparer.Ordinal).Should().Equal("2", "3", "4", "5");

        var transaction = log.Begin(snapshot);
        transaction.Append([TableFiles.Write(log, snapshot.Schema, "SELECT 6::BIGINT AS id, 'ours' AS name", ("day", "2020-01-01"), ("site", "x y"))]);
        var committed = (Committed)await transaction.CommitAsync(Operation.Write("Append", snapshot.PartitionColumns));
        committed.Version.Should().Be(5);
        spark.Value($"SELECT concat(count(*), ' ', sum(id)) FROM delta.`{folder}` WHERE day = DATE '2020-01-01' AND site = 'x y'").Should().Be("3 15");
    }

    [Test]
    public async Task A_version_checksum_of_Sparks_says_what_its_checkpoint_says()
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (id BIGINT, site STRING) USING delta PARTITIONED BY (site) TBLPROPERTIES ('delta.checkpointInterval' = '3')",
            $"INSERT INTO delta.`{folder}` VALUES (1, 'x y'), (2, 'é/%'), (3, NULL)",
            $"DELETE FROM delta.`{folder}` WHERE id = 1",
            $"INSERT INTO delta.`{folder}` VALUES (4, 'z')");
        var log = DeltaLog.For(folder);
        var byChecksum = await VersionChecksum.TryReadAsync(log.Storage, log.Paths, 3, default);
        File.Delete(Path.Combine(folder, LogPath.Checksum(3)));
        var byCheckpoint = (await log.LoadExistingAsync()).State;
        byCheckpoint.Files.Should().HaveCount(3);
        byChecksum!.Files.Values.Should().BeEquivalentTo(byCheckpoint.Files.Values, static options => options.WithStrictOrdering());
        (byChecksum.Metadata, byChecksum.Protocol, byChecksum.SizeBytes).Should().Be((byCheckpoint.Metadata, byCheckpoint.Protocol, byCheckpoint.SizeBytes));
    }

    [Test]
    public async Task A_checkpoint_in_several_parts_is_read_whole()
    {
        spark.Run($"CREATE TABLE delta.`{folder}` (id BIGINT) USING delta");
        for (var i = 0; i < 7; i++) spark.Run($"INSERT INTO delta.`{folder}` VALUES ({i})");
        spark.Run("SET spark.databricks.delta.checkpoint.partSize = 3", $"ALTER TABLE delta.`{folder}` SET TBLPROPERTIES ('delta.checkpointInterval' = '1')", $"INSERT INTO delta.`{folder}` VALUES (7)", "RESET spark.databricks.delta.checkpoint.partSize");
        Directory.GetFiles(Path.Combine(folder, "_delta_log"), "*.checkpoint.*.*.parquet").Length.Should().BeGreaterThan(1);
        for (var version = 0; version < 9; version++) File.Delete(Path.Combine(folder, LogPath.Commit(version)));

        var snapshot = await DeltaLog.For(folder).LoadExistingAsync();
        snapshot.FileCount.Should().Be(8);
        TableFiles.Query(snapshot, "sum(id)::BIGINT").Should().Be(28L);
    }

    [Test]
    public async Task Statistics_kept_only_as_columns_still_tell_the_rows()
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (id BIGINT) USING delta TBLPROPERTIES ('delta.checkpointInterval' = '1', 'delta.checkpoint.writeStatsAsJson' = 'false', 'delta.checkpoint.writeStatsAsStruct' = 'true')",
            $"INSERT INTO delta.`{folder}` VALUES (1), (2), (3)");
        File.Delete(Path.Combine(folder, LogPath.Commit(0)));
        File.Delete(Path.Combine(folder, LogPath.Commit(1)));
        var snapshot = await DeltaLog.For(folder).LoadExistingAsync();
        snapshot.CountRows().Should().Be(server == "spark35" ? null : 3, "Delta 3.3 leaves the columns out, too");
        TableFiles.Query(snapshot, "count(*)").Should().Be(3L);
    }

    [Test]
    public async Task Rows_that_deletion_vectors_name_are_deleted_for_scans_counts_rewrites_and_vacuum()
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (id BIGINT, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
            $"INSERT INTO delta.`{folder}` SELECT /*+ REPARTITION(1) */ id, CAST(id % 2 AS INT) FROM range(0, 100000, 1, 1)",
            $"DELETE FROM delta.`{folder}` WHERE id IN (3, 4, 99999)",
            $"DELETE FROM delta.`{folder}` WHERE id BETWEEN 20000 AND 49999 OR (p = 0 AND id % 10 = 0)");
        var expected = spark.Value($"SELECT concat_ws(' ', count(*), sum(id), min(id), max(id), count(CASE WHEN p = 0 THEN 1 END)) FROM delta.`{folder}`");
        var snapshot = await DeltaLog.For(folder).LoadExistingAsync();
        snapshot.Files.Should().Contain(static file => file.DeletionVector != null);
        using var engine = Pipeline.Engine.Embedded.EmbeddedEngine.Create(new Pipeline.Engine.Embedded.EmbeddedSettings());
        string Ours() => Scalar(engine, "concat_ws(' ', count(*), sum(id), min(id), max(id), count(CASE WHEN p = 0 THEN 1 END))");
        Ours().Should().Be(expected);
        snapshot.CountRows().ToString()!.Should().Be(expected.Split(' ')[0]);
        Scalar(engine, "count(*)", "id IN (3, 5, 20001, 50001)").Should().Be("2");

        engine.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        engine.Delta.Vacuum(folder, 0, dryRun: false);
        Ours().Should().Be(expected, "a vacuum keeps the vectors that are in use");
        engine.Delta.Delete(folder, "id = 5 AND p = 1", new Dictionary<string, string>());
        var after = Ours();
        after.Should().NotBe(expected);
        spark.Value($"SELECT concat_ws(' ', count(*), sum(id), min(id), max(id), count(CASE WHEN p = 0 THEN 1 END)) FROM delta.`{folder}`").Should().Be(after);
        engine.Delta.Optimize(folder, 1 << 30);
        Ours().Should().Be(after);
    }

    private string Scalar(Pipeline.Engine.Embedded.EmbeddedEngine engine, string expression, string condition = "true")
    {
        var view = engine.OpenSource(new Pipeline.Engine.Sql.Engines.SourceSpec("delta", [folder], new Dictionary<string, string>(), null, false));
        var sql = $"SELECT CAST({expression} AS VARCHAR) AS v FROM \"{view.Name}\" WHERE {condition}";
        return (string)engine.Query(sql, engine.Describe(sql)).Single().Values[0]!;
    }

    [TestCase("name")]
    [TestCase("id")]
    public void A_table_with_column_mapping_is_read_and_Spark_reads_what_was_appended(string mode)
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (id BIGINT, `a b` STRING, c STRUCT<`d=`: INT>) USING delta TBLPROPERTIES ('delta.columnMapping.mode' = '{mode}')",
            $"INSERT INTO delta.`{folder}` VALUES (1, 'x', struct(7))",
            $"ALTER TABLE delta.`{folder}` RENAME COLUMN `a b` TO `b a`");
        using var engine = Pipeline.Engine.Embedded.EmbeddedEngine.Create(new Pipeline.Engine.Embedded.EmbeddedSettings());
        Scalar(engine, "id || \"b a\" || c.\"d=\"").Should().Be("1x7");
        const string row = "SELECT 2::BIGINT AS id, 'y' AS \"b a\", {'d=': 8} AS c";
        engine.Write(row, engine.Describe(row), new Pipeline.Engine.Sql.Engines.SinkSpec("delta", folder, "append", [], new Dictionary<string, string>()));
        spark.Value($"SELECT concat_ws(' ', count(*), sum(id), max(`b a`), max(c.`d=`)) FROM delta.`{folder}`").Should().Be("2 3 y 8");
    }

    [Test]
    public async Task Checkpoints_of_the_second_kind_are_read()
    {
        spark.Run($"CREATE TABLE delta.`{folder}` (id BIGINT) USING delta TBLPROPERTIES ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '1')", $"INSERT INTO delta.`{folder}` VALUES (1)");
        foreach (var commit in Directory.EnumerateFiles($"{folder}/_delta_log", "*.json").Where(static file => Path.GetFileName(file).Length == 25)) File.Delete(commit);
        var snapshot = await DeltaLog.For(folder).LoadExistingAsync();
        snapshot.Version.Should().Be(1);
        snapshot.CountRows().Should().Be(1);
    }

    [Test]
    public async Task What_a_writer_must_enforce_and_we_do_not_is_refused_by_name()
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (id BIGINT, name STRING) USING delta",
            $"INSERT INTO delta.`{folder}` VALUES (1, 'a')",
            $"ALTER TABLE delta.`{folder}` ADD CONSTRAINT positive CHECK (id > 0)");
        var log = DeltaLog.For(folder);
        var snapshot = await log.LoadExistingAsync();
        snapshot.CountRows().Should().Be(1);
        var transaction = log.Begin(snapshot);
        transaction.Append([TableFiles.Write(log, snapshot.Schema, "SELECT -1::BIGINT AS id, 'b' AS name")]);
        var write = () => transaction.CommitAsync(Operation.Write("Append", []));
        (await write.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot write the table '{folder}': the table uses checkConstraints (positive), which is not known here.*");
    }

    [Test]
    public async Task Change_feed_tables_take_appends_and_overwrites_and_refuse_rewrites_that_tell_no_change()
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (id BIGINT) USING delta TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')",
            $"INSERT INTO delta.`{folder}` SELECT id FROM range(0, 4, 1, 1)",
            $"DELETE FROM delta.`{folder}` WHERE id = 0");
        var log = DeltaLog.For(folder);
        var snapshot = await log.LoadExistingAsync();
        var append = log.Begin(snapshot);
        append.Append([TableFiles.Write(log, snapshot.Schema, "SELECT 9::BIGINT AS id")]);
        (await append.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>();
        spark.Value($"SELECT count(*) FROM table_changes_by_path('{folder}', 3)").Should().Be("1");
        var rewrite = await log.BeginAsync();
        rewrite.Rewrite(rewrite.Snapshot!.Files, [TableFiles.Write(log, snapshot.Schema, "SELECT 9::BIGINT AS id")]);
        var write = () => rewrite.CommitAsync(new Operation("DELETE"));
        (await write.Should().ThrowAsync<DeltaException>()).WithMessage("*the table uses changeDataFeed, which is not known here.*");
        var overwrite = await log.BeginAsync();
        overwrite.Overwrite([]);
        (await overwrite.CommitAsync(Operation.Write("Overwrite", []))).Should().BeOfType<Committed>();
        spark.Value($"SELECT count(*) FROM table_changes_by_path('{folder}', 4) WHERE _change_type = 'delete'").Should().Be("4");
    }

    [Test]
    public async Task Instants_inside_commits_go_on_growing()
    {
        spark.Run($"CREATE TABLE delta.`{folder}` (id BIGINT) USING delta TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true', 'delta.checkpointInterval' = '2')", $"INSERT INTO delta.`{folder}` VALUES (1)", $"INSERT INTO delta.`{folder}` VALUES (2)");
        var log = DeltaLog.For(folder);
        var snapshot = await log.LoadExistingAsync();
        var append = log.Begin(snapshot);
        append.Append([TableFiles.Write(log, snapshot.Schema, "SELECT 3::BIGINT AS id")]);
        (await append.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>();
        spark.Run($"INSERT INTO delta.`{folder}` VALUES (4)");
        spark.Value($"SELECT sum(id) FROM delta.`{folder}`").Should().Be("10");
        var history = await TableHistory.ReadAsync(log);
        history.Select(static version => version.Info!.InCommitTimestamp).Should().BeInDescendingOrder().And.NotContainNulls();
    }

    [Test]
    public async Task Everything_that_Spark_does_to_a_table_by_default_can_be_followed()
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (id BIGINT NOT NULL, name STRING COMMENT 'a \"name\"') USING delta COMMENT 'a table'",
            $"INSERT INTO delta.`{folder}` VALUES (1, 'a'), (2, 'b')",
            $"UPDATE delta.`{folder}` SET name = 'z' WHERE id = 2",
            $"ALTER TABLE delta.`{folder}` ADD COLUMNS (extra DOUBLE)",
            $"INSERT INTO delta.`{folder}` VALUES (3, 'c', 1.5)",
            $"MERGE INTO delta.`{folder}` t USING (SELECT 3L AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE",
            $"OPTIMIZE delta.`{folder}`");
        var log = DeltaLog.For(folder);
        var snapshot = await log.LoadExistingAsync();
        snapshot.Schema.ToDdl().Should().Be("`id` bigint NOT NULL, `name` string, `extra` double");
        snapshot.CountRows().Should().Be(2);
        var transaction = log.Begin(snapshot);
        transaction.Append([TableFiles.Write(log, snapshot.Schema, "SELECT 5::BIGINT AS id, 'e' AS name, 2.5::DOUBLE AS extra")]);
        (await transaction.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>();
        spark.Value($"SELECT concat_ws(',', sort_array(collect_list(name))) FROM delta.`{folder}`").Should().Be("a,e,z");
        (await TableHistory.ReadAsync(log, limit: 3)).Select(static version => version.Info!.Operation).Should().Equal("WRITE", "OPTIMIZE", "MERGE");
    }
}
