using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Tests.Support.Spark;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Integration.Spark;

/// <summary>C# functions on a stock Spark, with this folder's <c>pipeline</c> as the worker.</summary>
[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.VersionsOfFixture))]
public class UserFunctionsTests(string version)
{
    private SparkEngine engine = null!;
    private SparkSession spark = null!;

    [OneTimeSetUp]
    public void Connect()
    {
        engine = SparkServer.Engine(version);
        engine.SetConf("spark.pipeline.functions.worker", Path.Combine(AppContext.BaseDirectory, "pipeline"));
        spark = SparkSession.ForEngine(engine);
    }

    [Test]
    public void A_million_rows_go_through_a_function_that_captures()
    {
        var offset = 5L;
        var sum = spark.Range(1_000_000).Agg(Sum(Udf<long, long>(x => x + offset)("id")).As("sum")).Collect().Single().Get(0);
        sum.Should().Be(499_999_500_000L + 5_000_000L);
    }

    [Test]
    public void Texts_and_two_arguments_are_grouped_and_filtered_by()
    {
        var word = "n°";
        var name = Udf<long, string, string>((number, text) => $"{word}{number % 3} {text}");
        var rows = spark.Range(30_000).Select(Col("id"), Lit("ß😀").As("text"))
            .Filter(Udf<string, bool>(text => text.EndsWith('0') || text.EndsWith('5'))(Col("id").Cast("string")))
            .GroupBy(name("id", "text").As("name")).Agg(Count("*").As("n")).OrderBy("name").Collect();
        rows.Select(static row => (row.GetAs<string>("name"), row.GetAs<long>("n"))).Should().Equal(("n°0 ß😀", 2000L), ("n°1 ß😀", 2000L), ("n°2 ß😀", 2000L));
    }

    [Test]
    public void An_error_of_a_function_is_the_first_line_its_stack_a_property_and_the_next_query_works()
    {
        var check = Udf<long, long>(Checked);
        foreach (var (bad, row) in new[] { (777L, 777), (29_000L, 9_000) })
        {
            var error = FluentActions.Invoking(() => spark.Range(0, 30_000).Coalesce(1).Agg(Sum(check(Col("id") - bad))).Collect()).Should().Throw<EngineException>().Which;
            error.Message.Should().Be("System.InvalidOperationException: Größe ungültig");
            error.IsTransient.Should().BeFalse();
            error.UserStackTrace.Should().StartWith($"in the C# function 'Checked', partition 0, row {row} of the batch").And.Contain($"{nameof(UserFunctionsTests)}.{nameof(Checked)}(Int64 x)");
        }
        spark.Range(10).Agg(Sum(check(Col("id") + 1))).Collect().Single().Get(0).Should().Be(55L);
    }

    [Test]
    public void A_function_is_called_by_its_name_in_SQL_text_and_a_wrong_type_there_is_an_error_that_says_what_to_write()
    {
        _ = spark.Udf().Register<long, long>("twice", x => 2 * x);
        spark.Sql("SELECT twice(id) AS x FROM range(3) WHERE twice(id) > 0 ORDER BY x").Collect().Select(static row => row.Get(0)).Should().Equal(2L, 4L);
        FluentActions.Invoking(() => spark.Sql("SELECT twice('7')").Collect()).Should().Throw<EngineException>()
            .WithMessage("Cannot call the C# function 'twice' with argument 1: the parameter is bigint, and the column is Arrow's utf8.*write CAST(… AS BIGINT).");
    }

    [Test]
    public void A_function_that_cannot_be_sent_is_refused_before_anything_runs()
    {
        var words = new List<string>();
        FluentActions.Invoking(() => spark.Range(1).Select(Udf<long, long>(x => x + words.Count)("id")).Collect()).Should().Throw<EngineException>().WithMessage("*it captures 'words'*");
    }

    private static long Checked(long x) => x == 0 ? throw new InvalidOperationException("Größe ungültig") : x;
}
