using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;

namespace Pipeline.Tests.Unit.Delta;

public class LakeLayoutTests
{
    [Test]
    public void Everything_has_its_place_under_the_root()
    {
        var lake = new LakeLayout("/data/lake/");
        lake.Root.Should().Be("/data/lake");
        lake.Batches.Should().Be("/data/lake/batches");
        lake.Table("water_samples").Should().Be("/data/lake/tables/water_samples");
        lake.Quarantine("water_samples").Should().Be("/data/lake/quarantine/water_samples");
        lake.Raw("water-quality").Should().Be("/data/lake/raw/water-quality");
        lake.Checkpoint("stream-ingest", "water-quality").Should().Be("/data/lake/checkpoints/stream-ingest/water-quality");
        lake.Run("20240101-abc").Should().Be("/data/lake/runs/20240101-abc");
    }

    [Test]
    public void A_lake_on_hdfs_keeps_its_uri() => new LakeLayout("hdfs://nn:8020/lake").Table("t").Should().Be("hdfs://nn:8020/lake/tables/t");

    [TestCase("..")]
    [TestCase("../x")]
    [TestCase("a/b")]
    [TestCase("a..b")]
    [TestCase(".hidden")]
    [TestCase("")]
    [TestCase("a b")]
    [TestCase("é")]
    [TestCase("a\nb")]
    public void Names_cannot_leave_the_root(string name)
    {
        var table = () => new LakeLayout("/data/lake").Table(name);
        table.Should().Throw<UsageException>().WithMessage($"'{name}' cannot be the name of a table: use letters, digits, '_', '-' and '.', 200 at most, a letter, digit or '_' first, and no '..'.");
    }

    [Test]
    public async Task Tables_are_listed_by_name()
    {
        using var folder = new TempFolder();
        folder.Write("tables/b/_delta_log/0.json", "");
        folder.Write("tables/a/_delta_log/0.json", "");
        folder.Write("tables/file", "");
        (await new LakeLayout(folder.Path).ListTablesAsync()).Should().Equal("a", "b");
        (await new LakeLayout(folder.Path).ListRunsAsync()).Should().BeEmpty();
    }

    [Test]
    public void A_batch_has_a_value_for_each_column_and_comes_back()
    {
        var at = new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        var batch = new BatchRecord("id", "water-quality", "stream-ingest", "run", 3, "water-quality", """{"t":{"0":1}}""", """{"t":{"0":9}}""", at, at, 10, 6, 2, 1, 1, 100, "water_samples", 4, "sum", BatchStatus.Committed, null);
        batch.IsBalanced.Should().BeTrue();
        (batch with { RowsLate = 0 }).IsBalanced.Should().BeFalse();
        batch.ToValues().Should().HaveCount(Batches.Schema.Count);
        BatchRecord.FromValues(batch.ToValues()).Should().Be(batch);
        foreach (var (field, value) in Batches.Schema.Zip(batch.ToValues()))
        {
            if (value is null) field.IsNullable.Should().BeTrue(field.Name);
            else (field.DataType is StringType ? typeof(string) : field.DataType is LongType ? typeof(long) : typeof(DateTime)).Should().Be(value.GetType(), field.Name);
        }
    }

    [Test]
    public void Nothing_inside_an_array_of_the_quarantine_is_not_null() =>
        Quarantine.Schema.Where(static field => field.DataType is ArrayType).Should().OnlyContain(static field => ((ArrayType)field.DataType).ContainsNull && ((StructType)((ArrayType)field.DataType).ElementType).All(static inner => inner.IsNullable));

    [TestCase(null, null, 0)]
    [TestCase("", null, 0)]
    [TestCase("delta.before-link", "delta.before-link", 1)]
    [TestCase("delta.before-link:3", "delta.before-link", 3)]
    public void A_kill_point_is_a_name_and_a_count(string? setting, string? name, int count) =>
        KillPoint.Parse(setting).Should().Be(name is null ? null : (name, count));

    [TestCase("nowhere:1")]
    [TestCase("delta.before-link:0")]
    [TestCase("delta.before-link:x")]
    public void An_unknown_kill_point_is_refused(string setting)
    {
        var parse = () => KillPoint.Parse(setting);
        parse.Should().Throw<ArgumentException>().WithMessage($"PIPELINE_KILL_AT is '{setting}', which is not name:count, such as delta.before-link:1. (Parameter 'setting')");
    }

    [Test]
    public void A_kill_point_that_no_room_has_is_refused()
    {
        var require = () => KillPoint.RequireKnown("delta.nowhere", DeltaKillPoints.All);
        require.Should().Throw<ArgumentException>().WithMessage("PIPELINE_KILL_AT names 'delta.nowhere', which is no kill point. The names are: delta.after-link, *");
        FluentActions.Invoking(() => KillPoint.RequireKnown(DeltaKillPoints.AfterLink, DeltaKillPoints.All)).Should().NotThrow();
    }

    [TestCase(typeof(StorageKillPoints))]
    [TestCase(typeof(DeltaKillPoints))]
    [TestCase(typeof(EmbeddedKillPoints))]
    [TestCase(typeof(LoadingKillPoints))]
    public void A_room_lists_each_of_its_kill_points(Type room)
    {
        var names = room.GetFields().Where(static field => field.IsLiteral).Select(static field => (string)field.GetRawConstantValue()!).ToList();
        room.GetProperty("All")!.GetValue(null).As<IEnumerable<string>>().Should().Equal(names);
        names.Should().OnlyContain(name => KillPoint.Parse(name + ":1") != null);
    }
}
