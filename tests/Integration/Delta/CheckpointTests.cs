using System.Collections.Immutable;
using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Integration.Delta;

public class CheckpointTests
{
    private static readonly StructType Columns = new(new StructField("id", new LongType()), new StructField("site", new StringType()));
    private string folder = null!;

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("lake-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task A_checkpoint_has_all_that_the_commits_had()
    {
        var log = DeltaLog.For(folder);
        var transaction = await log.BeginCreateOrAppendAsync(Columns, ["site"], new Dictionary<string, string> { ["delta.checkpointInterval"] = "2", ["owner"] = "é" });
        transaction.Append([Data("site=a%20b/x y", "a b"), Data("site=__HIVE_DEFAULT_PARTITION__/z", null)]);
        transaction.SetTransaction("stream", 3);
        await transaction.CommitAsync(Operation.Write("Append", ["site"]));
        var rewrite = await log.BeginAsync();
        rewrite.Rewrite(rewrite.Snapshot!.Files.Take(1), [Data("site=c/w", "c")]);
        await rewrite.CommitAsync(new Operation("MERGE"));
        await AppendAsync(log, "site=d/v", "d");
        var before = await log.LoadExistingAsync();
        for (var version = 0; version <= 2; version++) File.Delete(Path.Combine(folder, LogPath.Commit(version)));

        var after = await DeltaLog.For(folder).LoadExistingAsync();
        after.Version.Should().Be(2);
        after.Protocol.Should().Be(before.Protocol);
        after.Metadata.Should().Be(before.Metadata);
        after.Transactions.Should().Equal(before.Transactions);
        after.Files.Should().BeEquivalentTo(before.Files.Select(static file => file with { DataChange = false }), options => options.WithStrictOrdering());
        (await after.ReadTombstonesAsync()).Should().ContainSingle().And.BeEquivalentTo((await before.ReadTombstonesAsync()).Select(static file => file with { DataChange = false }));
        File.ReadAllText(Path.Combine(folder, LogPath.LastCheckpoint)).Should().Match("""{"version":2,"size":7,"sizeInBytes":*,"numOfAddFiles":3}""");
        Directory.GetFiles(Path.Combine(folder, LogPath.Folder)).Should().HaveCount(3, "beside the checkpoint, its hint and its checksum no temporary file is left");
    }

    [Test]
    public async Task A_cut_checkpoint_is_passed_over_where_the_commits_are_enough_and_named_where_not()
    {
        var log = DeltaLog.For(folder);
        for (var i = 0; i < 12; i++) await AppendAsync(log, $"f{i}");
        var checkpoint = Path.Combine(folder, LogPath.Checkpoint(10));
        using (var stream = File.OpenWrite(checkpoint)) stream.SetLength(stream.Length / 2);
        File.Delete(Path.Combine(folder, LogPath.Checksum(10)));
        (await DeltaLog.For(folder).LoadExistingAsync()).FileCount.Should().Be(12);

        File.Delete(Path.Combine(folder, LogPath.Commit(3)));
        var read = () => DeltaLog.For(folder).LoadAsync();
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot read the checkpoint '{folder}/_delta_log/00000000000000000010.checkpoint.parquet': *. Delete it, or put it back from a copy, together with the commits before it.")
            .Which.Kind.Should().Be(DeltaErrorKind.CorruptLog);
    }

    [Test]
    public async Task A_table_of_few_files_opens_by_the_checksum_and_what_was_removed_is_read_from_the_checkpoint_when_asked_for()
    {
        var before = await WriteCheckpointedAsync();
        using (var stream = File.OpenWrite(Path.Combine(folder, LogPath.Checkpoint(10)))) stream.SetLength(stream.Length / 2);

        var after = await DeltaLog.For(folder).LoadExistingAsync();
        after.Version.Should().Be(12);
        after.Metadata.Should().Be(before.Metadata);
        after.Protocol.Should().Be(before.Protocol);
        after.Transactions.Should().Equal(before.Transactions);
        after.Files.Should().BeEquivalentTo(before.Files, static options => options.Excluding(static file => file.DataChange).WithStrictOrdering());
        (after.SizeBytes, after.CountRows()).Should().Be((before.SizeBytes, before.CountRows()));
        (await RemovedAsync(after)).Should().Equal(["site=a/f0", "site=a/f9"], "the commits make up for the cut checkpoint");
        (await RemovedAsync(before)).Should().Equal("site=a/f0", "site=a/f9");

        File.Delete(Path.Combine(folder, LogPath.Commit(3)));
        after = await DeltaLog.For(folder).LoadExistingAsync();
        after.FileCount.Should().Be(before.FileCount);
        var read = () => after.ReadTombstonesAsync();
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot tell which files were removed from the table '{folder}': the checkpoint '{folder}/_delta_log/00000000000000000010.checkpoint.parquet' cannot be read (*). Its rows can be read all the same. Put the checkpoint back from a copy, together with the commits before it, and delete nothing else of the log.");
        // A writer goes on; that the next checkpoint lacks what the last one had is told, and no commit fails for it.
        var log = DeltaLog.For(folder);
        List<string?> warnings = [];
        for (var i = 13; i <= 20; i++)
        {
            var transaction = await log.BeginAsync();
            transaction.Append([Data($"site=a/f{i}", "a")]);
            warnings.Add(((Committed)await transaction.CommitAsync(Operation.Write("Append", ["site"]))).Warning);
        }

        warnings.SkipLast(1).Should().AllSatisfy(static warning => warning.Should().BeNull());
        warnings[^1].Should().StartWith($"The checkpoint of version 20 of '{folder}' could not be written: Cannot tell which files were removed");
    }

    [Test]
    public async Task A_checkpoint_alone_tells_what_was_removed()
    {
        _ = await WriteCheckpointedAsync();
        for (var version = 0; version < 10; version++) File.Delete(Path.Combine(folder, LogPath.Commit(version)));
        foreach (var hasChecksum in new[] { true, false })
        {
            if (!hasChecksum) File.Delete(Path.Combine(folder, LogPath.Checksum(10)));
            var log = DeltaLog.For(folder);
            (await RemovedAsync(await log.LoadExistingAsync())).Should().Equal("site=a/f0", "site=a/f9");
            (await RemovedAsync(await log.LoadVersionAsync(10))).Should().Equal("site=a/f0");
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_vacuum_keeps_what_a_checkpoint_says_was_removed_just_now(bool hasChecksum)
    {
        var before = await WriteCheckpointedAsync();
        if (!hasChecksum) File.Delete(Path.Combine(folder, LogPath.Checksum(10)));
        foreach (var name in before.Files.Select(static file => file.FilePath).Concat(["site=a/f0", "site=a/f9", "site=a/stray"]))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.WriteAllText(Path.Combine(folder, name), "rows");
            File.SetLastWriteTimeUtc(Path.Combine(folder, name), DateTime.UtcNow.AddDays(-30));
        }

        (await TableVacuum.RunAsync(DeltaLog.For(folder))).Files.Should().Equal("site=a/stray");
        (await TableVacuum.RunAsync(DeltaLog.For(folder), TimeSpan.Zero, isShortRetentionAllowed: true)).Files.Should().Equal("site=a/f0", "site=a/f9");
    }

    [Test]
    public async Task A_file_of_a_checkpoints_tombstones_that_comes_back_is_none_until_it_goes_again()
    {
        var before = await WriteCheckpointedAsync();
        var log = DeltaLog.For(folder);
        await AppendAsync(log, "site=a/f0", "a");
        (await RemovedAsync(await log.LoadExistingAsync())).Should().Equal("site=a/f9");
        await RemoveAsync(log, "site=a/f0");
        var removed = await (await log.LoadExistingAsync()).ReadTombstonesAsync();
        removed.Select(static file => file.FilePath).Should().BeEquivalentTo("site=a/f0", "site=a/f9");
        removed.Single(static file => file.FilePath == "site=a/f0").DeletionTimestamp.Should().BeGreaterThanOrEqualTo((await before.ReadTombstonesAsync()).Max(static file => file.DeletionTimestamp!.Value), "it is the later removal");
    }

    [Test]
    public async Task Tombstones_past_their_retention_are_forgotten_with_a_checkpoint()
    {
        var clock = new SettableClock(DateTimeOffset.UtcNow);
        _ = await WriteCheckpointedAsync();
        var log = DeltaLog.For(Pipeline.Engine.Storage.StorageFactory.For(folder), clock);
        (await RemovedAsync(await log.LoadExistingAsync())).Should().Equal("site=a/f0", "site=a/f9");
        clock.Now += TimeSpan.FromDays(8);
        await RemoveAsync(log, "site=a/f8");
        for (var i = 14; i <= 20; i++) await AppendAsync(log, $"site=a/f{i}", "a");
        (await RemovedAsync(await log.LoadExistingAsync())).Should().Equal(["site=a/f8"], "the log that wrote the checkpoint");
        (await RemovedAsync(await DeltaLog.For(folder).LoadExistingAsync())).Should().Equal(["site=a/f8"], "the checkpoint");
        clock.Now += TimeSpan.FromDays(8);
        for (var i = 21; i <= 30; i++) await AppendAsync(log, $"site=a/f{i}", "a");
        (await RemovedAsync(await log.LoadExistingAsync())).Should().BeEmpty();
    }

    [Test]
    public async Task Of_a_checkpoint_that_was_cleaned_away_a_later_one_tells_what_was_removed()
    {
        _ = await WriteCheckpointedAsync();
        var old = DeltaLog.For(folder);
        _ = await old.LoadExistingAsync();
        var log = DeltaLog.For(folder);
        for (var i = 13; i <= 31; i++) await AppendAsync(log, $"site=a/f{i}", "a");
        (await LogCleanup.RunAsync(log, TimeSpan.Zero)).Should().Contain(LogPath.Checkpoint(10));
        (await RemovedAsync(await old.LoadExistingAsync())).Should().Equal("site=a/f0", "site=a/f9");
    }

    [TestCase("remove", "struct_update(remove, deletionTimestamp := '2024-01-01T00:00:00Z'::TIMESTAMPTZ)")]
    [TestCase("remove", "struct_update(remove, size := 'ten')")]
    [TestCase("remove", "CASE WHEN remove IS NOT NULL THEN struct_update(remove, path := NULL::VARCHAR) END")]
    [TestCase("remove", "CASE WHEN remove IS NOT NULL THEN 'gone' END")]
    [TestCase("add", "struct_update(\"add\", size := 'ten')")]
    [TestCase("add", "CASE WHEN \"add\" IS NOT NULL THEN struct_update(\"add\", path := NULL::VARCHAR) END")]
    [TestCase("add", "CASE WHEN \"add\" IS NOT NULL THEN 'here' END")]
    [TestCase("add", "struct_update(\"add\", deletionVector := CASE WHEN \"add\" IS NOT NULL THEN {'storageType': 'u', 'pathOrInlineDv': 'x', 'cardinality': 'many'} END)")]
    [TestCase("metaData", "CASE WHEN metaData IS NOT NULL THEN struct_update(metaData, schemaString := NULL::VARCHAR) END")]
    public async Task A_checkpoint_of_other_types_is_passed_over(string column, string value)
    {
        var before = await WriteCheckpointedAsync();
        File.Delete(Path.Combine(folder, LogPath.Checksum(10)));
        var checkpoint = Path.Combine(folder, LogPath.Checkpoint(10));
        using (var connection = ParquetEngine.Open())
        using (var command = connection.CreateCommand())
        {
            command.CommandText = $"COPY (SELECT * REPLACE ({value} AS \"{column}\") FROM '{checkpoint}') TO '{checkpoint}.other' (FORMAT parquet)";
            command.ExecuteNonQuery();
        }

        File.Move(checkpoint + ".other", checkpoint, overwrite: true);
        var after = await DeltaLog.For(folder).LoadExistingAsync();
        after.Files.Select(static file => file.FilePath).Should().Equal(before.Files.Select(static file => file.FilePath));
        (await RemovedAsync(after)).Should().Equal("site=a/f0", "site=a/f9");
        // Without the commits that make up for it, it is told: neither a table without rows nor a vacuum without tombstones.
        File.Delete(Path.Combine(folder, LogPath.Commit(3)));
        var read = async () => await (await DeltaLog.For(folder).LoadExistingAsync()).ReadTombstonesAsync();
        (await read.Should().ThrowAsync<DeltaException>()).Which.Kind.Should().Be(DeltaErrorKind.CorruptLog);
    }

    [Test]
    public async Task A_checksum_that_cannot_be_read_is_passed_over()
    {
        var before = await WriteCheckpointedAsync();
        File.Delete(Path.Combine(folder, LogPath.Checksum(10)));
        Directory.CreateDirectory(Path.Combine(folder, LogPath.Checksum(10)));
        (await DeltaLog.For(folder).LoadExistingAsync()).FileCount.Should().Be(before.FileCount);
    }

    [Test]
    public async Task A_checksum_carries_the_tables_own_clock()
    {
        Directory.CreateDirectory(Path.Combine(folder, LogPath.Folder));
        File.WriteAllText(Path.Combine(folder, LogPath.Commit(0)), """
            {"commitInfo":{"inCommitTimestamp":4000000000000,"timestamp":1,"operation":"CREATE TABLE","txnId":"first"}}
            {"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["inCommitTimestamp"]}}
            {"metaData":{"id":"m","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},{\"name\":\"site\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"configuration":{"delta.enableInCommitTimestamps":"true"}}}

            """);
        var log = DeltaLog.For(folder);
        for (var i = 1; i <= 10; i++) await AppendAsync(log, $"f{i}");
        File.ReadAllText(Path.Combine(folder, LogPath.Checksum(10))).Should().Contain("\"inCommitTimestampOpt\":4000000000010,");
        await AppendAsync(DeltaLog.For(folder), "f11");
        File.ReadAllText(Path.Combine(folder, LogPath.Commit(11))).Should().Contain("\"inCommitTimestamp\":4000000000011,", "time goes on from what the checksum says");
    }

    [Test]
    public async Task A_table_that_forgets_transactions_gets_no_checksum()
    {
        var log = DeltaLog.For(folder);
        var make = await log.BeginCreateOrAppendAsync(Columns, properties: new Dictionary<string, string> { ["delta.setTransactionRetentionDuration"] = "interval 1 days" });
        make.Append([Data("f0", null, parted: false)]);
        await make.CommitAsync(Operation.Write("Append", []));
        for (var i = 1; i <= 10; i++) await AppendAsync(log, $"f{i}");
        File.Exists(Path.Combine(folder, LogPath.Checkpoint(10))).Should().BeTrue();
        File.Exists(Path.Combine(folder, LogPath.Checksum(10))).Should().BeFalse();
    }

    [TestCase("cut", "(?s).{100}$", "")]
    [TestCase("empty", "(?s)^.*$", "")]
    [TestCase("of another commit", "\"txnId\":\"[^\"]*\"", "\"txnId\":\"other\"")]
    [TestCase("without a commit", "\"txnId\":\"[^\"]*\",", "")]
    [TestCase("with a wrong count", "\"numFiles\":9", "\"numFiles\":8")]
    [TestCase("with a wrong size", "\"tableSizeBytes\":[0-9]+", "\"tableSizeBytes\":1")]
    [TestCase("without files, as Spark writes it for many", "\"allFiles\":.*]", "\"allFiles\":null")]
    [TestCase("without transactions", "\"setTransactions\":.*?]", "\"setTransactions\":null")]
    [TestCase("with a text for a number", "\"numFiles\":9", "\"numFiles\":\"nine\"")]
    public async Task A_checksum_that_is_not_the_tables_is_passed_over(string how, string pattern, string replacement)
    {
        var before = await WriteCheckpointedAsync();
        var path = Path.Combine(folder, LogPath.Checksum(10));
        var content = File.ReadAllText(path);
        // In what the checksum says a file has another name: who believes it tells that one.
        File.WriteAllText(path, content.Replace("site=a/f1\"", "site=a/lie\"", StringComparison.Ordinal));
        (await DeltaLog.For(folder).LoadExistingAsync()).Files.Should().Contain(static file => file.FilePath == "site=a/lie", "a whole one is believed");
        var changed = System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(path), pattern, replacement);
        changed.Should().NotBe(File.ReadAllText(path), how);
        File.WriteAllText(path, changed);
        var after = await DeltaLog.For(folder).LoadExistingAsync();
        after.Files.Select(static file => file.FilePath).Should().Equal(before.Files.Select(static file => file.FilePath), how);
        after.Transactions.Should().Equal(before.Transactions);
    }

    [Test]
    public async Task A_table_of_many_files_gets_no_checksum()
    {
        var log = DeltaLog.For(folder);
        var transaction = await log.BeginCreateOrAppendAsync(Columns);
        transaction.Append(Enumerable.Range(0, VersionChecksum.MaxFiles - 10).Select(static i => Data($"many-{i}", null, parted: false)));
        await transaction.CommitAsync(Operation.Write("Append", []));
        for (var i = 1; i <= 20; i++) await AppendAsync(log, $"f{i}");
        File.Exists(Path.Combine(folder, LogPath.Checksum(10))).Should().BeTrue();
        File.Exists(Path.Combine(folder, LogPath.Checksum(20))).Should().BeFalse();
        (await DeltaLog.For(folder).LoadExistingAsync()).FileCount.Should().Be(VersionChecksum.MaxFiles + 10);
    }

    [TestCase(11, 11, 15)]
    [TestCase(13, 13, 15)]
    [TestCase(14, 14, 15)]
    [TestCase(12, 14, 15)]
    [TestCase(11, 29, 45)]
    [TestCase(11, 70, 79)]
    public async Task A_commit_that_is_missing_after_a_checkpoint_is_not_the_end(int first, int last, int newest)
    {
        var log = DeltaLog.For(folder);
        var make = await log.BeginCreateOrAppendAsync(Columns);
        make.Append([Data("f0", null, parted: false)]);
        await make.CommitAsync(Operation.Write("Append", []));
        for (var i = 1; i <= newest; i++)
        {
            var transaction = await log.BeginAsync();
            transaction.DefersCheckpoint = i != 10;
            transaction.Append([Data($"f{i}", null, parted: false)]);
            await transaction.CommitAsync(Operation.Write("Append", []));
        }

        (await DeltaLog.For(folder).LoadExistingAsync()).FileCount.Should().Be(newest + 1);
        for (var version = first; version <= last; version++) File.Delete(Path.Combine(folder, LogPath.Commit(version)));
        var read = () => DeltaLog.For(folder).LoadAsync();
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage($"*missing ({first:D20}.json) while version {last + 1} is there, and the checkpoint of version 10 is before.*");
    }

    [Test]
    public async Task A_hint_that_lags_behind_is_no_matter()
    {
        var log = DeltaLog.For(folder);
        for (var i = 0; i < 11; i++) await AppendAsync(log, $"f{i}");
        var hint = File.ReadAllText(Path.Combine(folder, LogPath.LastCheckpoint));
        for (var i = 11; i < 35; i++) await AppendAsync(log, $"f{i}");
        File.WriteAllText(Path.Combine(folder, LogPath.LastCheckpoint), hint);
        (await DeltaLog.For(folder).LoadExistingAsync()).FileCount.Should().Be(35);
        File.Delete(Path.Combine(folder, LogPath.Commit(12)));
        (await DeltaLog.For(folder).LoadExistingAsync()).FileCount.Should().Be(35, "the checkpoint of version 30 is there");
    }

    [Test]
    public async Task A_checkpoint_that_is_another_parquet_file_is_passed_over()
    {
        var log = DeltaLog.For(folder);
        for (var i = 0; i < 11; i++) await AppendAsync(log, $"f{i}");
        var foreign = TableFiles.Write(log, Columns, "SELECT 1::BIGINT AS id, 'x' AS site");
        File.Move(Path.Combine(folder, foreign.Path), Path.Combine(folder, LogPath.Checkpoint(10)), overwrite: true);
        File.Delete(Path.Combine(folder, LogPath.Checksum(10)));
        (await DeltaLog.For(folder).LoadExistingAsync()).FileCount.Should().Be(11);
    }

    [Test]
    public async Task Half_of_a_checkpoint_in_parts_is_no_checkpoint()
    {
        var log = DeltaLog.For(folder);
        for (var i = 0; i < 11; i++) await AppendAsync(log, $"f{i}");
        File.Move(Path.Combine(folder, LogPath.Checkpoint(10)), Path.Combine(folder, LogPath.Folder, "00000000000000000010.checkpoint.0000000001.0000000002.parquet"));
        (await DeltaLog.For(folder).LoadExistingAsync()).FileCount.Should().Be(11);
        File.Delete(Path.Combine(folder, LogPath.Commit(0)));
        var read = () => DeltaLog.For(folder).LoadAsync();
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage("*version 0 is missing*there is no whole checkpoint before*");
    }

    [Test]
    public async Task A_checkpoint_that_cannot_be_written_harms_no_commit()
    {
        var log = DeltaLog.For(folder);
        for (var i = 0; i < 10; i++) await AppendAsync(log, $"f{i}");
        Directory.CreateDirectory(Path.Combine(folder, LogPath.LastCheckpoint, "in the way"));
        var transaction = await log.BeginAsync();
        transaction.Append([Data("f10", null, parted: false)]);
        var committed = (Committed)await transaction.CommitAsync(Operation.Write("Append", []));
        committed.Version.Should().Be(10);
        committed.Warning.Should().StartWith($"The checkpoint of version 10 of '{folder}' could not be written: ").And.EndWith("The commit stands; the next checkpoint makes up for it.");
    }

    [Test]
    public async Task A_log_is_cleaned_up_to_a_checkpoint_and_stays_readable_from_there()
    {
        var log = DeltaLog.For(folder);
        for (var i = 0; i < 32; i++) await AppendAsync(log, $"f{i}");
        await TableTags.AddAsync(log, "kept", 25);
        (await LogCleanup.RunAsync(log)).Should().BeEmpty("all of it is young");
        var dry = await LogCleanup.RunAsync(log, TimeSpan.Zero, isDryRun: true);
        var wet = await LogCleanup.RunAsync(log, TimeSpan.Zero);
        wet.Should().Equal(dry).And.HaveCount(22, "20 commits, the checkpoint of version 10 and its checksum");
        var fresh = DeltaLog.For(folder);
        (await fresh.LoadExistingAsync()).FileCount.Should().Be(32);
        (await fresh.LoadVersionAsync(25)).FileCount.Should().Be(26);
        (await TableHistory.ReadWithFilesAsync(fresh)).Select(static version => version.Version).Should().Equal(Enumerable.Range(20, 12).Reverse().Select(static version => (long)version));
        var read = () => fresh.LoadVersionAsync(12);
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot read version 12 of the table '{folder}': its log is gone. Its log has versions 20 to 31.");
    }

    [Test]
    public async Task Of_many_writers_every_row_is_there_once()
    {
        const int writers = 8, commits = 25;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var log = DeltaLog.For(folder);
            for (var i = 0; i < commits; i++)
            {
                var transaction = await log.BeginCreateOrAppendAsync(Columns);
                transaction.Append([Data($"w{writer}-{i}", null, parted: false)]);
                transaction.SetTransaction($"w{writer}", i);
                (await transaction.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>();
            }
        })));

        var snapshot = await DeltaLog.For(folder).LoadExistingAsync();
        snapshot.Version.Should().Be((writers * commits) - 1);
        snapshot.Files.Select(static file => file.FilePath).Should().BeEquivalentTo(Enumerable.Range(0, writers).SelectMany(static writer => Enumerable.Range(0, commits).Select(i => $"w{writer}-{i}")));
        var adds = Directory.GetFiles(Path.Combine(folder, LogPath.Folder), "*.json").SelectMany(File.ReadLines).Count(static line => line.StartsWith("{\"add\"", StringComparison.Ordinal));
        adds.Should().Be(writers * commits);
    }

    [Test]
    public async Task Merges_and_appends_at_once_lose_nothing()
    {
        var make = await DeltaLog.For(folder).BeginCreateOrAppendAsync(Columns);
        make.Append([Data("seed", null, parted: false)]);
        await make.CommitAsync(Operation.Write("Append", []));
        var appends = Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            var log = DeltaLog.For(folder);
            for (var i = 0; i < 10; i++) await AppendAsync(log, $"a{writer}-{i}");
        }));
        var merge = Task.Run(async () =>
        {
            var log = DeltaLog.For(folder);
            for (var i = 0; i < 5; i++)
            {
                // All files become one whose rows are the sum of theirs, as a merge that rewrites the table would.
                var result = await log.CommitAsync(
                    (transaction, _) =>
                    {
                        var rows = transaction.Snapshot!.CountRows()!.Value;
                        transaction.Rewrite(transaction.Snapshot.Files, [Data($"merged-{Guid.NewGuid():N}", null, parted: false) with { Statistics = new FileStatistics(rows) }]);
                        return Task.FromResult(new Operation("MERGE"));
                    },
                    maxAttempts: 1000);
                result.Should().BeOfType<Committed>();
            }
        });
        await Task.WhenAll([.. appends, merge]);
        (await DeltaLog.For(folder).LoadExistingAsync()).CountRows().Should().Be(31);
    }

    [Test]
    public async Task A_full_disk_is_told_and_the_commit_may_be_tried_again()
    {
        var mount = Path.Combine(folder, "small");
        Directory.CreateDirectory(mount);
        Server.Require("tmpfs", Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount) == 0, "Run the tests with the right to mount a tmpfs: as root with CAP_SYS_ADMIN.");
        try
        {
            var log = DeltaLog.For(Path.Combine(mount, "t"));
            await AppendAsync(log, "f0");
            var filler = Path.Combine(mount, "filler");
            await Fill(filler);
            var transaction = await log.BeginAsync();
            transaction.Append([Data("f1", null, parted: false)]);
            var retryable = (await transaction.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Retryable>().Subject;
            retryable.Message.Should().Be($"Cannot commit to '{mount}/t': Cannot write '{mount}/t/_delta_log/00000000000000000001.json': the disk is full. Free some room and run again; nothing is lost.");
            (await DeltaLog.For(Path.Combine(mount, "t")).LoadExistingAsync()).Version.Should().Be(0);
            File.Delete(filler);
            (await transaction.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>().Which.Version.Should().Be(1);
            Directory.GetFiles(Path.Combine(mount, "t", "_delta_log")).Should().HaveCount(2, "no temporary file is left");
        }
        finally
        {
            Run("umount", mount);
        }

        static async Task Fill(string file)
        {
            try
            {
                await using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
                while (true) await stream.WriteAsync(new byte[4096]);
            }
            catch (IOException)
            {
                // Full, as wanted.
            }
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    /// <summary>Versions 0 to 12 with a checkpoint at 10, a file removed before it and one after it.</summary>
    private async Task<Snapshot> WriteCheckpointedAsync()
    {
        var log = DeltaLog.For(folder);
        var make = await log.BeginCreateOrAppendAsync(Columns, ["site"]);
        make.Append([Data("site=a/f0", "a")]);
        make.SetTransaction("app", 7);
        await make.CommitAsync(Operation.Write("Append", ["site"]));
        for (var i = 1; i < 10; i++) await AppendAsync(log, $"site=a/f{i}", "a");
        await RemoveAsync(log, "site=a/f0");
        await AppendAsync(log, "site=b/f11", "b");
        await RemoveAsync(log, "site=a/f9");
        return await log.LoadExistingAsync();
    }

    private static async Task RemoveAsync(DeltaLog log, string path)
    {
        var transaction = await log.BeginAsync();
        transaction.Rewrite(transaction.Snapshot!.Files.Where(file => file.FilePath == path), []);
        (await transaction.CommitAsync(new Operation("DELETE"))).Should().BeOfType<Committed>().Which.Warning.Should().BeNull();
    }

    private sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private static async Task<IEnumerable<string>> RemovedAsync(Snapshot snapshot) => (await snapshot.ReadTombstonesAsync()).Select(static file => file.FilePath);

    private static async Task AppendAsync(DeltaLog log, string path, string? site = null)
    {
        var transaction = await log.BeginCreateOrAppendAsync(Columns);
        transaction.Append([Data(path, site, parted: transaction.PartitionColumns.Length > 0)]);
        (await transaction.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>().Which.Warning.Should().BeNull();
    }

    private static DataFile Data(string path, string? site, bool parted = true) => new(
        path,
        10,
        parted ? ImmutableSortedDictionary.Create<string, string?>(StringComparer.Ordinal).Add("site", site) : DataFile.NoPartitions,
        new FileStatistics(1),
        DateTimeOffset.UnixEpoch);
}
