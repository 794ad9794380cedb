using System.Collections.Immutable;

namespace Pipeline.Producer.Generating.WaterQuality;

/// <summary>What a sample of a site measures on a day, in whole numbers as in the real data.</summary>
internal sealed class Chemistry
{
    private const int DaysInYear = 365;
    private const int Count = 22;

    // Snowmelt in March and April brings acid water, late summer the least.
    private static readonly ImmutableArray<double> Season = [-0.2, -0.4, -0.8, -1.0, -0.5, 0.2, 0.7, 1.0, 0.9, 0.5, 0.2, 0.0];
    private static readonly ImmutableArray<double> Warmth = [1, 1, 4, 8, 13, 18, 21, 21, 17, 11, 6, 2];
    private readonly long[] _values = new long[Count];

    /// <summary>The values in the order of the 22 columns, whether or not the programme measures them.</summary>
    internal ReadOnlySpan<long> Values => _values;

    internal void Measure(Site site, DateTime day, SeededRandom random)
    {
        var year = day.Year + day.DayOfYear / (double)DaysInYear;
        var season = Season[day.Month - 1];
        var anc = site.Anc + site.AncSlope * (year - 2000) + site.Swing * season + random.NextNormal() * 5;
        var sulfate = Math.Max(12, site.Sulfate * (1 - 0.021 * (year - 1990)) + random.NextNormal() * 6);
        var nitrate = Math.Max(0, site.Nitrate * (0.7 - season * 0.8) + random.NextNormal() * 2);
        var chloride = Math.Max(1, site.Chloride * (1 + random.NextNormal() * 0.12));
        var calcium = Math.Max(4, 0.55 * Math.Max(anc, -20) + 0.45 * sulfate + 12 + random.NextNormal() * 5);
        var acidity = Acidity(anc);
        Set(0, anc);
        Set(1, calcium);
        Set(2, Math.Max(0, 2 + 4 * season + random.NextNormal() * 3));
        Set(3, chloride);
        Set(4, Math.Max(3, (sulfate + nitrate + chloride + Math.Abs(anc) + calcium) / 16));
        Set(5, Math.Max(0, site.Carbon * (1 + 0.01 * (year - 2000)) + random.NextNormal() * 0.7));
        Set(6, Math.Max(0, 2.5 + random.NextNormal()));
        Set(7, Math.Max(1, 7 + random.NextNormal() * 3));
        Set(8, Math.Max(3, calcium * 0.35 + random.NextNormal() * 3));
        Set(9, Math.Max(3, chloride * 0.85 + 12 + random.NextNormal() * 4));
        Set(10, BelowDetection(random, 0.022) ?? Math.Max(0, 1 + random.NextNormal() * 1.6));
        Set(11, nitrate);
        Set(12, nitrate * 4 + 40 + random.NextNormal() * 20);
        Set(13, acidity + 0.4 + random.NextNormal() * 0.15);
        Set(14, acidity + random.NextNormal() * 0.3);
        Set(15, acidity + random.NextNormal() * 0.2);
        Set(16, acidity + random.NextNormal() * 0.2);
        Set(17, Math.Max(0, 6 + random.NextNormal() * 3));
        Set(18, Math.Max(1, 4 - 0.3 * site.Carbon + random.NextNormal()));
        Set(19, random.Chance(0.0006) ? -1 : Math.Max(0, (site.IsLake ? 3 : 60) + random.NextNormal() * (site.IsLake ? 1.2 : 15)));
        Set(20, sulfate);
        Set(21, Warmth[day.Month - 1] + random.NextNormal() * 2);
    }

    private void Set(int index, double value) => _values[index] = (long)Math.Round(value, MidpointRounding.AwayFromZero);

    /// <summary>A negative number, the way a laboratory says 'below detection', or null.</summary>
    private static double? BelowDetection(SeededRandom random, double chance) => random.Chance(chance) ? random.Chance(0.9) ? -1 : -random.Between(2, 6) : null;

    /// <summary>pH by ANC, along a line through points: exact sums only, so that it is the same on every machine.</summary>
    private static double Acidity(double anc) => anc switch
    {
        < -60 => 4.2,
        < 0 => 4.2 + (anc + 60) / 60 * 1.1,
        < 50 => 5.3 + anc / 50 * 1.2,
        < 200 => 6.5 + (anc - 50) / 150 * 0.7,
        _ => 7.3,
    };
}
