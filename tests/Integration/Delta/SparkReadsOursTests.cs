using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Integration.Delta;

[TestFixture("spark", "SPARK_HOME")]
[TestFixture("spark35", "SPARK35_HOME", Category = Lane.Nightly)]
[NonParallelizable]
public class SparkReadsOursTests(string server, string variable)
{
    private static readonly StructType Simple = new(new StructField("id", new LongType()), new StructField("name", new StringType()));
    private SparkSql spark = null!;
    private string folder = null!;

    [OneTimeSetUp]
    public void Start() => spark = SparkSql.Start(server, variable);

    [OneTimeTearDown]
    public void Stop() => spark?.Dispose();

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("lake-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Rows_of_every_type_come_out_as_they_went_in()
    {
        var schema = new StructType(
            new StructField("l", new LongType()), new StructField("i", new IntegerType()), new StructField("s", new ShortType()), new StructField("b", new ByteType()),
            new StructField("d", new DoubleType()), new StructField("f", new FloatType()), new StructField("t", new StringType()), new StructField("flag", new BooleanType()),
            new StructField("day", new DateType()), new StructField("at", new TimestampType()), new StructField("money", new DecimalType(20, 4)), new StructField("raw", new BinaryType()),
            new StructField("list", new ArrayType(new StringType())), new StructField("part", new StructType(new StructField("x", new IntegerType()), new StructField("y", new StringType()))),
            new StructField("map", new MapType(new StringType(), new LongType())));
        var log = DeltaLog.For(folder);
        var transaction = await log.BeginCreateOrAppendAsync(schema);
        transaction.Append([TableFiles.Write(log, schema, """
            SELECT 9223372036854775807::BIGINT AS l, -5::INTEGER AS i, 7::SMALLINT AS s, -1::TINYINT AS b, 1.5::DOUBLE AS d, 0.25::FLOAT AS f, 'é"''\' AS t, true AS flag,
                DATE '1969-07-20' AS "day", TIMESTAMPTZ '1969-07-20 20:17:40.123456+00' AS "at", 1234567890123456.7891::DECIMAL(20, 4) AS money, 'ab'::BLOB AS raw,
                ['a', NULL] AS list, {'x': 1, 'y': 'z'} AS part, MAP {'k': 2::BIGINT} AS "map"
            UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
            """)]);
        (await transaction.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>();

        spark.Value($"SELECT count(*) FROM delta.`{folder}`").Should().Be("2");
        spark.Value($"SELECT count(*) FROM delta.`{folder}` WHERE l = 9223372036854775807 AND i = -5 AND s = 7 AND b = -1 AND d = 1.5 AND f = 0.25 AND t = 'é\"\\'\\\\' AND flag AND day = DATE '1969-07-20' AND at = TIMESTAMP '1969-07-20 20:17:40.123456' AND money = 1234567890123456.7891 AND raw = X'6162' AND list[0] = 'a' AND list[1] IS NULL AND part.x = 1 AND part.y = 'z' AND map['k'] = 2").Should().Be("1");
        spark.Value($"SELECT to_json(struct(*)) FROM (SELECT min(at) AS at, max(day) AS day, max(money) AS money FROM delta.`{folder}`)").Should().Contain("1969-07-20T20:17:40.123Z");
    }

    [Test]
    public async Task Wall_clock_times_declare_their_feature()
    {
        var schema = new StructType(new StructField("at", new TimestampNTZType()));
        var log = DeltaLog.For(folder);
        var transaction = await log.BeginCreateOrAppendAsync(schema);
        transaction.Append([TableFiles.Write(log, schema, "SELECT TIMESTAMP '2020-01-02 03:04:05.678901' AS \"at\"")]);
        var committed = (Committed)await transaction.CommitAsync(Operation.Write("Append", []));

        committed.Snapshot.Protocol.Should().Be(new Protocol(3, 7) { ReaderFeatures = ["timestampNtz"], WriterFeatures = ["appendOnly", "invariants", "timestampNtz"] });
        spark.Value($"SELECT count(*) FROM delta.`{folder}` WHERE at = TIMESTAMP_NTZ '2020-01-02 03:04:05.678901' AND typeof(at) = 'timestamp_ntz'").Should().Be("1");
        spark.Value($"SELECT count(*) FROM delta.`{folder}` WHERE at > TIMESTAMP_NTZ '2020-01-02 03:04:05.678'").Should().Be("1", "statistics must not hide the row");
    }

    [Test]
    public async Task Partitions_with_odd_names_and_values_are_found()
    {
        var schema = new StructType(new StructField("id", new LongType()), new StructField("site name", new StringType()), new StructField("year", new IntegerType()), new StructField("at", new TimestampType()));
        string?[] sites = ["plain", "with space", "a/b=c", "50%", "é:?#", null];
        var log = DeltaLog.For(folder);
        var transaction = await log.BeginCreateOrAppendAsync(schema, ["site name", "year", "at"]);
        for (var i = 0; i < sites.Length; i++)
            transaction.Append([TableFiles.Write(log, schema, $"SELECT {i}::BIGINT AS id", ("site name", sites[i]), ("year", "2020"), ("at", PartitionValue.Format(new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc))))]);
        await transaction.CommitAsync(Operation.Write("Append", ["site name", "year", "at"]));

        for (var i = 0; i < sites.Length; i++)
        {
            var condition = sites[i] is { } site ? $"= '{site}'" : "IS NULL";
            spark.Value($"SELECT max(id) FROM delta.`{folder}` WHERE `site name` {condition} AND year = 2020 AND at = TIMESTAMP '2020-01-02 03:04:05'").Should().Be($"{i}");
        }
    }

    [Test]
    public async Task A_checkpoint_of_ours_alone_carries_the_table()
    {
        var log = DeltaLog.For(folder);
        await AppendAsync(log, 0, 9);
        var rewrite = await log.BeginAsync();
        rewrite.Rewrite(rewrite.Snapshot!.Files.Take(3), [TableFiles.Write(log, Simple, "SELECT unnest([0, 1, 2])::BIGINT AS id, 'together' AS name")]);
        rewrite.SetTransaction("app", 1);
        await rewrite.CommitAsync(new Operation("MERGE"));
        await AppendAsync(log, 9, 2);
        for (var version = 0; version < 10; version++) File.Delete(Path.Combine(folder, LogPath.Commit(version)));

        spark.Value($"SELECT concat(count(*), ' ', sum(id)) FROM delta.`{folder}`").Should().Be("11 55");
        spark.Run($"INSERT INTO delta.`{folder}` VALUES (100, 'by Spark')");
        var snapshot = await log.LoadExistingAsync();
        snapshot.Version.Should().Be(12);
        TableFiles.Query(snapshot, "sum(id)::BIGINT").Should().Be(155L);
        (await DeltaLog.For(folder).LoadExistingAsync()).CountRows().Should().Be(12);
        spark.Query($"VACUUM delta.`{folder}` RETAIN 0 HOURS DRY RUN").Should().HaveCount(3, "the three rewritten files are tombstones of our checkpoint");
    }

    [Test]
    public async Task A_version_checksum_of_ours_is_what_Spark_goes_on_from()
    {
        var log = DeltaLog.For(folder);
        await AppendAsync(log, 0, 10);
        var rewrite = await log.BeginAsync();
        rewrite.Rewrite(rewrite.Snapshot!.Files.Take(3), [TableFiles.Write(log, Simple, "SELECT unnest([0, 1, 2])::BIGINT AS id, 'together' AS name")]);
        rewrite.SetTransaction("app", 1);
        await rewrite.CommitAsync(new Operation("MERGE"));
        // The sum that only the checksum has is told on: Spark believed it.
        var checksum = Path.Combine(folder, LogPath.Checksum(10));
        var before = await log.LoadExistingAsync();
        File.WriteAllText(checksum, File.ReadAllText(checksum).Replace($"\"tableSizeBytes\":{before.SizeBytes},", $"\"tableSizeBytes\":{before.SizeBytes + 1_000_000},", StringComparison.Ordinal));

        spark.Run($"INSERT INTO delta.`{folder}` VALUES (100, 'by Spark')");
        var after = await log.LoadExistingAsync();
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, LogPath.Checksum(11))));
        json.RootElement.GetProperty("tableSizeBytes").GetInt64().Should().Be(after.SizeBytes + 1_000_000);
        json.RootElement.GetProperty("numFiles").GetInt64().Should().Be(after.FileCount).And.Be(9);
        json.RootElement.GetProperty("metadata").GetProperty("id").GetString().Should().Be(after.Metadata.Id);
        spark.Value($"SELECT concat(count(*), ' ', sum(id)) FROM delta.`{folder}`").Should().Be("11 145");
    }

    [Test]
    public async Task Spark_travels_restores_and_merges_what_we_wrote()
    {
        var log = DeltaLog.For(folder);
        await AppendAsync(log, 0, 3);

        spark.Value($"SELECT sum(id) FROM delta.`{folder}` VERSION AS OF 1").Should().Be("1");
        spark.Run(
            $"MERGE INTO delta.`{folder}` t USING (SELECT 1L AS id, 'one' AS name UNION ALL SELECT 7L, 'seven') s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *");
        var merged = await log.LoadExistingAsync();
        TableFiles.Query(merged, "string_agg(name, ',' ORDER BY id)").Should().Be("n0,one,n2,seven");
        spark.Query($"DESCRIBE HISTORY delta.`{folder}`").Select(static row => row.GetProperty("operation").GetString()).Should().Equal("MERGE", "WRITE", "WRITE", "WRITE");

        var restored = await TableRestore.ToVersionAsync(log, 1);
        restored.NewVersion.Should().Be(4);
        spark.Value($"SELECT concat_ws(',', sort_array(collect_list(name))) FROM delta.`{folder}`").Should().Be("n0,n1");
        spark.Run($"RESTORE TABLE delta.`{folder}` TO VERSION AS OF 3");
        TableFiles.Query(await log.LoadExistingAsync(), "count(*)").Should().Be(4L);
    }

    [Test]
    public async Task Spark_vacuums_and_optimizes_what_we_wrote_and_we_read_on()
    {
        var log = DeltaLog.For(folder);
        await AppendAsync(log, 0, 4);
        var overwrite = await log.BeginAsync();
        overwrite.Overwrite([TableFiles.Write(log, Simple, "SELECT 50::BIGINT AS id, 'x' AS name"), TableFiles.Write(log, Simple, "SELECT 51::BIGINT AS id, 'y' AS name")]);
        await overwrite.CommitAsync(Operation.Write("Overwrite", []));
        spark.Run($"OPTIMIZE delta.`{folder}`", $"VACUUM delta.`{folder}` RETAIN 0 HOURS");

        var snapshot = await log.LoadExistingAsync();
        snapshot.FileCount.Should().Be(1);
        TableFiles.Query(snapshot, "sum(id)::BIGINT").Should().Be(101L);
        var versions = await TableHistory.ReadWithFilesAsync(log);
        versions.Where(static version => version.IsReadable == false).Select(static version => version.Version).Should().Equal(4, 3, 2, 1, 0);
    }

    [Test]
    public async Task Spark_finds_the_piece_of_work_that_we_committed()
    {
        var log = DeltaLog.For(folder);
        var transaction = await log.BeginCreateOrAppendAsync(Simple);
        transaction.Append([TableFiles.Write(log, Simple, "SELECT 1::BIGINT AS id, 'a' AS name")]);
        transaction.SetTransaction("stream", 7);
        await transaction.CommitAsync(Operation.Write("Append", []));

        spark.Run("SET spark.databricks.delta.write.txnAppId = stream", "SET spark.databricks.delta.write.txnVersion = 7", $"INSERT INTO delta.`{folder}` VALUES (2, 'repeated')");
        spark.Value($"SELECT count(*) FROM delta.`{folder}`").Should().Be("1");
        spark.Run("SET spark.databricks.delta.write.txnVersion = 8", $"INSERT INTO delta.`{folder}` VALUES (2, 'next')", "RESET spark.databricks.delta.write.txnAppId", "RESET spark.databricks.delta.write.txnVersion");
        (await log.LoadExistingAsync()).TransactionVersion("stream").Should().Be(8);
    }

    private static async Task AppendAsync(DeltaLog log, int from, int count)
    {
        for (var i = from; i < from + count; i++)
        {
            var transaction = await log.BeginCreateOrAppendAsync(Simple);
            transaction.Append([TableFiles.Write(log, Simple, $"SELECT {i}::BIGINT AS id, 'n{i}' AS name")]);
            var committed = (Committed)await transaction.CommitAsync(Operation.Write("Append", []));
            committed.Warning.Should().BeNull();
        }
    }
}
