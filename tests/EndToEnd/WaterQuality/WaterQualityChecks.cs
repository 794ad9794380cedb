using FluentAssertions;
using Microsoft.Data.Sqlite;
using Pipeline.Tests.Support.Reference;

namespace Pipeline.Tests.EndToEnd.WaterQuality;

/// <summary>Compares the exported metrics with an independent computation, every figure to 1e-9 of its size.</summary>
internal static class WaterQualityChecks
{
    public static void MetricsEqual(string database, WaterQualityReference reference)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();

        var bySite = reference.Values.GroupBy(value => (value.Program, value.Site, value.Parameter)).ToDictionary(group => group.Key, group => WaterQualityReference.Stats(group.Select(value => value.Value)));
        Compare(Rows(connection, "SELECT program_id, site_id, parameter, n, mean, stddev, min, median, max FROM water_quality_site_parameter_stats"), 3, bySite.ToDictionary(entry => Key(entry.Key.Program, entry.Key.Site, entry.Key.Parameter), entry => Figures(entry.Value)));

        var byMethod = reference.Values.GroupBy(value => (value.Program, value.Parameter, value.Method)).ToDictionary(group => Key(group.Key.Program, group.Key.Parameter, group.Key.Method), group => Figures(WaterQualityReference.Stats(group.Select(value => value.Value))));
        Compare(Rows(connection, "SELECT program_id, parameter, method, n, mean, stddev, min, median, max FROM water_quality_method_parameter_stats"), 3, byMethod);

        var byYear = reference.Values.GroupBy(value => Key(value.Program, value.Site, value.Parameter, value.SampledAt.Year)).ToDictionary(group => group.Key, group => new double?[] { group.Count(), group.Average(value => value.Value) });
        Compare(Rows(connection, "SELECT program_id, site_id, parameter, year, n, mean FROM water_quality_yearly_site_means"), 4, byYear);

        var byCategory = Categories(reference).ToDictionary(group => group.Key, group =>
        {
            var sorted = group.Order().ToArray();
            return new double?[] { sorted.Length, sorted.Sum() / sorted.Length, Q(0.05), Q(0.25), Q(0.5), Q(0.75), Q(0.95) };
            double Q(double p) => WaterQualityReference.Quantile(sorted, p);
        });
        Compare(Rows(connection, "SELECT category, category_value, parameter, n, mean, p05, p25, median, p75, p95 FROM water_quality_category_distribution"), 3, byCategory);

        var slopes = reference.AncSlopes();
        var trend = reference.Values.Where(value => value.Parameter == "ANC").GroupBy(value => (value.Program, value.Site)).ToDictionary(
            site => Key(site.Key.Program, site.Key.Site),
            site => new double?[] { site.Select(value => value.SampledAt.Year).Distinct().Count(), slopes[site.Key], site.Average(value => value.Value < 0 ? 1.0 : 0.0), site.Count() });
        Compare(Rows(connection, "SELECT program_id, site_id, years, anc_slope_ueq_l_per_year, acidic_share, n FROM water_quality_acidity_trend"), 2, trend);
    }

    private static IEnumerable<IGrouping<string, double>> Categories(WaterQualityReference reference) =>
        reference.Values
            .SelectMany(value => new (string Category, string? Of)[]
            {
                ("waterbody_type", value.Waterbody), ("sample_location", value.Location), ("sample_type", value.Type), ("program_id", value.Program), ("state", value.State), ("ecoregion_iii", value.EcoregionIii),
            }.Select(category => (Key: Key(category.Category, category.Of, value.Parameter), value.Value)))
            .GroupBy(entry => entry.Key, entry => entry.Value);

    private static double?[] Figures(ReferenceStats stats) => [stats.N, stats.Mean, stats.Stddev, stats.Min, stats.Median, stats.Max];

    private static string Key(params object?[] parts) => string.Join('|', parts.Select(part => part is null or "" ? "∅" : Convert.ToString(part, System.Globalization.CultureInfo.InvariantCulture)));

    private static List<object?[]> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read()) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        return rows;
    }

    private static void Compare(List<object?[]> actual, int keyColumns, Dictionary<string, double?[]> expected)
    {
        // Sets, not BeEquivalentTo: that compares every key with every other.
        var keys = actual.Select(row => Key(row[..keyColumns])).ToHashSet();
        keys.Should().HaveCount(actual.Count, "each key stands once");
        expected.Keys.Except(keys).Should().BeEmpty("no key is missing");
        keys.Except(expected.Keys).Should().BeEmpty("no key is invented");
        foreach (var row in actual)
        {
            var key = Key(row[..keyColumns]);
            var figures = row[keyColumns..].Select(value => value is null ? (double?)null : Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            var wanted = expected[key];
            for (var i = 0; i < wanted.Length; i++)
            {
                if (wanted[i] is null || figures[i] is null)
                    figures[i].Should().Be(wanted[i], "figure {0} of {1}", i, key);
                else if (Math.Abs(figures[i]!.Value - wanted[i]!.Value) > 1e-9 * Math.Max(1, Math.Abs(wanted[i]!.Value)))
                    figures[i].Should().Be(wanted[i], "figure {0} of {1} must be equal to 1e-9", i, key);
            }
        }
    }
}
