using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Delta;

public class MaintenanceTests
{
    private static readonly StructType Columns = new(new StructField("id", new LongType()), new StructField("p", new StringType()));
    private TempFolder folder = null!;
    private DeltaLog log = null!;

    [SetUp]
    public void Make()
    {
        folder = new TempFolder();
        log = DeltaLog.For(folder.Path);
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public async Task A_restore_is_a_new_version_with_the_content_of_an_old_one()
    {
        await AppendAsync("a");
        await AppendAsync("b", work: 1);
        await OverwriteAsync("c");

        var dry = await TableRestore.ToVersionAsync(log, 1, isDryRun: true);
        dry.Should().Be(new RestoreResult(1, null, 2, 1, 1, 2));
        (await log.LoadExistingAsync()).Version.Should().Be(2);

        (await TableRestore.ToVersionAsync(log, 1, userMetadata: "why")).Should().Be(new RestoreResult(1, 3, 2, 1, 1, 2));
        var snapshot = await DeltaLog.For(folder.Path).LoadExistingAsync();
        Paths(snapshot).Should().Equal("a", "b");
        snapshot.CountRows().Should().Be(2);
        snapshot.TransactionVersion("stream").Should().Be(1, "what an application has done stays on record");
        var info = (await TableHistory.ReadAsync(log, 1)).Single().Info!;
        (info.Operation, info.OperationParameters["version"], info.OperationMetrics["numRestoredFiles"], info.OperationMetrics["numRemovedFiles"], info.UserMetadata).Should().Be(("RESTORE", "1", "2", "1", "why"));
    }

    [Test]
    public async Task A_restore_brings_the_columns_back()
    {
        await AppendAsync("a");
        var change = await log.BeginAsync();
        change.SetSchema(Columns.Add(new StructField("more", new DoubleType())));
        await change.CommitAsync(new Operation("ADD COLUMNS"));
        await TableRestore.ToVersionAsync(log, 0);
        (await log.LoadExistingAsync()).Schema.Should().Equal(Columns);
    }

    [Test]
    public async Task A_version_whose_files_are_gone_is_not_restored_and_those_that_can_be_are_named()
    {
        await AppendAsync("a");
        await AppendAsync("b");
        await OverwriteAsync("c");
        await AppendAsync("d");
        File.Delete(folder["a"]);
        var restore = () => TableRestore.ToVersionAsync(log, 1);
        (await restore.Should().ThrowAsync<DeltaException>())
            .WithMessage($"Cannot restore '{folder.Path}' to version 1: 1 of its 2 data files is gone, the first of them 'a'; a vacuum deleted it. Readable: versions 2 to 3.")
            .Which.Kind.Should().Be(DeltaErrorKind.VersionNotReadable);
        (await log.LoadExistingAsync()).Version.Should().Be(3);
    }

    [Test]
    public async Task A_vacuum_takes_what_no_version_in_use_needs_and_names_the_versions_that_it_ends()
    {
        await AppendAsync("a");
        await OverwriteAsync("b");
        await OverwriteAsync("p=1/c");
        folder.Write("stray", "x");
        folder.Write("_hidden/kept", "x");
        folder.Write(".kept", "x");
        await AppendAsync("d");

        var dry = await TableVacuum.RunAsync(log, TimeSpan.Zero, isDryRun: true, isShortRetentionAllowed: true);
        dry.Files.Should().Equal("a", "b", "stray");
        dry.EndedVersions.Should().Equal(0, 1);
        dry.SizeBytes.Should().Be(21);
        File.Exists(folder["a"]).Should().BeTrue();

        var wet = await TableVacuum.RunAsync(log, TimeSpan.Zero, isShortRetentionAllowed: true);
        wet.Files.Should().Equal("a", "b", "stray");
        Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder.Path, file)).Where(static file => !file.StartsWith("_delta_log", StringComparison.Ordinal))
            .Should().BeEquivalentTo(".kept", "_hidden/kept", "d", "p=1/c");
        var versions = await TableHistory.ReadWithFilesAsync(log);
        versions.Select(static version => (version.Version, version.IsReadable, version.Rows)).Should().Equal((3, true, 2L), (2, true, 1L), (1, false, 1L), (0, false, 1L));
        versions[3].UnreadableBecause.Should().Be("Its data file 'a' is gone.");
        (await TableVacuum.RunAsync(log, TimeSpan.Zero, isShortRetentionAllowed: true)).EndedVersions.Should().BeEmpty();
    }

    [Test]
    public async Task A_vacuum_keeps_what_is_young()
    {
        await AppendAsync("a");
        await OverwriteAsync("b");
        folder.Write("being-written", "x");
        (await TableVacuum.RunAsync(log)).Files.Should().BeEmpty();
        File.SetLastWriteTimeUtc(folder["a"], DateTime.UtcNow.AddDays(-30));
        File.SetLastWriteTimeUtc(folder["being-written"], DateTime.UtcNow.AddDays(-30));
        (await TableVacuum.RunAsync(log)).Files.Should().Equal("being-written");
        File.Exists(folder["a"]).Should().BeTrue("it was removed from the table a moment ago, and readers may be at it");
    }

    [Test]
    public async Task A_vacuum_with_a_short_retention_must_be_meant()
    {
        await AppendAsync("a");
        var vacuum = () => TableVacuum.RunAsync(log, TimeSpan.FromHours(1.5));
        (await vacuum.Should().ThrowAsync<DeltaException>()).WithMessage(
            $"Cannot vacuum '{folder.Path}' with a retention of 1.5 hours: below 168 hours it can take files from readers and writers that are at work. Choose a longer one, or allow a short one if nothing else uses the table.");
    }

    [Test]
    public async Task A_tag_keeps_its_version_through_a_vacuum()
    {
        await AppendAsync("a");
        await OverwriteAsync("b");
        await OverwriteAsync("c");
        (await TableTags.AddAsync(log, "audit-2024", 0, "for the audit")).Version.Should().Be(0);

        var vacuum = await TableVacuum.RunAsync(log, TimeSpan.Zero, isShortRetentionAllowed: true);
        vacuum.Files.Should().Equal("b");
        vacuum.KeptByTags.Select(static tag => tag.Name).Should().Equal("audit-2024");
        (await TableHistory.ReadWithFilesAsync(log)).Select(static version => (version.Version, version.IsReadable, string.Join(',', version.Tags)))
            .Should().Equal((2, true, ""), (1, false, ""), (0, true, "audit-2024"));

        (await TableTags.RemoveAsync(log, "audit-2024")).Should().BeTrue();
        (await TableTags.RemoveAsync(log, "audit-2024")).Should().BeFalse();
        (await TableTags.ListAsync(log)).Should().BeEmpty();
    }

    [Test]
    public async Task A_tag_is_a_name_of_its_own_for_a_version_that_is_there()
    {
        await AppendAsync("a");
        await TableTags.AddAsync(log, "one", 0);
        await RefusesAsync(() => TableTags.AddAsync(log, "one", 0), $"Cannot tag version 0 of '{folder.Path}' as 'one': the tag exists. Choose another name, or remove it first.");
        await RefusesAsync(() => TableTags.AddAsync(log, "../x", 0), "'../x' cannot be a tag: use letters, digits, '.', '-' and '_', 100 at most, a letter or digit first.");
        await RefusesAsync(() => TableTags.AddAsync(log, "two", 9), $"Cannot read version 9 of the table '{folder.Path}': it was never written. Its log has version 0.");
        folder.Write("_delta_log/_tags/cut.json", "{\"name\":");
        await RefusesAsync(() => TableTags.ListAsync(log), $"Cannot read the tag '{folder.Path}/_delta_log/_tags/cut.json': *Delete the file and tag the version again.");
    }

    [Test]
    public async Task Small_files_of_a_partition_are_put_together_up_to_the_target()
    {
        var transaction = await log.BeginCreateOrAppendAsync(Columns, ["p"]);
        transaction.Append([Parted("1", "a", 40), Parted("1", "b", 70), Parted("1", "c", 20), Parted("1", "big", 100), Parted("2", "d", 1), Parted(null, "e", 1), Parted(null, "f", 1), Parted("1", "g", 10)]);
        await transaction.CommitAsync(Operation.Write("Append", ["p"]));
        Compaction.Plan(await log.LoadExistingAsync(), 100).Select(static group => $"{group.PartitionValues["p"]}: {string.Join(' ', group.Files.Select(static file => file.FilePath[^1]))} = {group.SizeBytes}")
            .Should().Equal("1: b c g = 100", ": e f = 2");
    }

    [Test]
    public async Task A_compaction_changes_files_and_not_rows()
    {
        await AppendAsync("a");
        await AppendAsync("b");
        var result = await Compaction.RunAsync(log, (_, group, _) => Task.FromResult<IReadOnlyList<DataFile>>([Data("ab", rows: group.Files.Length)]));
        result.Should().BeOfType<Committed>();
        var line = File.ReadAllLines(folder["_delta_log/00000000000000000002.json"]);
        line.Skip(1).Should().OnlyContain(static text => text.Contains("\"dataChange\":false", StringComparison.Ordinal)).And.HaveCount(3);
        (await log.LoadExistingAsync()).CountRows().Should().Be(2);
        (await Compaction.RunAsync(log, (_, _, _) => throw new InvalidOperationException("There is nothing to rewrite."))).Should().BeNull();
    }

    [Test]
    public async Task A_compaction_that_would_lose_rows_is_not_committed()
    {
        await AppendAsync("a");
        await AppendAsync("b");
        await RefusesAsync(
            () => Compaction.RunAsync(log, (_, _, _) => Task.FromResult<IReadOnlyList<DataFile>>([Data("ab", rows: 1)])),
            $"Cannot commit the compaction of '{folder.Path}': 2 files with 2 rows were rewritten as 1 with 1 rows. Nothing was changed.");
        (await log.LoadExistingAsync()).Version.Should().Be(1);
    }

    [TestCase("10 10 10", "", Description = "too few")]
    [TestCase("10 10 10 10", "10 10 10 10")]
    [TestCase("10 11 12 13 500", "10 11 12 13", Description = "one that outweighs the others stays")]
    [TestCase("10 11 12 13 46", "10 11 12 13 46")]
    [TestCase("10 11 12 13 47", "10 11 12 13")]
    [TestCase("10 11 24 60", "", Description = "too few are alike")]
    [TestCase("40 40 40 40 40", "40 40", Description = "one file up to the largest size at a time")]
    [TestCase("50 50 50 50 10 10", "", Description = "files of half the largest size are not small")]
    public async Task Small_files_that_are_alike_are_put_together_once_they_are_many(string sizes, string groups)
    {
        var transaction = await log.BeginCreateOrAppendAsync(Columns);
        transaction.Append(sizes.Split(' ').Select(static (size, i) => Data($"f{i}") with { SizeBytes = int.Parse(size, System.Globalization.CultureInfo.InvariantCulture) }));
        await transaction.CommitAsync(Operation.Write("Append", []));
        var settings = new AutoCompaction { MinFiles = 4, MaxFileBytes = 100 };
        string.Join(" + ", settings.Plan(await log.LoadExistingAsync()).Select(static group => string.Join(' ', group.Files.Select(static file => file.SizeBytes)))).Should().Be(groups);
    }

    [Test]
    public async Task A_table_that_grows_by_small_files_keeps_few_and_rewrites_a_row_seldom()
    {
        const int appends = 300;
        var settings = new AutoCompaction { MinFiles = 10 };
        long rewritten = 0;
        for (var i = 0; i < appends; i++)
        {
            await AppendAsync($"f{i}");
            var result = await Compaction.RunAutoAsync(log, await log.LoadExistingAsync(), settings, (_, group, _) =>
            {
                rewritten += group.SizeBytes;
                return Task.FromResult<IReadOnlyList<DataFile>>([Data($"c{i}", group.Files.Sum(static file => file.ReadStatistics()!.NumRecords!.Value)) with { SizeBytes = group.SizeBytes }]);
            });
            if (result is not null) result.Should().BeOfType<Committed>();
        }
        var snapshot = await log.LoadExistingAsync();
        snapshot.CountRows().Should().Be(appends);
        snapshot.FileCount.Should().BeLessThan(settings.MinFiles + (int)Math.Log2(appends));
        ((double)rewritten / snapshot.SizeBytes).Should().BeLessThan(Math.Log2(appends));
        (await TableHistory.ReadAsync(log)).Where(static version => version.Info!.Operation == "OPTIMIZE").Should().NotBeEmpty().And.OnlyContain(static version => version.Info!.OperationParameters["auto"] == "true");
    }

    [Test]
    public async Task A_table_is_not_made_with_a_property_that_asks_for_an_unknown_feature()
    {
        await RefusesAsync(
            () => log.BeginCreateOrAppendAsync(Columns, properties: new Dictionary<string, string> { ["owner"] = "é", ["delta.checkpointInterval"] = "5", ["delta.enableChangeDataFeed"] = "true" }),
            $"Cannot make the table '{folder.Path}' with the property 'delta.enableChangeDataFeed', which is not known here. There are: delta.appendOnly, *");
    }

    [Test]
    public async Task A_log_without_a_checkpoint_is_not_cleaned()
    {
        await AppendAsync("a");
        await AppendAsync("b");
        (await LogCleanup.RunAsync(log, TimeSpan.Zero)).Should().BeEmpty();
    }

    [TestCase(new long[] { }, "no version")]
    [TestCase(new long[] { 3 }, "version 3")]
    [TestCase(new long[] { 0, 1, 2 }, "versions 0 to 2")]
    [TestCase(new long[] { 0, 2, 4, 5, 6 }, "versions 0, 2 and 4 to 6")]
    public void Versions_are_told_as_ranges(long[] versions, string text) => VersionRanges.Format(versions).Should().Be(text);

    [TestCase("interval 30 days", 30 * 24.0)]
    [TestCase("interval 1 week 12 hours", 180.0)]
    [TestCase("INTERVAL 90 minutes", 1.5)]
    [TestCase("0 hours", 0.0)]
    [TestCase("interval many days", null)]
    [TestCase("interval", null)]
    public void Durations_are_read_as_table_properties_write_them(string text, double? hours) => Interval.Parse(text)?.TotalHours.Should().Be(hours);

    private async Task AppendAsync(string path, long? work = null)
    {
        folder.Write(path, "0123456789");
        var transaction = await log.BeginCreateOrAppendAsync(Columns);
        transaction.Append([Data(path)]);
        if (work is { } version) transaction.SetTransaction("stream", version);
        (await transaction.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>();
    }

    private async Task OverwriteAsync(string path)
    {
        folder.Write(path, "0123456789");
        var transaction = await log.BeginAsync();
        transaction.Overwrite([Data(path)]);
        (await transaction.CommitAsync(Operation.Write("Overwrite", []))).Should().BeOfType<Committed>();
    }

    private static DataFile Data(string path, long rows = 1) => new(path, 10, DataFile.NoPartitions, new FileStatistics(rows), DateTimeOffset.UnixEpoch);

    private static DataFile Parted(string? partition, string name, long size)
    {
        var values = new Dictionary<string, string?> { ["p"] = partition };
        return new DataFile($"{PartitionValue.FolderOf(["p"], values)}/{name}", size, values, null, DateTimeOffset.UnixEpoch);
    }

    private static IEnumerable<string> Paths(Snapshot snapshot) => snapshot.Files.Select(static file => file.FilePath);

    private static async Task RefusesAsync(Func<Task> action, string message) => (await action.Should().ThrowAsync<DeltaException>()).WithMessage(message);
}
