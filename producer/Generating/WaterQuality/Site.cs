using System.Collections.Immutable;

namespace Pipeline.Producer.Generating.WaterQuality;

/// <summary>A made-up site: where it is, and what its water is like in 2000 and how that changes.</summary>
internal sealed record Site(string Id, Programme Programme, string Name, string County, Ecoregion Ecoregion, bool IsLake, double Latitude, double Longitude)
{
    /// <summary>ANC in 2000, in µeq/L.</summary>
    internal required double Anc { get; init; }

    /// <summary>How ANC changes, in µeq/L a year: most waters recover.</summary>
    internal required double AncSlope { get; init; }

    /// <summary>How strongly ANC follows the season, in µeq/L.</summary>
    internal required double Swing { get; init; }

    /// <summary>Sulfate in 1990, in µeq/L.</summary>
    internal required double Sulfate { get; init; }

    /// <summary>Chloride, in µeq/L; a road near by makes it thousands.</summary>
    internal required double Chloride { get; init; }

    /// <summary>Dissolved organic carbon, in mg/L.</summary>
    internal required double Carbon { get; init; }

    /// <summary>Nitrate, in µeq/L.</summary>
    internal required double Nitrate { get; init; }
}

/// <summary>All sites of a seed.</summary>
internal static class SiteCatalog
{
    private static readonly ImmutableArray<string> First = ["Long", "Black", "Clear", "Loon", "Moss", "Otter", "Stony", "Big", "Little", "Deer", "Hemlock", "Rondout", "Paine", "Upper", "Lost", "Beaver", "Heart", "Copper", "Raven", "Granite"];
    private static readonly ImmutableArray<string> Lakes = ["Pond", "Lake", "Pond, North Basin"];
    private static readonly ImmutableArray<string> Streams = ["Brook", "Run", "Creek", "River", "Branch, Headwater"];

    internal static ImmutableArray<Site> Make(ulong seed)
    {
        var random = SeededRandom.For(seed, "sites");
        var sites = ImmutableArray.CreateBuilder<Site>();
        foreach (var programme in Programme.All)
        {
            for (var number = 0; number < programme.Sites; number++)
                sites.Add(Make(random, programme, number));
        }
        return sites.ToImmutable();
    }

    private static Site Make(SeededRandom random, Programme programme, int number)
    {
        var isLake = random.Chance(programme.LakeShare);
        var name = $"{random.One(First)} {random.One(isLake ? Lakes : Streams)}";
        // The acid waters are the ones that recover fastest.
        var anc = random.Chance(0.35) ? random.Between(-70.0, 15.0) : random.Between(15.0, 230.0);
        // One site in the first programme lies beside a salted road, so that thousands turn up in small files as well.
        var isSalted = programme == Programme.All[0] && number == 1;
        return new Site(programme.SiteId(number), programme, name, random.One(programme.Counties), random.One(programme.Ecoregions), isLake,
            programme.Latitude + random.Between(-0.6, 0.6), programme.Longitude + random.Between(-0.6, 0.6))
        {
            Anc = anc,
            AncSlope = anc < 15 ? random.Between(0.5, 2.2) : random.Between(-0.5, 1.0),
            Swing = random.Between(4.0, 25.0),
            Sulfate = random.Between(70.0, 170.0),
            Chloride = isSalted ? 1250 : random.Between(5.0, 45.0),
            Carbon = isLake ? random.Between(2.0, 11.0) : random.Between(0.5, 4.0),
            Nitrate = random.Between(1.0, 35.0),
        };
    }
}
