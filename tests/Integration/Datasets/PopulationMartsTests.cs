using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Jobs.Datasets.Population;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Integration.Datasets;

public sealed class PopulationMartsTests
{
    private SparkSession spark = null!;

    [OneTimeSetUp]
    public void Start() => spark = EmbeddedRows.Start();

    [OneTimeTearDown]
    public void Stop() => spark?.Stop();

    [Test]
    public void Every_neighbourhood_of_any_source_is_one_row_with_nulls_for_what_is_missing()
    {
        var made = Neighborhoods(
            [["A", 1L, 100.0, 10.0, "b-1"], ["B", 2L, 200.0, null, "b-1"]],
            income: [["A", 1L, 5000.0, 50.0], ["C", 3L, 7000.0, 70.0]], insurance: [["B", 2L, 150.0, 15.0]], selfEmployment: [["A", 1L, 5.0, 1.0, 40.0, 4.0]]);
        EmbeddedRows.Lines(made.OrderBy("id").Select("id", "neighborhood", "population", "household_income", "insured", "self_employed", "households", "missing_sources", "batch_id")).Should().Equal(
            "1 | A | 100 | 5000 | null | 5 | 40 | 1 | b-1", "2 | B | 200 | null | 150 | null | null | 2 | b-1", "3 | C | null | 7000 | null | null | null | 3 | null");
        EmbeddedRows.Lines(Metrics.SourceCounts(made).OrderBy("source")).Should().Equal("health-insurance | 1 | 2", "household-income | 2 | 1", "self-employment-income | 1 | 2", "total-population | 2 | 1");
        EmbeddedRows.Lines(Marts.Missing(made).Filter(Col("reference") == Lit("total-population"))).Should().Equal("total-population | C | 1");
    }

    [Test]
    public void The_margin_of_a_ratio_adds_that_of_its_denominator()
    {
        // 5000 ± 300 by 100 ± 10: 50 ± √(300² + 50²·10²)/100.
        var made = Neighborhoods([["A", 1L, 100.0, 10.0, "b"]], income: [["A", 1L, 5000.0, 300.0]], insurance: [], selfEmployment: []);
        Figure(made, "income_per_person").Should().Equal($"50 | {Text(Math.Sqrt(300.0 * 300 + 50.0 * 50 * 10 * 10) / 100)} | {Text(Math.Sqrt(90000.0 + 250000) / 100 / 1.645 / 50)} | high");
    }

    [Test]
    public void The_margin_of_a_proportion_takes_that_of_its_denominator_away()
    {
        // 80 ± 20 of 100 ± 10: 0.8 ± √(20² − 0.8²·10²)/100.
        var made = Neighborhoods([["A", 1L, 100.0, 10.0, "b"]], income: [], insurance: [["A", 1L, 80.0, 20.0]], selfEmployment: []);
        Figure(made, "insured_share").Should().Equal($"0.8 | {Text(Math.Sqrt(400.0 - 64) / 100)} | {Text(Math.Sqrt(336.0) / 100 / 1.645 / 0.8)} | medium");
    }

    [Test]
    public void A_proportion_whose_root_would_be_negative_falls_back_to_the_ratio()
    {
        // 80 ± 5 of 100 ± 10: 5² is less than 0.8²·10².
        var made = Neighborhoods([["A", 1L, 100.0, 10.0, "b"]], income: [], insurance: [["A", 1L, 80.0, 5.0]], selfEmployment: []);
        Figure(made, "insured_share").Single().Should().StartWith($"0.8 | {Text(Math.Sqrt(25.0 + 64) / 100)} | ");
    }

    [Test]
    public void What_cannot_be_known_is_null_and_has_no_reliability()
    {
        var made = Neighborhoods([["A", 1L, 0.0, 12.0, "b"], ["B", 2L, 100.0, null, "b"]], income: [["A", 1L, 500.0, 5.0], ["B", 2L, 500.0, 5.0]], insurance: [], selfEmployment: [["B", 2L, 0.0, 9.0, 50.0, 5.0]]);
        Figure(made, "income_per_person").Should().Equal("null | null | null | null", "5 | null | null | null");
        Figure(made, "income_per_household").First().Should().Be("null | null | null | null", "its households are not known");
        Figure(made, "self_employed_household_share").Last().Should().Be($"0 | {Text(9.0 / 50)} | null | null", "nothing can be told of an estimate of 0 by its variation");
    }

    [TestCase(12.0, "high")]
    [TestCase(12.001, "medium")]
    [TestCase(40.0, "medium")]
    [TestCase(40.001, "low")]
    public void Reliability_is_high_up_to_12_percent_of_variation_and_medium_up_to_40(double percent, string expected)
    {
        // 1,000 ± so much that moe / 1.645 / 1,000 is the share; the least digit is left to the far side of the border.
        var moe = percent / 100 * 1.645 * 1000 * (1 - 1e-12);
        var given = EmbeddedRows.Given(spark, "estimate double, moe double", [1000.0, moe]);
        given.Select(Metrics.Reliability(Col("estimate"), Col("moe")).As("reliability")).Collect().Single().Get(0).Should().Be(expected);
    }

    private static IReadOnlyList<string> Figure(DataFrame neighborhoods, string metric) =>
        EmbeddedRows.Lines(Metrics.NeighborhoodMetrics(neighborhoods).Filter(Col("metric") == Lit(metric)).OrderBy("id").Select("value", "moe", "cv", "reliability"));

    private DataFrame Neighborhoods(object?[][] people, object?[][] income, object?[][] insurance, object?[][] selfEmployment) => Marts.Neighborhoods(
        EmbeddedRows.Given(spark, "neighborhood string, id bigint, estimate double, margin_of_error double, batch_id string", people),
        new Dictionary<string, DataFrame>
        {
            ["household-income"] = EmbeddedRows.Given(spark, "neighborhood string, id bigint, estimate double, margin_of_error double", income),
            ["health-insurance"] = EmbeddedRows.Given(spark, "neighborhood string, id bigint, estimate double, margin_of_error double", insurance),
            ["self-employment-income"] = EmbeddedRows.Given(spark, "neighborhood string, id bigint, estimate double, margin_of_error double, households double, households_margin_of_error double", selfEmployment),
        });

    private static string Text(double value) => Math.Round(value, 9).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
