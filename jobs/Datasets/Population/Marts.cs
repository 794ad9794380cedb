using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.Population;

/// <summary>The four sources side by side, and what follows from them. Functions from table to table.</summary>
public static class Marts
{
    /// <summary>The sources: how each is named in the references (null is the main table), and its columns in and out.</summary>
    private static readonly (string? Reference, (string From, string To)[] Columns)[] Sources =
    [
        (null, [("estimate", "population"), ("margin_of_error", "population_moe")]),
        ("household-income", [("estimate", "household_income"), ("margin_of_error", "household_income_moe")]),
        ("health-insurance", [("estimate", "insured"), ("margin_of_error", "insured_moe")]),
        ("self-employment-income", [("estimate", "self_employed"), ("margin_of_error", "self_employed_moe"), ("households", "households"), ("households_margin_of_error", "households_moe")]),
    ];

    /// <summary>Each source's first column, by which is told whether it had a neighborhood, and its name for people.</summary>
    public static IReadOnlyList<(string Column, string Source)> Presence { get; } = [.. Sources.Select(source => ("has_" + (source.Reference ?? "total-population").Replace('-', '_'), source.Reference ?? "total-population"))];

    /// <summary>All sources joined by id.</summary>
    /// <remarks>
    /// Grain: one row a neighborhood (id) that any of the four has: an outer join. Unordered.
    /// Out: id (bigint), neighborhood (string, of the first source that has it), estimates and margins of error (double, null where a source lacks the neighborhood or the figure),
    /// has_… (boolean) for each source, missing_sources (int, 0 to 3), batch_id (string; null where the main table lacks the neighborhood).
    /// </remarks>
    public static DataFrame Neighborhoods(DataFrame population, IReadOnlyDictionary<string, DataFrame> references)
    {
        var joined = Side(population, 0).Join(population.Select("id", "batch_id"), "id");
        for (var i = 1; i < Sources.Length; i++) joined = joined.Join(Side(references[Sources[i].Reference!], i), ["id"], "full_outer");
        var missing = Presence.Select(source => When(Col(source.Column).IsNull(), Lit(1)).Otherwise(0)).Aggregate((left, right) => left + right);
        return joined.Select(
        [
            Col("id"),
            Coalesce([.. Sources.Select((_, i) => Col(NameOf(i)))]).As("neighborhood"),
            .. Sources.SelectMany(source => source.Columns).Select(column => Col(column.To)),
            .. Presence.Select(source => Col(source.Column).IsNotNull().As(source.Column)),
            missing.As("missing_sources"),
            Col("batch_id"),
        ]);
    }

    /// <summary>One row: how many neighborhoods the sources have together (n, bigint), counted without the join.</summary>
    public static DataFrame CountNeighborhoods(DataFrame population, IReadOnlyDictionary<string, DataFrame> references) =>
        Sources.Select(source => (source.Reference is null ? population : references[source.Reference]).Select("id")).Aggregate((left, right) => left.Union(right)).Agg(CountDistinct(Col("id")).As("n"));

    /// <summary>Neighborhoods that a source lacks: reference (string), detail (the neighborhood), n (always 1).</summary>
    public static DataFrame Missing(DataFrame neighborhoods) =>
        Presence
            .Select(source => neighborhoods.Filter(!Col(source.Column)).Select(Lit(source.Source).As("reference"), Col("neighborhood").As("detail"), Lit(1L).As("n")))
            .Aggregate((left, right) => left.Union(right));

    /// <summary><see cref="Neighborhoods"/> with the derived figures, each with its margin of error, coefficient of variation and reliability. Ordered by id.</summary>
    public static DataFrame Profile(DataFrame neighborhoods)
    {
        var figures = Metrics.Figures.SelectMany(figure => new[]
        {
            figure.Value.As(figure.Name), figure.MarginOfError.As(figure.Name + "_moe"),
        });
        var withFigures = neighborhoods.Select([.. neighborhoods.Columns().Where(name => name != "batch_id").Select(name => Col(name)), .. figures]);
        return withFigures
            .Select([.. withFigures.Columns().Select(name => Col(name)), .. Metrics.Figures.Select(figure => Metrics.Reliability(Col(figure.Name), Col(figure.Name + "_moe")).As(figure.Name + "_reliability"))])
            .OrderBy("id");
    }

    private static DataFrame Side(DataFrame source, int i) =>
        source.Select([Col("id"), Col("neighborhood").As(NameOf(i)), Lit(true).As(Presence[i].Column), .. Sources[i].Columns.Select(column => Col(column.From).As(column.To))]);

    private static string NameOf(int source) => FormattableString.Invariant($"neighborhood_{source}");
}
