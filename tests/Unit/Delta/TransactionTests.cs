using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Delta;

public class TransactionTests
{
    private static readonly StructType Columns = new(new StructField("id", new LongType(), false), new StructField("site", new StringType()));
    private static readonly Operation Append = Operation.Write("Append", []);
    private static readonly Operation Merge = new("MERGE");
    private TempFolder folder = null!;
    private DeltaLog log = null!;

    [SetUp]
    public async Task Make()
    {
        folder = new TempFolder();
        log = DeltaLog.For(folder.Path);
        var transaction = await log.BeginCreateOrAppendAsync(Columns);
        transaction.Append([File("a"), File("b")]);
        await transaction.CommitAsync(Append);
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public async Task An_append_goes_after_another_append()
    {
        var (first, second) = (await log.BeginAsync(), await log.BeginAsync());
        first.Append([File("c")]);
        second.Append([File("d")]);
        Version(await first.CommitAsync(Append)).Should().Be(1);
        var result = await second.CommitAsync(Append);
        result.Should().BeOfType<Committed>().Which.Attempts.Should().Be(2);
        Version(result).Should().Be(2);
        await HasAsync("a", "b", "c", "d");
    }

    [Test]
    public async Task An_append_goes_after_a_rewrite()
    {
        var (rewrite, append) = (await log.BeginAsync(), await log.BeginAsync());
        rewrite.Rewrite(rewrite.Snapshot!.Files, [File("ab")]);
        append.Append([File("c")]);
        await rewrite.CommitAsync(Merge);
        Version(await append.CommitAsync(Append)).Should().Be(2);
        await HasAsync("ab", "c");
    }

    [Test]
    public async Task A_rewrite_conflicts_with_rows_that_it_has_not_read()
    {
        var (append, rewrite) = (await log.BeginAsync(), await log.BeginAsync());
        append.Append([File("c")]);
        rewrite.Rewrite(rewrite.Snapshot!.Files, [File("ab")]);
        await append.CommitAsync(Append);
        var conflict = (await rewrite.CommitAsync(Merge)).Should().BeOfType<Conflict>().Subject;
        conflict.WinningVersion.Should().Be(1);
        conflict.Winner!.Operation.Should().Be("WRITE");
        conflict.Message.Should().Be($"Cannot commit to '{folder.Path}': version 1 (WRITE by Pipeline/0.1.0) was first and added rows that this change has not read. Read the table again and retry.");
        await HasAsync("a", "b", "c");
    }

    [Test]
    public async Task Two_rewrites_of_one_file_conflict()
    {
        var (first, second) = (await log.BeginAsync(), await log.BeginAsync());
        first.Rewrite(first.Snapshot!.Files.Take(1), [], dataChange: false);
        second.Rewrite(second.Snapshot!.Files.Take(1), [], dataChange: false);
        await first.CommitAsync(Merge);
        (await second.CommitAsync(Merge)).Should().BeOfType<Conflict>().Which.Message.Should().Contain("removed the file 'a', which this change removes too");
    }

    [Test]
    public async Task A_compaction_goes_well_with_an_append()
    {
        var (append, compaction) = (await log.BeginAsync(), await log.BeginAsync());
        append.Append([File("c")]);
        compaction.Rewrite(compaction.Snapshot!.Files, [File("ab")], dataChange: false);
        await append.CommitAsync(Append);
        (await compaction.CommitAsync(Merge)).Should().BeOfType<Committed>();
        await HasAsync("ab", "c");
    }

    [Test]
    public async Task An_overwrite_takes_out_what_came_meanwhile_too()
    {
        var (append, overwrite) = (await log.BeginAsync(), await log.BeginAsync());
        append.Append([File("c")]);
        overwrite.Overwrite([File("new")]);
        await append.CommitAsync(Append);
        (await overwrite.CommitAsync(Operation.Write("Overwrite", []))).Should().BeOfType<Committed>();
        await HasAsync("new");
        (await (await log.LoadExistingAsync()).ReadTombstonesAsync()).Select(static file => file.FilePath).Should().Equal("a", "b", "c");
    }

    [Test]
    public async Task Changed_columns_conflict_with_an_append_planned_before()
    {
        var (change, append) = (await log.BeginAsync(), await log.BeginAsync());
        change.SetSchema(Columns.Add(new StructField("more", new DoubleType())));
        append.Append([File("c")]);
        await change.CommitAsync(new Operation("ADD COLUMNS"));
        (await append.CommitAsync(Append)).Should().BeOfType<Conflict>().Which.Message.Should().Contain("version 1 (ADD COLUMNS by Pipeline/0.1.0) was first and changed the table's columns or properties");
    }

    [Test]
    public async Task Changed_properties_are_no_matter_to_an_append()
    {
        var (change, append) = (await log.BeginAsync(), await log.BeginAsync());
        change.SetProperties(new Dictionary<string, string?> { ["owner"] = "me" });
        append.Append([File("c")]);
        await change.CommitAsync(new Operation("SET TBLPROPERTIES"));
        (await append.CommitAsync(Append)).Should().BeOfType<Committed>();
        (await log.LoadExistingAsync()).Metadata.Configuration.Should().Equal(new Dictionary<string, string> { ["owner"] = "me" });
    }

    [Test]
    public async Task A_piece_of_work_is_done_once()
    {
        Version(await WorkAsync("stream", 5, "c")).Should().Be(1);
        var again = (await WorkAsync("stream", 5, "c-again")).Should().BeOfType<AlreadyCommitted>().Subject;
        (again.AppId, again.RequestedVersion, again.FoundVersion, again.Snapshot.Version).Should().Be(("stream", 5, 5, 1));
        (await WorkAsync("stream", 4, "older")).Should().BeOfType<AlreadyCommitted>();
        Version(await WorkAsync("other", 4, "d")).Should().Be(2);
        await HasAsync("a", "b", "c", "d");
    }

    [Test]
    public async Task Of_two_writers_with_the_same_piece_of_work_one_is_told_that_it_is_done()
    {
        var (first, second) = (await log.BeginAsync(), await log.BeginAsync());
        foreach (var transaction in new[] { first, second })
        {
            (await transaction.IsDoneAsync("stream", 1)).Should().BeFalse();
            transaction.Append([File("c")]);
            transaction.SetTransaction("stream", 1);
        }

        (await first.CommitAsync(Append)).Should().BeOfType<Committed>();
        (await second.CommitAsync(Append)).Should().BeOfType<AlreadyCommitted>();
    }

    [Test]
    public async Task Two_writers_that_make_a_table_with_the_same_columns_both_append()
    {
        using var other = new TempFolder();
        var (one, two) = (DeltaLog.For(other.Path), DeltaLog.For(other.Path));
        var (first, second) = (await one.BeginCreateOrAppendAsync(Columns), await two.BeginCreateOrAppendAsync(Columns));
        first.Append([File("a")]);
        second.Append([File("b")]);
        Version(await first.CommitAsync(Append)).Should().Be(0);
        Version(await second.CommitAsync(Append)).Should().Be(1);
        var snapshot = await one.LoadExistingAsync();
        snapshot.Files.Select(static file => file.FilePath).Should().Equal("a", "b");
        System.IO.File.ReadAllText(other["_delta_log/00000000000000000001.json"]).Should().NotContain("metaData");
    }

    [Test]
    public async Task Two_writers_that_make_a_table_with_other_columns_conflict()
    {
        using var other = new TempFolder();
        var (one, two) = (DeltaLog.For(other.Path), DeltaLog.For(other.Path));
        var (first, second) = (await one.BeginCreateOrAppendAsync(Columns), await two.BeginCreateOrAppendAsync(new StructType(new StructField("x", new StringType()))));
        await first.CommitAsync(Append);
        (await second.CommitAsync(Append)).Should().BeOfType<Conflict>().Which.Message.Should()
            .Be($"Cannot make the table '{other.Path}': another writer made it meanwhile, with other columns or partitions (struct<id:bigint,site:string>). Read it and choose.");
    }

    [Test]
    public async Task A_plan_that_conflicts_is_made_anew()
    {
        var plans = 0;
        var result = await log.CommitAsync(async (transaction, cancellationToken) =>
        {
            if (plans++ == 0)
            {
                var other = await log.BeginAsync(cancellationToken);
                other.Append([File("c")]);
                await other.CommitAsync(Append, cancellationToken);
            }

            transaction.Rewrite(transaction.Snapshot!.Files, [File($"all-{transaction.Snapshot.FileCount}")]);
            return Merge;
        });
        plans.Should().Be(2);
        Version(result).Should().Be(2);
        await HasAsync("all-3");
    }

    [Test]
    public async Task Rows_that_do_not_fit_are_refused_by_column()
    {
        await RefusesAsync(new StructType(new StructField("id", new LongType(), false), new StructField("where", new StringType())), null,
            "column 'where' is not in it. It has: id, site. Leave the column out, or write with mergeSchema.");
        await RefusesAsync(new StructType(new StructField("id", new StringType())), null, "column 'id' is bigint, and the rows have string. Cast the column, or overwrite the table with overwriteSchema.");
        await RefusesAsync(new StructType(new StructField("site", new StringType())), null, "column 'id' may not be null, and the rows lack it.");
        await RefusesAsync(Columns, ["site"], "it is not partitioned, and the write says site. Leave the partition columns out.");
    }

    [Test]
    public async Task Files_that_do_not_fit_are_refused_by_name()
    {
        var transaction = await log.BeginAsync();
        Refuses(() => transaction.Append([File("../x")]), "the file '../x' is not below the table's folder. Give paths from that folder.");
        Refuses(() => transaction.Append([File("/x")]), "the file '/x' is not below the table's folder. Give paths from that folder.");
        Refuses(() => transaction.Append([File("x") with { PartitionValues = new Dictionary<string, string?> { ["site"] = "s" } }]), "the file 'x' has values of the partition columns [site], and the table's are [].");
        Refuses(
            () => transaction.Append([File("x") with { Statistics = new FileStatistics(1) { NullCount = FileStatistics.Parse("""{"nullCount":{"id":2}}""").NullCount } }]),
            "column 'id' may not be null, and the file 'x' has 2 nulls in it.");
    }

    [Test]
    public async Task Partitions_that_cannot_be_are_refused()
    {
        using var other = new TempFolder();
        var transaction = await DeltaLog.For(other.Path).BeginAsync();
        Refuses(() => transaction.Create(Columns, ["where"]), "partition column 'where' is not among its columns. It has: id, site.", other);
        Refuses(() => transaction.Create(Columns, ["id", "site"]), "all its columns are partition columns. Leave at least one for the files.", other);
        Refuses(() => transaction.Create(new StructType()), "it has no columns. Give it at least one.", other);
        Refuses(() => transaction.Create(Columns.Add(new StructField("ID", new StringType()))), "column 'id' stands in it twice (names are compared without case).", other);
        Refuses(() => transaction.Create(Columns.Add(new StructField("l", new ArrayType(new StringType()))), ["l"]), "partition column 'l' is array<string>, and files are partitioned by atomic values only.", other);
    }

    [Test]
    public async Task A_table_that_exists_is_not_made()
    {
        var transaction = await log.BeginAsync();
        var make = () => transaction.Create(Columns);
        make.Should().Throw<DeltaException>().WithMessage($"Cannot make the table '{folder.Path}': it exists, at version 0. Append to it, overwrite it, or choose another path.").Which.Kind.Should().Be(DeltaErrorKind.TableExists);
    }

    [Test]
    public async Task A_table_that_only_grows_keeps_its_rows()
    {
        var properties = await log.BeginAsync();
        properties.SetProperties(new Dictionary<string, string?> { ["delta.appendOnly"] = "true" });
        await properties.CommitAsync(new Operation("SET TBLPROPERTIES"));
        var overwrite = await log.BeginAsync();
        overwrite.Overwrite([]);
        var commit = () => overwrite.CommitAsync(Operation.Write("Overwrite", []));
        (await commit.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot remove rows from the table '{folder.Path}': its property delta.appendOnly is true. Append to it, or set the property to false.");
    }

    [Test]
    public async Task New_wall_clock_columns_upgrade_the_protocol_and_keep_what_it_had()
    {
        var transaction = await log.BeginAsync();
        transaction.SetSchema(Columns.Add(new StructField("at", new TimestampNTZType())));
        var committed = (Committed)await transaction.CommitAsync(new Operation("ADD COLUMNS"));
        committed.Snapshot.Protocol.Should().Be(new Protocol(3, 7) { ReaderFeatures = ["timestampNtz"], WriterFeatures = ["appendOnly", "invariants", "timestampNtz"] });
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task A_commit_whose_reply_was_lost_is_recognized(int lost)
    {
        var flaky = DeltaLog.For(new FlakyStorage(Pipeline.Engine.Storage.StorageFactory.For(folder.Path), lost));
        var transaction = await flaky.BeginAsync();
        transaction.Append([File("c")]);
        Version(await transaction.CommitAsync(Append)).Should().Be(1);
        (await log.LoadExistingAsync()).Version.Should().Be(1, "it was not written twice");
        await HasAsync("a", "b", "c");
    }

    [Test]
    public async Task The_making_of_a_table_whose_reply_was_lost_is_recognized()
    {
        using var other = new TempFolder();
        var flaky = DeltaLog.For(new FlakyStorage(Pipeline.Engine.Storage.StorageFactory.For(other.Path), 1));
        var transaction = await flaky.BeginCreateOrAppendAsync(Columns);
        transaction.Append([File("a")]);
        Version(await transaction.CommitAsync(Append)).Should().Be(0);
        (await DeltaLog.For(other.Path).LoadExistingAsync()).Version.Should().Be(0);
    }

    [Test]
    public async Task A_store_that_keeps_failing_may_be_tried_again_with_the_same_transaction()
    {
        var flaky = DeltaLog.For(new FlakyStorage(Pipeline.Engine.Storage.StorageFactory.For(folder.Path), 3));
        var transaction = await flaky.BeginAsync();
        transaction.Append([File("c")]);
        (await transaction.CommitAsync(Append)).Should().BeOfType<Retryable>().Which.Message.Should().Be($"Cannot commit to '{folder.Path}': The reply was lost.");
        transaction.IsOutcomeUnknown.Should().BeTrue("it stands, and nobody said so");
        Version(await transaction.CommitAsync(Append)).Should().Be(1);
        transaction.IsOutcomeUnknown.Should().BeFalse();
        await HasAsync("a", "b", "c");
    }

    [Test]
    public async Task A_commit_that_a_disk_refused_is_known_not_to_stand()
    {
        var flaky = DeltaLog.For(new FlakyStorage(Pipeline.Engine.Storage.StorageFactory.For(folder.Path), 3) { IsRefusing = true });
        var transaction = await flaky.BeginAsync();
        transaction.Append([File("c")]);
        (await transaction.CommitAsync(Append)).Should().BeOfType<Retryable>();
        transaction.IsOutcomeUnknown.Should().BeFalse("the disk has no such file");
        await HasAsync("a", "b");
    }

    [Test]
    public async Task A_conflict_is_known_not_to_stand()
    {
        var transaction = await log.BeginAsync();
        transaction.DependsOnRows();
        transaction.Append([File("c")]);
        var other = await log.BeginAsync();
        other.Append([File("d")]);
        await other.CommitAsync(Append);
        (await transaction.CommitAsync(Append)).Should().BeOfType<Conflict>();
        transaction.IsOutcomeUnknown.Should().BeFalse();
    }

    [Test]
    public async Task A_transaction_is_committed_once()
    {
        var transaction = await log.BeginAsync();
        await transaction.CommitAsync(Append);
        var commit = () => transaction.CommitAsync(Append);
        (await commit.Should().ThrowAsync<InvalidOperationException>()).WithMessage($"The transaction on '{folder.Path}' was committed before. Begin a new one.");
    }

    private static long Version(CommitResult result) => result.Should().BeOfType<Committed>().Subject.Version;

    private static DataFile File(string path) => new(path, 10, DataFile.NoPartitions, new FileStatistics(1), DateTimeOffset.UnixEpoch);

    private async Task<CommitResult> WorkAsync(string appId, long version, string path)
    {
        var transaction = await log.BeginAsync();
        transaction.Append([File(path)]);
        transaction.SetTransaction(appId, version);
        return await transaction.CommitAsync(Append);
    }

    private async Task HasAsync(params string[] files) => (await DeltaLog.For(folder.Path).LoadExistingAsync()).Files.Select(static file => file.FilePath).Should().Equal(files);

    private async Task RefusesAsync(StructType schema, string[]? partitions, string why)
    {
        var begin = () => log.BeginCreateOrAppendAsync(schema, partitions);
        (await begin.Should().ThrowAsync<DeltaException>()).WithMessage($"Cannot write to the table '{folder.Path}': {why}").Which.Kind.Should().Be(DeltaErrorKind.SchemaMismatch);
    }

    private void Refuses(Action action, string why, TempFolder? table = null) =>
        action.Should().Throw<DeltaException>().Which.Message.Should().Be($"Cannot write to the table '{(table ?? folder).Path}': {why}");
}
