using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.Population;

/// <summary>Figures derived from estimates, their margins of error propagated, and how far each can be trusted.</summary>
/// <remarks>
/// A margin of error (moe) is at 90 % confidence: 1.645 standard errors. Where an estimate or a margin is not known, or what it is divided by is 0, so is what follows from it: null.
/// Source: US Census Bureau, "Understanding and Using American Community Survey Data", chapter 8 (ratios and proportions).
/// </remarks>
public static class Metrics
{
    private const double StandardErrorsOfMargin = 1.645;
    private const double HighUpTo = 0.12;
    private const double MediumUpTo = 0.40;

    /// <summary>The derived figures in the order of the docs.</summary>
    public static IReadOnlyList<Figure> Figures { get; } =
    [
        Ratio("income_per_person", "household_income", "population"),
        Ratio("income_per_household", "household_income", "households"),
        Proportion("insured_share", "insured", "population"),
        Proportion("self_employed_share", "self_employed", "population"),
        Proportion("self_employed_household_share", "self_employed", "households"),
    ];

    /// <summary>All metric tables, with name and key.</summary>
    public static IReadOnlyList<MetricTable> All(DataFrame neighborhoods)
    {
        var figures = NeighborhoodMetrics(neighborhoods);
        return
        [
            new("neighborhood_metrics", ["id", "metric"], figures),
            new("reliability_counts", ["metric", "reliability"], figures.GroupBy("metric", "reliability").Agg(Count(Lit(1)).As("n"))),
            new("source_counts", ["source"], SourceCounts(neighborhoods)),
        ];
    }

    /// <summary>The derived figures, one a row. Key: id, metric.</summary>
    /// <remarks>Out: neighborhood (string), metric (string, one of <see cref="Figures"/>), value, moe, cv (double; cv is the coefficient of variation), reliability (string: high, medium, low; null where not known).</remarks>
    public static DataFrame NeighborhoodMetrics(DataFrame neighborhoods) =>
        Figures
            .Select(figure => neighborhoods.Select(Col("id"), Col("neighborhood"), Lit(figure.Name).As("metric"), figure.Value.As("value"), figure.MarginOfError.As("moe")))
            .Aggregate((left, right) => left.Union(right))
            .Select(Col("id"), Col("neighborhood"), Col("metric"), Col("value"), Col("moe"), Variation(Col("value"), Col("moe")).As("cv"), Reliability(Col("value"), Col("moe")).As("reliability"));

    /// <summary>How many neighborhoods each source has and lacks. Key: source. Out: n, missing (bigint).</summary>
    public static DataFrame SourceCounts(DataFrame neighborhoods) =>
        Marts.Presence
            .Select(source => neighborhoods.Agg(
                Sum(When(Col(source.Column), Lit(1L)).Otherwise(0L)).As("n"), Sum(When(Col(source.Column), Lit(0L)).Otherwise(1L)).As("missing"))
                .Select(Lit(source.Source).As("source"), Col("n"), Col("missing")))
            .Aggregate((left, right) => left.Union(right));

    /// <summary>Standard error by estimate; null where the estimate is 0 or not known.</summary>
    public static Column Variation(Column estimate, Column marginOfError) => marginOfError / Lit(StandardErrorsOfMargin) / NullIf(estimate, 0.0);

    /// <summary>high up to 12 % of variation, medium up to 40 %, else low; null where not known.</summary>
    public static Column Reliability(Column estimate, Column marginOfError)
    {
        var variation = Variation(estimate, marginOfError);
        return When(variation <= HighUpTo, Lit("high")).When(variation <= MediumUpTo, Lit("medium")).When(variation.IsNotNull(), Lit("low"));
    }

    /// <summary>A ratio of two estimates, of which the one need not be part of the other.</summary>
    private static Figure Ratio(string name, string numerator, string denominator)
    {
        var (value, over, ofNumerator, ofRatio) = Parts(numerator, denominator);
        return new Figure(name, value, Sqrt(ofNumerator + ofRatio) / over);
    }

    /// <summary>A part of a whole: the root has a minus, and falls back to the ratio's where that is negative.</summary>
    private static Figure Proportion(string name, string numerator, string denominator)
    {
        var (value, over, ofNumerator, ofRatio) = Parts(numerator, denominator);
        return new Figure(name, value, Sqrt(When(ofNumerator >= ofRatio, ofNumerator - ofRatio).Otherwise(ofNumerator + ofRatio)) / over);
    }

    private static (Column Value, Column Over, Column OfNumerator, Column OfRatio) Parts(string numerator, string denominator)
    {
        var over = NullIf(Col(denominator), 0.0);
        var value = Col(numerator) / over;
        var (moe, overMoe) = (Col(numerator + "_moe"), Col(denominator + "_moe"));
        return (value, over, moe * moe, value * value * (overMoe * overMoe));
    }
}

/// <summary>A derived figure.</summary>
/// <param name="Name">Its name, also the column's.</param>
/// <param name="Value">The figure, over the columns of <see cref="Marts.Neighborhoods"/>.</param>
/// <param name="MarginOfError">Its margin of error.</param>
public sealed record Figure(string Name, Column Value, Column MarginOfError);
