using System.Collections.Immutable;
using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Lake.Delta;
using Pipeline.Sql.Types;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Integration.Lake;

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
        after.Tombstones.Should().BeEquivalentTo(before.Tombstones.Select(static file => file with { DataChange = false }));
        File.ReadAllText(Path.Combine(folder, LogPath.LastCheckpoint)).Should().Match("""{"version":2,"size":7,"sizeInBytes":*,"numOfAddFiles":3}""");
        Directory.GetFiles(Path.Combine(folder, LogPath.Folder)).Should().HaveCount(2, "no temporary file is left");
    }

    [Test]
    public async Task A_cut_checkpoint_is_passed_over_where_the_commits_are_enough_and_named_where_not()
    {
        var log = DeltaLog.For(folder);
        for (var i = 0; i < 12; i++) await AppendAsync(log, $"f{i}");
        var checkpoint = Path.Combine(folder, LogPath.Checkpoint(10));
        using (var stream = File.OpenWrite(checkpoint)) stream.SetLength(stream.Length / 2);
        (await DeltaLog.For(folder).LoadExistingAsync()).FileCount.Should().Be(12);

        File.Delete(Path.Combine(folder, LogPath.Commit(3)));
        var read = () => DeltaLog.For(folder).LoadAsync();
        (await read.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot read the checkpoint '{folder}/_delta_log/00000000000000000010.checkpoint.parquet': *. Delete it, or put it back from a copy, together with the commits before it.")
            .Which.Kind.Should().Be(DeltaErrorKind.CorruptLog);
    }

    [Test]
    public async Task A_checkpoint_that_is_another_parquet_file_is_passed_over()
    {
        var log = DeltaLog.For(folder);
        for (var i = 0; i < 11; i++) await AppendAsync(log, $"f{i}");
        var foreign = TableFiles.Write(log, Columns, "SELECT 1::BIGINT AS id, 'x' AS site");
        File.Move(Path.Combine(folder, foreign.Path), Path.Combine(folder, LogPath.Checkpoint(10)), overwrite: true);
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
        wet.Should().Equal(dry).And.HaveCount(21, "20 commits and the checkpoint of version 10");
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
