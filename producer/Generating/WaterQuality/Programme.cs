using System.Collections.Immutable;

namespace Pipeline.Producer.Generating.WaterQuality;

/// <summary>A monitoring programme as it is in the real data: how many sites, what kind, and how often it measures each parameter.</summary>
/// <param name="Id">PROGRAM_ID.</param>
/// <param name="Sites">How many sites it has.</param>
/// <param name="State">Where most are.</param>
/// <param name="LakeShare">How many of them are lakes.</param>
/// <param name="Latitude">About where.</param>
/// <param name="Longitude">About where.</param>
internal sealed record Programme(string Id, int Sites, string State, double LakeShare, double Latitude, double Longitude)
{
    internal required ImmutableArray<string> Counties { get; init; }

    /// <summary>Level III and IV ecoregion codes with their names, as text.</summary>
    internal required ImmutableArray<Ecoregion> Ecoregions { get; init; }

    /// <summary>The chance that a sample has a value, in the order of the 22 measured columns.</summary>
    internal required ImmutableArray<double> Measured { get; init; }

    /// <summary>Makes the site's id from its number within the programme.</summary>
    internal required Func<int, string> SiteId { get; init; }

    /// <summary>Ids that stand in this programme and in another one.</summary>
    internal static ImmutableArray<string> SharedIds { get; } = ["020059", "040210", "040850", "040852", "041007", "1A3-065"];

    /// <summary>The six, in the proportions of the real data.</summary>
    internal static ImmutableArray<Programme> All { get; } =
    [
        new("LTM_PA", 5, "Pennsylvania", 0, 41.3, -78.3)
        {
            Counties = ["Elk", "Clinton", "Centre"],
            Ecoregions = [Ecoregion.Plateau],
            SiteId = number => $"P{(char)('B' + number)}R",
            Measured = [0.99, 0.93, 0, 0.92, 0.93, 0.92, 0, 0.92, 0.93, 0.93, 0.93, 0.91, 0, 0, 0.45, 0.55, 0, 0, 0, 0.76, 0.92, 0],
        },
        new("LTM_CAT", 5, "New York", 0, 41.95, -74.4)
        {
            Counties = ["Ulster", "Sullivan"],
            Ecoregions = [Ecoregion.Catskill],
            SiteId = number => $"0{1364900 + number * 59}",
            Measured = [0.99, 0.99, 0, 0.99, 0.92, 0.99, 0, 0.99, 0.99, 0.99, 0.77, 0.99, 0, 0, 0.04, 0.95, 0, 0, 0, 0.99, 0.99, 0.9],
        },
        new("VTSSS", 73, "Virginia", 0, 38.4, -78.9)
        {
            Counties = ["Augusta", "Rockingham", "Madison", "Bath", "Page"],
            Ecoregions = [Ecoregion.BlueRidge, Ecoregion.RidgeAndValley, Ecoregion.Sandstone],
            SiteId = number => $"VT{number + 1:00}",
            Measured = [1, 1, 0, 1, 0.99, 0.07, 0, 1, 1, 1, 0.5, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0.91],
        },
        new("LTM_ALTM", 59, "New York", 0.85, 43.8, -74.6)
        {
            Counties = ["Hamilton", "Herkimer", "Essex", "Lewis", "Franklin"],
            Ecoregions = [Ecoregion.Adirondacks, Ecoregion.Adirondacks, Ecoregion.HighPeaks],
            SiteId = number => number < SharedIds.Length ? SharedIds[number] : number % 2 == 0 ? $"0{30100 + number * 97:00000}" : $"1A{number % 3 + 1}-{number + 10:000}",
            Measured = [0.99, 0.99, 0.23, 0.99, 0.99, 0.99, 0.96, 0.99, 0.99, 0.99, 0.99, 0.99, 0, 0.95, 0.05, 0.95, 0, 0.28, 0, 0.99, 0.99, 0.05],
        },
        new("LTM_ME", 21, "Maine", 1, 44.9, -68.2)
        {
            Counties = ["Hancock", "Penobscot", "Washington"],
            Ecoregions = [Ecoregion.Maine],
            SiteId = number => number < SharedIds.Length ? SharedIds[number] : $"1E1-{number + 125}",
            Measured = [0.99, 0.99, 0, 0.99, 0.99, 0.94, 0, 0.99, 0.99, 0.99, 0.06, 0.99, 0.72, 0.97, 0, 0.84, 0.95, 0.61, 0, 0.88, 0.99, 0.51],
        },
        new("LTM_VT", 12, "Vermont", 1, 44.3, -72.7)
        {
            Counties = ["Lamoille", "Windham", "Rutland"],
            Ecoregions = [Ecoregion.GreenMountains],
            SiteId = number => $"1C1-{number + 89:000}",
            Measured = [0.97, 0.98, 0, 0.94, 0.97, 0.58, 0, 0.93, 0.98, 0.93, 0, 0.85, 0, 0.26, 0.97, 0, 0.29, 0.23, 0.79, 0.55, 0.98, 0.93],
        },
    ];
}

/// <summary>An ecoregion, levels I to IV.</summary>
internal sealed record Ecoregion(string CodeI, string CodeII, string CodeIII, string CodeIV, string NameI, string NameII, string NameIII, string NameIV)
{
    private const string Northern = "Northern Forests";
    private const string Eastern = "Eastern Temperate Forests";
    private const string Atlantic = "Atlantic Highlands";
    private const string Maritime = "Northern Appalachian And Atlantic Maritime Highlands";
    private const string Ozark = "Ozark/Ouachita-Appalachian Forests";

    internal static Ecoregion Catskill { get; } = new("5", "5", "5.3", "58y", Northern, Atlantic, Maritime, "Catskill High Peaks");

    internal static Ecoregion Adirondacks { get; } = new("5", "5.3", "5.3.1", "58aa", Northern, Atlantic, Maritime, "Acid Sensitive Adirondacks");

    internal static Ecoregion HighPeaks { get; } = new("5", "5.3", "5.3.1", "58z", Northern, Atlantic, Maritime, "Adirondack High Peaks");

    internal static Ecoregion GreenMountains { get; } = new("5", "5.3", "5.3.1", "58c", Northern, Atlantic, Maritime, "Green Mountains/Berkshire Highlands");

    internal static Ecoregion Maine { get; } = new("8", "8.1", "8.1.8", "82c", Eastern, "Mixed Wood Plains", "Maine/New Brunswick Plains And Hills", "Midcoast");

    internal static Ecoregion Plateau { get; } = new("5", "5", "5.3", "62d", Northern, Atlantic, "North Central Appalachians", "Unglaciated High Allegheny Plateau");

    internal static Ecoregion BlueRidge { get; } = new("8", "8", "8.4", "66b", Eastern, Ozark, "Blue Ridge", "Northern Sedimentary and Metasedimentary Ridges");

    internal static Ecoregion RidgeAndValley { get; } = new("8", "8", "8.4", "67d", Eastern, Ozark, "Ridge And Valley", "Northern Dissected Ridges and Knobs");

    internal static Ecoregion Sandstone { get; } = new("8", "8", "8.4", "67c", Eastern, Ozark, "Ridge And Valley", "Northern Sandstone Ridges");
}
