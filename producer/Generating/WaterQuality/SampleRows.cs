using System.Collections.Immutable;
using System.Globalization;
using Contract = Pipeline.Suite.Schemas.WaterQuality;

namespace Pipeline.Producer.Generating.WaterQuality;

/// <summary>Samples, newest first: every site is visited in turn, evenly over 1980 to 2020.</summary>
/// <remarks>
/// The key is unique: a site's visits fall on days of their own, or, where there are more visits than days, at depths of their own. The first programmes' sites come first in each
/// round, so that small files have a salted road's thousands and an id with a leading 0.
/// </remarks>
internal sealed class SampleRows : GeneratedRows
{
    internal const int DepthsADay = 20;
    private const string Space = " ";
    private const string NoBreakSpace = "\u00A0";
    private static readonly DateTime FirstDay = new(1980, 1, 1);
    private static readonly DateTime LastDay = new(2020, 12, 31);
    private readonly ImmutableArray<Site> _sites;
    private readonly SeededRandom _random;
    private readonly Chemistry _chemistry = new();
    private readonly long _visits;

    internal SampleRows(string name, ImmutableArray<Site> sites, long rows, ulong seed) : base(name, [.. Contract.Samples.Columns.Select(column => column.SourceName)], rows)
    {
        _sites = sites;
        _random = SeededRandom.For(seed, "samples");
        _visits = (rows + sites.Length - 1) / sites.Length;
    }

    internal static long Days => (long)(LastDay - FirstDay).TotalDays + 1;

    protected override void Make(long index, RowBuffer row)
    {
        var site = _sites[(int)(index % _sites.Length)];
        var (day, depth) = Visit(index / _sites.Length);
        row.Add(site.Id);
        row.Add(site.Programme.Id);
        AddTimes(row, site, day, out var time);
        AddPlace(row, site, depth, time);
        _chemistry.Measure(site, day, _random);
        for (var i = 0; i < _chemistry.Values.Length; i++)
        {
            if (_random.Chance(site.Programme.Measured[i]))
                row.Add(_chemistry.Values[i], _random.Chance(0.5) ? Space : NoBreakSpace);
            else
                row.AddEmpty();
        }
    }

    /// <summary>The day of a visit, counted back from the last, and which of its day it is.</summary>
    private (DateTime Day, int Depth) Visit(long visit)
    {
        var back = visit * Days / _visits;
        var first = (back * _visits + Days - 1) / Days;
        var interval = (int)(Days / _visits);
        if (interval > 1)
            back = Math.Min(Days - 1, back + _random.Below(interval));
        return (LastDay.AddDays(-back), (int)(visit - first));
    }

    /// <summary>DATE_SMP is midnight for seven of eight; a time of day stands there or in TIME_SMP, not in both.</summary>
    private void AddTimes(RowBuffer row, Site site, DateTime day, out string time)
    {
        var minutes = _random.Between(8 * 60, 16 * 60 - 1);
        var isInDate = !site.IsLake && _random.Chance(0.22);
        row.Add((isInDate ? day.AddMinutes(minutes) : day).ToString("MM/dd/yyyy HH:mm:ss", CultureInfo.InvariantCulture));
        var (hour, minute) = (minutes / 60, minutes % 60);
        time = isInDate || _random.Chance(0.47) ? ""
            : _random.Chance(0.07) ? string.Create(CultureInfo.InvariantCulture, $"{hour:00}:{minute:00}")
            : _random.Chance(0.3) ? string.Create(CultureInfo.InvariantCulture, $"{hour}{minute:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{hour:00}{minute:00}");
    }

    private void AddPlace(RowBuffer row, Site site, int depth, string time)
    {
        var place = site.IsLake ? _random.Chance(0.88) ? "EPI" : _random.Chance(0.6) ? "IN" : "OUT" : site.Programme.Id == "LTM_ALTM" ? "EPI" : "Stream";
        row.Add(place);
        row.Add(site.Programme.Id == "LTM_ME" && _random.Chance(0.16) ? "Annual" : "Regular");
        row.Add(site.IsLake ? "Lake" : "Stream");
        if (site.IsLake || depth > 0)
            row.Add(depth, "");
        else
            row.AddEmpty();
        row.Add(time);
    }
}
