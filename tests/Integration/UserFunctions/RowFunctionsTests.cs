using Apache.Arrow;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Integration.UserFunctions;

/// <summary>C# functions over the rows of partitions and groups, in this process and on a stock Spark: many rows, effects, errors.</summary>
[TestFixtureSource(nameof(EngineNames))]
public sealed class RowFunctionsTests(string engineName)
{
    private const int BatchRows = 10_000;
    private EmbeddedEngine? embedded;
    private SparkSession spark = null!;

    private static IEnumerable<TestFixtureData> EngineNames => SparkServer.VersionsOfFixture.Prepend(new TestFixtureData("embedded"));

    private static StructType Totals { get; } = new(new StructField("k", new LongType()), new StructField("rows", new LongType()), new StructField("sum", new LongType()));

    [OneTimeSetUp]
    public void Connect()
    {
        if (engineName == "embedded")
        {
            embedded = EmbeddedEngine.Create(new EmbeddedSettings());
            spark = SparkSession.ForEngine(embedded);
            return;
        }
        var engine = SparkServer.Engine(engineName);
        engine.SetConf("spark.pipeline.functions.worker", Path.Combine(AppContext.BaseDirectory, "pipeline"));
        spark = SparkSession.ForEngine(engine);
    }

    [OneTimeTearDown]
    public void Disconnect() => embedded?.Dispose();

    [Test]
    public void A_million_rows_go_through_a_function_over_partitions_and_captured_values_with_them()
    {
        var offset = 5L;
        var mapped = spark.Range(1_000_000).MapPartitions(Totals, rows => rows.Where(static row => row.GetAs<long>(0) % 4 == 0).Select(row => new GenericRow([row.GetAs<long>(0) % 8, 1L, row.GetAs<long>(0) + offset])));
        var total = mapped.Agg(Count("*").As("n"), Sum("sum").As("sum")).Collect().Single();
        (total.Get("n"), total.Get("sum")).Should().Be((250_000L, 124_999_500_000L + (250_000 * 5L)));
    }

    [Test]
    public void A_group_of_more_rows_than_a_batch_is_given_whole()
    {
        var rows = spark.Range(3 * BatchRows).Select((Col("id") % 2).As("k"), Col("id")).GroupBy("k").Apply(Totals, Total).OrderBy("k").Collect();
        rows.Select(static row => row.ToString()).Should().Equal("[0, 15000, 224985000]", "[1, 15000, 225000000]");
    }

    [Test]
    public void Batches_have_at_most_as_many_rows_as_Spark_puts_into_one()
    {
        var sizes = new StructType(new StructField("n", new IntegerType()));
        var counted = spark.Range(25_000).Coalesce(1).MapInArrow(sizes, static batches => batches.Select(static batch => new RecordBatch.Builder().Append("n", true, new Int32Array.Builder().Append(batch.Length).Build()).Build()));
        counted.Collect().Select(static row => row.Get(0)).Should().Equal(BatchRows, BatchRows, 5_000);
    }

    [Test]
    public void Foreach_and_ForeachPartition_reach_each_row_where_it_is()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Path;
        spark.Range(1_000).ForeachPartition(rows => File.WriteAllText(Path.Combine(path, $"{Guid.NewGuid():N}.part"), $"{rows.Sum(static row => row.GetAs<long>("id"))}"));
        Directory.GetFiles(path, "*.part").Sum(static file => long.Parse(File.ReadAllText(file), System.Globalization.CultureInfo.InvariantCulture)).Should().Be(499_500);
        spark.Range(50).Foreach(row => File.WriteAllText(Path.Combine(path, $"{row.Get("id")}.row"), ""));
        Directory.GetFiles(path, "*.row").Should().HaveCount(50);
        FluentActions.Invoking(() => spark.Range(9).Foreach(static row => _ = row.GetAs<long>("id") == 8 ? throw new InvalidOperationException("eight") : 0)).Should().Throw<EngineException>()
            .WithMessage("System.InvalidOperationException: eight").Which.UserStackTrace.Should().StartWith("in the C# function 'Foreach', ");
    }

    [Test]
    public void An_error_names_the_function_and_the_row_or_group_and_the_next_query_works()
    {
        var rows = spark.Range(0, 30_000).Coalesce(1);
        var partition = FluentActions.Invoking(() => rows.MapPartitions(Totals, Checked).Count()).Should().Throw<EngineException>().Which;
        partition.Message.Should().Be("System.InvalidOperationException: Größe ungültig");
        partition.IsTransient.Should().BeFalse();
        partition.UserStackTrace.Should().MatchRegex("^in the C# function 'Checked', (partition 0, )?row 29000 of the partition\n").And.Contain($"{nameof(RowFunctionsTests)}.");
        var group = FluentActions.Invoking(() => rows.Select((Col("id") % 2).As("k"), Col("id"), Lit("x").As("text")).GroupBy("text", "k").Apply(Totals, static batch => throw new IOException("no such thing")).Count()).Should().Throw<EngineException>().Which;
        group.Message.Should().Be("System.IO.IOException: no such thing");
        group.UserStackTrace.Should().MatchRegex("^in the C# function 'Apply', (partition 0, )?group text = 'x', k = [01]\n");
        rows.MapPartitions(Totals, static all => all.Take(2).Select(static row => new GenericRow([1L, 1L, row.Get("id")]))).Count().Should().Be(2);
    }

    [Test]
    public void A_function_that_cannot_be_sent_is_refused_before_anything_runs()
    {
        var words = new List<string>();
        FluentActions.Invoking(() => spark.Range(1).MapPartitions(Totals, rows => rows.Select(row => new GenericRow([1L, 1L, (long)words.Count])))).Should().Throw<EngineException>().WithMessage("Cannot send the C# function 'MapPartitions' to executors: it captures 'words'*");
        FluentActions.Invoking(() => spark.Range(1).Foreach(row => words.Add("x"))).Should().Throw<EngineException>().WithMessage("Cannot send the C# function 'Foreach' to executors: it captures 'words'*");
        FluentActions.Invoking(() => spark.Range(1).GroupBy().Apply(Totals, static batch => batch)).Should().Throw<ArgumentException>().WithMessage("Apply needs keys*");
        FluentActions.Invoking(() => spark.Range(1).Rollup("id").Apply(Totals, static batch => batch)).Should().Throw<NotSupportedException>();
    }

    private static IEnumerable<GenericRow> Checked(IEnumerable<Row> rows)
    {
        foreach (var row in rows)
        {
            if (row.GetAs<long>("id") == 29_000) throw new InvalidOperationException("Größe ungültig");
            yield return new GenericRow([0L, 1L, row.Get("id")]);
        }
    }

    /// <summary>The key, the number of rows and the sum of the ids of a group.</summary>
    private static RecordBatch Total(RecordBatch group)
    {
        var (keys, ids) = ((Int64Array)group.Column("k"), (Int64Array)group.Column("id"));
        var sum = 0L;
        foreach (var id in ids.Values) sum += id;
        static Int64Array One(long value) => new Int64Array.Builder().Append(value).Build();
        return new RecordBatch.Builder().Append("k", true, One(keys.GetValue(0)!.Value)).Append("rows", true, One(group.Length)).Append("sum", true, One(sum)).Build();
    }
}
