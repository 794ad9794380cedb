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
        "population" =>
        [
            new("Income per person: the five highest, with margin of error at 90 %", ["neighborhood", "US$ per person", "± margin", "reliability"],
                """
                SELECT neighborhood, printf('%,d', round(value)), printf('%,d', round(moe)), reliability FROM population_neighborhood_metrics
                WHERE metric = 'income_per_person' AND value IS NOT NULL ORDER BY value DESC, neighborhood LIMIT 5
                """),
            new("How far the metrics can be relied on (neighborhoods by coefficient of variation)", ["metric", "high", "medium", "low"],
                """
                SELECT metric, sum(CASE WHEN reliability = 'high' THEN n ELSE 0 END), sum(CASE WHEN reliability = 'medium' THEN n ELSE 0 END), sum(CASE WHEN reliability = 'low' THEN n ELSE 0 END)
                FROM population_reliability_counts GROUP BY metric ORDER BY metric
                """),
        ],
        "students" =>
        [
            new("Mean age of the students over 20, by field", ["field", "students", "mean age"],
                "SELECT field, n, printf('%.2f', mean_age) FROM students_mean_age_by_field ORDER BY field"),
        ],
        "student-messages" =>
        [
            new("Ages by field of study", ["field", "students", "mean age", "least", "most", "deviation"],
                "SELECT filiere, nombre, printf('%.2f', moyenne), min, max, printf('%.2f', ecart_type) FROM student_messages_field_stats WHERE population = 'all' ORDER BY filiere"),
            new("In all", ["population", "figure", "value"],
                "SELECT population, name, value FROM student_messages_summary ORDER BY population, name"),
        ],
        "device-events" =>
        [
            new("The warmest devices", ["device", "readings", "mean °C", "errors", "standby"],
                "SELECT device_id, n, printf('%.1f', mean_temperature), n_error, n_standby FROM device_events_device_stats WHERE measure = 'C' ORDER BY mean_temperature DESC, device_id LIMIT 5"),
        ],
        _ => [],
    };

    /// <summary>A query over the lake's tables to try.</summary>
    public static string Query(string dataset) => dataset switch
    {
        "water-quality" => "SELECT program_id, count(*) AS samples FROM water_samples GROUP BY program_id ORDER BY samples DESC",
        "population" => "SELECT neighborhood, estimate, margin_of_error FROM population ORDER BY estimate DESC",
        "students" => "SELECT field, count(*) AS students FROM students GROUP BY field ORDER BY field",
        "student-messages" => "SELECT filiere, count(*) AS students FROM student_messages GROUP BY filiere ORDER BY filiere",
        "device-events" => "SELECT status, count(*) AS readings FROM device_readings GROUP BY status ORDER BY status",
        _ => "SELECT batch_id, rows_read, rows_written, rows_quarantined FROM batches",
    };
}
