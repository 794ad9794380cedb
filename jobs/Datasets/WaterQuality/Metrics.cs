using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.WaterQuality;

/// <summary>The five metric tables, each a function of <c>water_measurements</c>.</summary>
/// <remarks>stddev is the sample's (null where n = 1); medians and quantiles interpolate linearly. Values below detection count as they stand, and apart in n_below_detection.</remarks>
public static class Metrics
{
    /// <summary>All of them, with name and key, in the order of the docs.</summary>
    public static IReadOnlyList<MetricTable> All(DataFrame measurements) =>
    [
        new("site_parameter_stats", ["program_id", "site_id", "parameter"], SiteParameterStats(measurements)),
        new("method_parameter_stats", ["program_id", "parameter", "method"], MethodParameterStats(measurements)),
        new("category_distribution", ["category", "category_value", "parameter"], CategoryDistribution(measurements)),
        new("yearly_site_means", ["program_id", "site_id", "parameter", "year"], YearlySiteMeans(measurements)),
        new("acidity_trend", ["program_id", "site_id"], AcidityTrend(measurements)),
    ];

    /// <summary>Statistics of each parameter at each site. Key: program_id, site_id, parameter.</summary>
    /// <remarks>Out: unit, n (bigint), mean, stddev, min, median, max (double, in unit), n_below_detection (bigint), first_sampled_on, last_sampled_on (date).</remarks>
    public static DataFrame SiteParameterStats(DataFrame measurements) =>
        measurements.GroupBy("program_id", "site_id", "parameter").Agg(
            Min(Col("unit")).As("unit"),
            [.. Statistics(), Min(Col("sampled_on")).As("first_sampled_on"), Max(Col("sampled_on")).As("last_sampled_on")]);

    /// <summary>Statistics of each parameter by method. Key: program_id, parameter, method (null where none is known).</summary>
    /// <remarks>Out: unit, n, mean, stddev, min, median, max, n_below_detection as in <see cref="SiteParameterStats"/>.</remarks>
    public static DataFrame MethodParameterStats(DataFrame measurements) =>
        measurements.GroupBy("program_id", "parameter", "method").Agg(Min(Col("unit")).As("unit"), Statistics());

    /// <summary>Distribution of each parameter over the values of six categories. Key: category, category_value (null where not known), parameter.</summary>
    /// <remarks>Out: n (bigint), mean, p05, p25, median, p75, p95 (double). A value counts once in each category.</remarks>
    public static DataFrame CategoryDistribution(DataFrame measurements)
    {
        string[] categories = ["waterbody_type", "sample_location", "sample_type", "program_id", "state", "ecoregion_iii"];
        var value = Col("value");
        return categories
            .Select(category => measurements
                .GroupBy(Col(category).As("category_value"), Col("parameter"))
                .Agg(
                    Count(value).As("n"), Avg(value).As("mean"), Percentile(value, 0.05).As("p05"), Percentile(value, 0.25).As("p25"),
                    Median(value).As("median"), Percentile(value, 0.75).As("p75"), Percentile(value, 0.95).As("p95"))
                .Select(
                    Lit(category).As("category"), Col("category_value"), Col("parameter"), Col("n"), Col("mean"),
                    Col("p05"), Col("p25"), Col("median"), Col("p75"), Col("p95")))
            .Aggregate((left, right) => left.Union(right));
    }

    /// <summary>Mean of each parameter at each site by year. Key: program_id, site_id, parameter, year.</summary>
    /// <remarks>Out: n (bigint), mean (double).</remarks>
    public static DataFrame YearlySiteMeans(DataFrame measurements) =>
        measurements.GroupBy("program_id", "site_id", "parameter", "year").Agg(Count(Col("value")).As("n"), Avg(Col("value")).As("mean"));

    /// <summary>How acidity changes at each site. Key: program_id, site_id; only sites with a value of ANC.</summary>
    /// <remarks>
    /// Out: years (bigint: years with a value), anc_slope_ueq_l_per_year (double: Theil–Sen, the median of the slopes between the yearly means of every two years; null with fewer than two years),
    /// acidic_share (double, 0 to 1: share of values with ANC below 0), n (bigint).
    /// Source: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", 1968.
    /// </remarks>
    public static DataFrame AcidityTrend(DataFrame measurements)
    {
        var anc = measurements.Filter(Col("parameter") == Lit("ANC"));
        var byYear = anc.GroupBy("program_id", "site_id", "year").Agg(Avg(Col("value")).As("mean"));
        var later = byYear.Select(Col("program_id"), Col("site_id"), Col("year").As("later_year"), Col("mean").As("later_mean"));
        var slopes = byYear
            .Join(later, ["program_id", "site_id"], "inner")
            .Filter(Col("later_year") > Col("year"))
            .Select(Col("program_id"), Col("site_id"), ((Col("later_mean") - Col("mean")) / (Col("later_year") - Col("year"))).As("slope"))
            .GroupBy("program_id", "site_id")
            .Agg(Median(Col("slope")).As("anc_slope_ueq_l_per_year"));
        return anc
            .GroupBy("program_id", "site_id")
            .Agg(
                CountDistinct(Col("year")).As("years"),
                Avg(When(Col("value") < 0.0, Lit(1.0)).Otherwise(0.0)).As("acidic_share"),
                Count(Col("value")).As("n"))
            .Join(slopes, ["program_id", "site_id"], "left_outer")
            .Select("program_id", "site_id", "years", "anc_slope_ueq_l_per_year", "acidic_share", "n");
    }

    private static Column[] Statistics() =>
    [
        Count(Col("value")).As("n"), Avg(Col("value")).As("mean"), StddevSamp(Col("value")).As("stddev"),
        Min(Col("value")).As("min"), Median(Col("value")).As("median"), Max(Col("value")).As("max"),
        Sum(When(Col("below_detection"), Lit(1L)).Otherwise(0L)).As("n_below_detection"),
    ];
}
