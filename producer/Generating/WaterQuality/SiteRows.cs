using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Producer.Generating.WaterQuality;

/// <summary>The sites as the real file writes them: decimal commas, thousands with blanks, ecoregion codes as text, much left empty for streams.</summary>
internal static class SiteRows
{
    private static readonly NumberFormatInfo Comma = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = " " };

    internal static IReadOnlyList<string[]> Make(ImmutableArray<Site> sites, ulong seed)
    {
        var random = SeededRandom.For(seed, "site-details");
        return [.. sites.Select(site => Row(site, random))];
    }

    private static string[] Row(Site site, SeededRandom random)
    {
        var elevation = random.Between(60.0, 900.0);
        var feature = random.Between(4_000_000, 23_000_000);
        var region = site.Ecoregion;
        return
        [
            site.Id, site.Programme.Id, Decimal(site.Latitude, 6), Decimal(site.Longitude, 6),
            Lake(site, site.Latitude - 0.0012, 6), Lake(site, site.Longitude + 0.0017, 6),
            site.Name, random.Chance(0.9) ? Whole(feature) : "", Whole(site.IsLake ? feature + random.Between(100, 2_000) : feature),
            site.County, site.Programme.State,
            region.CodeI, region.CodeII, region.CodeIII, region.CodeIV, region.NameI, region.NameII, region.NameIII, region.NameIV,
            Lake(site, random.Between(1.5, 28.0), 3), random.Chance(0.65) ? Lake(site, random.Between(0.8, 9.0), 3) : "", "",
            Lake(site, random.Between(1.0, 90.0), 3), Lake(site, random.Between(1.0, 90.0), 3), Lake(site, random.Between(20.0, 1500.0), 3),
            Decimal(elevation, 3), Decimal(elevation + random.Between(10.0, 200.0), 3), Decimal(elevation - 0.5, 3), Decimal(elevation + random.Between(200.0, 600.0), 3),
            Decimal(random.Between(4.0, 32.0), 3), site.IsLake ? "02/06/2020 09:36:22" : "",
        ];
    }

    private static string Lake(Site site, double value, int digits) => site.IsLake ? Decimal(value, digits) : "";

    private static string Decimal(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), Comma);

    private static string Whole(int value) => value.ToString("N0", Comma);
}
