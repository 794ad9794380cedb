namespace Pipeline.Jobs.Cli.Demo;

/// <summary>A question that the demo answers from the metrics database.</summary>
internal sealed record DemoHighlight(string Title, IReadOnlyList<string> Columns, string Sql);

/// <summary>What each data set's metrics are asked.</summary>
internal static class DemoHighlights
{
    public static IReadOnlyList<DemoHighlight> Of(string dataset) => dataset switch
    {
        "water-quality" =>
        [
            new("The five most acid sites (mean pH in the laboratory, at least 20 samples)", ["programme", "site", "mean pH", "least", "samples"],
                """
                SELECT program_id, site_id, printf('%.2f', mean), printf('%.1f', min), n FROM water_quality_site_parameter_stats
                WHERE parameter = 'PH_LAB' AND n >= 20 ORDER BY mean, program_id, site_id LIMIT 5
                """),
            new("The strongest trends of acid neutralizing capacity (Theil–Sen, at least 10 years)", ["programme", "site", "µeq/L per year", "years", "share below 0"],
                """
                SELECT program_id, site_id, printf('%+.2f', anc_slope_ueq_l_per_year), years, printf('%.0f %%', acidic_share * 100) FROM water_quality_acidity_trend
                WHERE years >= 10 ORDER BY abs(anc_slope_ueq_l_per_year) DESC, program_id, site_id LIMIT 5
                """),
        ],
        _ => [],
    };

    /// <summary>A query over the lake's tables to try.</summary>
    public static string Query(string dataset) => dataset switch
    {
        "water-quality" => "SELECT program_id, count(*) AS samples FROM water_samples GROUP BY program_id ORDER BY samples DESC",
        _ => "SELECT * FROM batches",
    };
}
