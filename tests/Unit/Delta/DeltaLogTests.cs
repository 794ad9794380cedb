using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Delta;

public class DeltaLogTests
{
    private const string Head = """
        {"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
        {"metaData":{"id":"m","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"configuration":{}}}

        """;

    private static readonly StructType Columns = new(new StructField("id", new LongType()));
    private TempFolder folder = null!;

    [SetUp]
    public void Make() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public async Task Where_nothing_is_there_is_no_table()
    {
        (await DeltaLog.For(folder.Path).LoadAsync()).Should().BeNull();
        var read = () => DeltaLog.For(folder.Path).LoadExistingAsync();
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage($"There is no Delta table at '{folder.Path}': the folder _delta_log has no commits. Check the path, or write the table first.");
    }

    [Test]
    public async Task The_first_commit_makes_the_table()
    {
        var clock = new FixedClock(new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero));
        var log = DeltaLog.For(Pipeline.Engine.Storage.StorageFactory.For(folder.Path), clock);
        var transaction = await log.BeginCreateOrAppendAsync(Columns, properties: new Dictionary<string, string> { ["delta.checkpointInterval"] = "100" });
        transaction.Append([File("a b.parquet", rows: 3)]);
        transaction.SetTransaction("app", 4);
        await transaction.CommitAsync(Operation.Write("Append", []));

        var lines = System.IO.File.ReadAllText(folder["_delta_log/00000000000000000000.json"]).Split('\n');
        lines[0].Should().Match("""{"commitInfo":{"timestamp":1714979289000,"operation":"WRITE","operationParameters":{"mode":"Append","partitionBy":"[]"},"isolationLevel":"WriteSerializable","isBlindAppend":true,"operationMetrics":{"numFiles":"1","numOutputBytes":"10","numOutputRows":"3"},"engineInfo":"Pipeline/0.1.0","txnId":"*"}}""");
        lines[1].Should().Be("""{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}""");
        lines[2].Should().Match("""{"metaData":{"id":"*","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"configuration":{"delta.checkpointInterval":"100"},"createdTime":1714979289000}}""");
        lines[3].Should().Be("""{"txn":{"appId":"app","version":4,"lastUpdated":1714979289000}}""");
        lines[4].Should().Be("""{"add":{"path":"a%20b.parquet","partitionValues":{},"size":10,"modificationTime":0,"dataChange":true,"stats":"{\"numRecords\":3,\"minValues\":{},\"maxValues\":{},\"nullCount\":{}}"}}""");
        lines[5].Should().BeEmpty();
        Directory.GetFiles(folder["_delta_log"]).Should().ContainSingle("no temporary file is left");
    }

    [Test]
    public async Task A_snapshot_follows_the_commits_of_others()
    {
        var (ours, theirs) = (DeltaLog.For(folder.Path), DeltaLog.For(folder.Path));
        await AppendAsync(ours, "a");
        (await theirs.LoadExistingAsync()).Version.Should().Be(0);
        await AppendAsync(ours, "b");
        await AppendAsync(ours, "c");
        var snapshot = await theirs.LoadExistingAsync();
        snapshot.Version.Should().Be(2);
        snapshot.Files.Select(static file => file.FilePath).Should().Equal("a", "b", "c");
        snapshot.SizeBytes.Should().Be(30);
        snapshot.CountRows().Should().Be(3);
    }

    [Test]
    public async Task A_table_that_was_deleted_and_made_anew_is_read_anew()
    {
        var log = DeltaLog.For(folder.Path);
        await AppendAsync(log, "a");
        await AppendAsync(log, "b");
        Directory.Delete(folder["_delta_log"], recursive: true);
        (await log.LoadAsync()).Should().BeNull();
        await AppendAsync(DeltaLog.For(folder.Path), "z");
        (await log.LoadExistingAsync()).Files.Select(static file => file.FilePath).Should().Equal("z");
    }

    [Test]
    public async Task A_change_planned_on_a_table_that_was_deleted_leaves_no_stray_commit()
    {
        var log = DeltaLog.For(folder.Path);
        await AppendAsync(log, "a");
        var transaction = await log.BeginAsync();
        transaction.Append([File("b")]);
        Directory.Delete(folder["_delta_log"], recursive: true);
        var result = await transaction.CommitAsync(Operation.Write("Append", []));
        result.Should().BeOfType<Conflict>().Which.Message.Should().Be($"Cannot commit version 1 of '{folder.Path}': version 0, on which it was planned, is gone. The table was deleted; read it again.");
        Directory.Exists(folder["_delta_log"]).Should().BeFalse();
    }

    [Test]
    public async Task A_gap_is_refused_by_its_versions()
    {
        Commit(0, Head);
        Commit(1, Add("a"));
        Commit(4, Add("b"));
        await FailsAsync(DeltaErrorKind.CorruptLog, $"Cannot read the log of the table '{folder.Path}': versions 2 to 3 are missing (00000000000000000002.json) while version 4 is there, and there is no whole checkpoint before. A commit file was deleted; put it back from a copy.");
    }

    [Test]
    public async Task A_version_that_a_listing_missed_as_it_was_made_beside_it_is_no_gap()
    {
        Commit(0, Head);
        for (var version = 1; version <= 3; version++) Commit(version, Add($"f{version}"));
        var log = DeltaLog.For(new FlakyStorage(Pipeline.Engine.Storage.StorageFactory.For(folder.Path), 0) { Unlisted = LogPath.Commit(2) });
        (await log.LoadExistingAsync()).Files.Select(static file => file.FilePath).Should().Equal("f1", "f2", "f3");
    }

    [Test]
    public async Task A_log_without_its_beginning_is_refused()
    {
        Commit(1, Head);
        await FailsAsync(DeltaErrorKind.CorruptLog, $"Cannot read the log of the table '{folder.Path}': version 0 is missing (00000000000000000000.json) while version 1 is there, and there is no whole checkpoint before. A commit file was deleted; put it back from a copy.");
    }

    [TestCase("metaData", """{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}""")]
    [TestCase("protocol", """{"metaData":{"id":"m","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":[],"configuration":{}}}""")]
    public async Task A_log_without_protocol_or_metadata_is_refused(string lacking, string line)
    {
        Commit(0, line);
        await FailsAsync(DeltaErrorKind.CorruptLog, $"Cannot read the table '{folder.Path}': its log up to version 0 has no action '{lacking}', which every table has in its first version. The log was cut or is not a Delta log.");
    }

    [TestCase("""{"minReaderVersion":4,"minWriterVersion":7}""", "reader version 4 of Delta's protocol")]
    [TestCase("""{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["catalogManaged"],"writerFeatures":["catalogManaged"]}""", "catalogManaged")]
    [TestCase("""{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timestampNtz","geospatial"],"writerFeatures":["timestampNtz","geospatial"]}""", "geospatial")]
    [TestCase("""{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["notInventedYet"],"writerFeatures":["notInventedYet"]}""", "notInventedYet")]
    public async Task A_table_that_readers_of_ours_would_misread_is_refused_by_feature(string protocol, string feature)
    {
        Commit(0, Head.Replace("""{"minReaderVersion":1,"minWriterVersion":2}""", protocol, StringComparison.Ordinal));
        await FailsAsync(DeltaErrorKind.UnsupportedFeature, $"Cannot read the table '{folder.Path}': the table uses {feature}, which is not known here. Use Spark's Delta for it, or copy the rows into a table without that feature.");
    }

    [TestCase("""{"minReaderVersion":1,"minWriterVersion":8}""", "writer version 8 of Delta's protocol")]
    [TestCase("""{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["appendOnly","materializePartitionColumns"]}""", "materializePartitionColumns")]
    public async Task A_table_that_writers_of_ours_would_damage_is_read_and_not_written(string protocol, string feature)
    {
        Commit(0, Head.Replace("""{"minReaderVersion":1,"minWriterVersion":2}""", protocol, StringComparison.Ordinal));
        var log = DeltaLog.For(folder.Path);
        var transaction = await log.BeginAsync();
        transaction.Append([File("a")]);
        var commit = () => transaction.CommitAsync(Operation.Write("Append", []));
        (await commit.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot write the table '{folder.Path}': the table uses {feature}, which is not known here. Use Spark's Delta for it, or copy the rows into a table without that feature.");
    }

    [Test]
    public async Task Columns_of_a_type_that_is_not_known_are_refused()
    {
        Commit(0, Head.Replace("\\\"long\\\"", "\\\"variant\\\"", StringComparison.Ordinal));
        var snapshot = await DeltaLog.For(folder.Path).LoadExistingAsync();
        var schema = () => snapshot.Schema;
        schema.Should().Throw<DeltaException>().WithMessage($"Cannot read the columns of the table '{folder.Path}': *the type 'variant' is not known here*");
    }

    [TestCase("")]
    [TestCase("{\"version\":")]
    [TestCase("{\"version\":99,\"size\":3}")]
    [TestCase("{\"version\":-1}")]
    [TestCase("null")]
    public async Task The_last_checkpoint_is_a_hint_that_may_be_wrong(string hint)
    {
        Commit(0, Head);
        Commit(1, Add("a"));
        folder.Write("_delta_log/_last_checkpoint", hint);
        (await DeltaLog.For(folder.Path).LoadExistingAsync()).Version.Should().Be(1);
    }

    [Test]
    public async Task Files_that_are_not_the_logs_are_passed_over()
    {
        Commit(0, Head);
        folder.Write("_delta_log/.00000000000000000001.json.ab.tmp", "{");
        folder.Write("_delta_log/00000000000000000000.crc", "{}");
        folder.Write("_delta_log/00000000000000000000.00000000000000000001.compacted.json", "{}");
        folder.Write("_delta_log/_commits/x.json", "{}");
        (await DeltaLog.For(folder.Path).LoadExistingAsync()).Version.Should().Be(0);
    }

    [TestCase(null, 0, 10)]
    [TestCase(null, 3999, 10)]
    [TestCase(null, 4000, 20)]
    [TestCase(null, 10000, 50)]
    [TestCase("100", 10000, 100)]
    [TestCase("1", 10000, 1)]
    [TestCase("0", 5, 10)]
    [TestCase("often", 5, 10)]
    public void Checkpoints_come_each_tenth_version_and_more_seldom_for_many_files(string? setting, int files, long interval) =>
        CheckpointWriter.IntervalFor(setting, files).Should().Be(interval);

    [Test]
    public async Task A_version_is_read_as_it_was()
    {
        var log = DeltaLog.For(folder.Path);
        await AppendAsync(log, "a");
        await AppendAsync(log, "b");
        (await log.LoadVersionAsync(0)).Files.Select(static file => file.FilePath).Should().Equal("a");
        var read = () => log.LoadVersionAsync(7);
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot read version 7 of the table '{folder.Path}': it was never written. Its log has versions 0 to 1.")
            .Which.Kind.Should().Be(DeltaErrorKind.VersionNotReadable);
    }

    [Test]
    public async Task An_instant_is_the_last_version_at_or_before_it()
    {
        var log = DeltaLog.For(folder.Path);
        var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var version = 0; version < 3; version++)
        {
            await AppendAsync(log, $"f{version}");
            System.IO.File.SetLastWriteTimeUtc(folder[$"_delta_log/{version:D20}.json"], start.AddHours(version));
        }

        (await log.LoadAtAsync(new DateTimeOffset(start.AddHours(1)))).Version.Should().Be(1);
        (await log.LoadAtAsync(new DateTimeOffset(start.AddHours(1.5)))).Version.Should().Be(1);
        (await log.LoadAtAsync(new DateTimeOffset(start.AddHours(2)))).Version.Should().Be(2);
        var later = () => log.LoadAtAsync(new DateTimeOffset(start.AddHours(9)));
        (await later.Should().ThrowAsync<DeltaException>()).WithMessage("Cannot read the table '*' as of *: its latest version is 2, of *. Give an instant at or before that, or read the table without one.").Which.Kind.Should().Be(DeltaErrorKind.VersionNotReadable);
        (await TableRestore.VersionAtAsync(log, new DateTimeOffset(start.AddHours(9)))).Should().Be(2);
        var read = () => log.LoadAtAsync(new DateTimeOffset(start.AddHours(-1)));
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot read the table '{folder.Path}' as of 2023-12-31T23:00:00.000Z: its earliest version in the log is 0, of 2024-01-01T00:00:00.000Z.");
    }

    private static async Task AppendAsync(DeltaLog log, string path)
    {
        var transaction = await log.BeginCreateOrAppendAsync(Columns);
        transaction.Append([File(path)]);
        (await transaction.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>();
    }

    private static DataFile File(string path, long rows = 1) => new(path, 10, DataFile.NoPartitions, new FileStatistics(rows), DateTimeOffset.UnixEpoch);

    private static string Add(string path) => $$$"""{"add":{"path":"{{{path}}}","partitionValues":{},"size":1,"modificationTime":0,"dataChange":true}}""";

    private void Commit(long version, string content) => folder.Write($"_delta_log/{version:D20}.json", content);

    private async Task FailsAsync(DeltaErrorKind kind, string message)
    {
        var read = () => DeltaLog.For(folder.Path).LoadAsync();
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage(message.Replace("[", "\\[", StringComparison.Ordinal)).Which.Kind.Should().Be(kind);
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
