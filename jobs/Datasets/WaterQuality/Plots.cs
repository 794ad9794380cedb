using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Suite.Reports.Charts;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.WaterQuality;

namespace Pipeline.Jobs.Datasets.WaterQuality;

/// <summary>Pictures of the measurements, each a function of <c>water_measurements</c>.</summary>
public static class Plots
{
    // Below 0 a lake is acid; over 200 µeq/L it is not sensitive to acid rain: colors are for what lies between.
    private const double SensitiveUpTo = 200;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Plot> All(DataFrame measurements) =>
    [
        new("anc_trend_by_programme", TrendRows(measurements), static rows => new TrendChart(
            "Acid neutralizing capacity by programme, mean over sites", "year", "mean ANC (µeq/L)",
            [.. rows.GroupBy(static row => row.GetAs<string>(0)).Select(static programme => new ChartLine(
                string.Create(CultureInfo.InvariantCulture, $"{programme.Key} (n = {programme.Sum(static row => row.GetAs<long>(3)):N0})"),
                [.. programme.Select(static row => ((double)row.GetAs<int>(1), row.GetAs<double>(2)))]))])
        {
            Mark = 0,
        }),
        new("distribution_by_parameter", DistributionRows(measurements), static rows => new DistributionChart(
            "Distribution of all values by parameter", "value, in the unit beside the parameter (logarithmic on both sides of 0)", "parameter",
            [.. rows.Select(static row => new DistributionBox(
                row.Get(1) is string unit ? $"{row.Get(0)}, {unit}" : $"{row.Get(0)}", row.GetAs<long>(2),
                row.GetAs<double>(3), row.GetAs<double>(4), row.GetAs<double>(5), row.GetAs<double>(6), row.GetAs<double>(7)))])
        {
            IsSymmetricLog = true,
        }),
        new("sites_by_acidity", MapRows(measurements), static rows => new MapChart(
            string.Create(CultureInfo.InvariantCulture, $"{rows.Count} sites by acidity: mean acid neutralizing capacity, all years"), "mean ANC (µeq/L); below 0 is acid",
            [.. rows.Select(static row => new MapPlace(row.GetAs<string>(0), row.GetAs<double>(2), row.GetAs<double>(3), row.GetAs<double>(4)))])
        {
            Range = (-SensitiveUpTo / 4, SensitiveUpTo),
        }),
    ];

    /// <summary>Mean ANC by programme and year: each site counts once a year, however often it was sampled. Out: program_id, year, mean (double, µeq/L), n (values). Ordered.</summary>
    public static DataFrame TrendRows(DataFrame measurements) =>
        Anc(measurements)
            .GroupBy("program_id", "site_id", "year").Agg(Avg(Col("value")).As("mean"), Count(Lit(1)).As("n"))
            .GroupBy("program_id", "year").Agg(Avg(Col("mean")).As("mean"), Sum(Col("n")).As("n"))
            .OrderBy("program_id", "year");

    /// <summary>Quantiles by parameter. Out: parameter, unit, n, p05, p25, median, p75, p95 (double, in unit). Ordered by unit and parameter.</summary>
    public static DataFrame DistributionRows(DataFrame measurements)
    {
        var value = Col("value");
        return measurements
            .GroupBy("parameter")
            .Agg(
                Min(Col("unit")).As("unit"), Count(value).As("n"), Percentile(value, 0.05).As("p05"), Percentile(value, 0.25).As("p25"),
                Median(value).As("median"), Percentile(value, 0.75).As("p75"), Percentile(value, 0.95).As("p95"))
            .Select("parameter", "unit", "n", "p05", "p25", "median", "p75", "p95")
            .OrderBy(Col("unit").AscNullsLast(), Col("parameter").Asc());
    }

    /// <summary>Sites with a place and a value of ANC. Out: program_id, site_id, longitude, latitude (double, °), mean (double, µeq/L). Ordered.</summary>
    public static DataFrame MapRows(DataFrame measurements) =>
        Anc(measurements)
            .Filter(Col("latitude").IsNotNull() & Col("longitude").IsNotNull())
            .GroupBy("program_id", "site_id").Agg(Min(Col("longitude")).As("longitude"), Min(Col("latitude")).As("latitude"), Avg(Col("value")).As("mean"))
            .OrderBy("program_id", "site_id");

    private static DataFrame Anc(DataFrame measurements) => measurements.Filter(Col("parameter") == Lit(AncParameter));

    private static string AncParameter { get; } = Contract.Measurements.First(static measurement => measurement.Parameter == "ANC").Parameter;
}
