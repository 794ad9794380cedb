using System.Globalization;
using System.Text;

namespace Pipeline.Tests.Support.Reference;

/// <summary>A measured value with its method and site, found row by row in plain C#, without the suite's own code.</summary>
public sealed record ReferenceValue(
    string Site, string Program, DateTime SampledAt, string Location, string Type, string Depth, string Time, string Waterbody,
    string Parameter, double Value, string? Method, int Candidates, string? State, string? EcoregionIii);

/// <summary>Statistics of some values.</summary>
public sealed record ReferenceStats(long N, double Mean, double? Stddev, double Min, double Median, double Max);

/// <summary>What the water-quality tables must hold, computed independently of the engines and of the suite's own readers: loops and LINQ.</summary>
public sealed class WaterQualityReference
{
    private WaterQualityReference(int samples, IReadOnlyList<ReferenceValue> values)
    {
        Samples = samples;
        Values = values;
    }

    /// <summary>Rows of the samples file.</summary>
    public int Samples { get; }

    /// <summary>Every value that is not empty.</summary>
    public IReadOnlyList<ReferenceValue> Values { get; }

    /// <summary>Reads the three CSV files of a folder.</summary>
    public static WaterQualityReference Read(string folder)
    {
        var methods = Rows(Directory.GetFiles(folder, "Methods*.csv").Single())
            .Select(row => (Program: row["PROGRAM_ID"], Parameter: row["PARAMETER"], Start: Year(row["START_YEAR"]), End: row["END_YEAR"].Length == 0 ? int.MaxValue : Year(row["END_YEAR"]), Method: row["METHOD"]))
            .ToLookup(method => (method.Program, method.Parameter));
        var sites = Rows(Directory.GetFiles(folder, "Site_Information*.csv").Single()).ToDictionary(row => (row["SITE_ID"], row["PROGRAM_ID"]));
        var values = new List<ReferenceValue>();
        var samples = 0;
        foreach (var row in Rows(Directory.GetFiles(folder, "LTM_Data*.csv").Single()))
        {
            samples++;
            var at = DateTime.ParseExact(row["DATE_SMP"], "MM/dd/yyyy HH:mm:ss", CultureInfo.InvariantCulture);
            var site = sites.GetValueOrDefault((row["SITE_ID"], row["PROGRAM_ID"]));
            foreach (var (column, text) in row.Skip(8))
            {
                if (text.Length == 0) continue;
                var parameter = column.StartsWith("PH_", StringComparison.Ordinal) ? column : Parameter(column);
                var candidates = methods[(row["PROGRAM_ID"], parameter)].Where(method => method.Start <= at.Year && at.Year <= method.End).ToList();
                var best = candidates.OrderByDescending(method => method.Start).ThenBy(method => method.End).ThenBy(method => method.Method, StringComparer.Ordinal).FirstOrDefault();
                var number = double.Parse(text.Replace(" ", "", StringComparison.Ordinal).Replace("\u00A0", "", StringComparison.Ordinal).Replace(',', '.'), CultureInfo.InvariantCulture);
                values.Add(new ReferenceValue(
                    row["SITE_ID"], row["PROGRAM_ID"], at, row["SAMPLE_LOCATION"], row["SAMPLE_TYPE"], row["SAMPLE_DEPTH"], row["TIME_SMP"], row["WATERBODY_TYPE"],
                    parameter, number, best.Method, candidates.Count, site?["STATE"], site?["ECOREGION_III"]));
            }
        }
        return new WaterQualityReference(samples, values);
    }

    /// <summary>Count, mean, sample standard deviation, least, median and greatest of some values.</summary>
    public static ReferenceStats Stats(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var mean = sorted.Sum() / sorted.Length;
        double? stddev = sorted.Length < 2 ? null : Math.Sqrt(sorted.Sum(value => (value - mean) * (value - mean)) / (sorted.Length - 1));
        return new ReferenceStats(sorted.Length, mean, stddev, sorted[0], Quantile(sorted, 0.5), sorted[^1]);
    }

    /// <summary>Quantile by linear interpolation between the closest ranks.</summary>
    public static double Quantile(double[] sorted, double p)
    {
        var place = p * (sorted.Length - 1);
        var below = (int)Math.Floor(place);
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
    }

    /// <summary>Theil–Sen slope of ANC's yearly means by (programme, site); null where there are fewer than two years.</summary>
    public IReadOnlyDictionary<(string Program, string Site), double?> AncSlopes() => Values
        .Where(value => value.Parameter == "ANC")
        .GroupBy(value => (value.Program, value.Site))
        .ToDictionary(site => site.Key, site =>
        {
            var means = site.GroupBy(value => value.SampledAt.Year).Select(year => (Year: year.Key, Mean: year.Average(value => value.Value))).ToList();
            var slopes = means.SelectMany(_ => means, (from, to) => (from, to)).Where(pair => pair.to.Year > pair.from.Year)
                .Select(pair => (pair.to.Mean - pair.from.Mean) / (pair.to.Year - pair.from.Year)).Order().ToArray();
            return slopes.Length == 0 ? (double?)null : Quantile(slopes, 0.5);
        });

    private static string Parameter(string column)
    {
        foreach (var unit in (string[])["_UEQ_L", "_MG_L", "_UG_L", "_UM_CM", "_DEG_C", "_M"])
            if (column.EndsWith(unit, StringComparison.Ordinal)) return column[..^unit.Length];
        throw new InvalidDataException($"Column '{column}' has no known unit.");
    }

    private static int Year(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static IEnumerable<Dictionary<string, string>> Rows(string file)
    {
        string[]? header = null;
        foreach (var record in Records(File.ReadAllText(file)))
        {
            if (header is null) header = record;
            else yield return header.Zip(record).ToDictionary(static field => field.First, static field => field.Second);
        }
    }

    /// <summary>Records of a text with ';' between fields, quotes around fields that need them, and any line break.</summary>
    private static IEnumerable<string[]> Records(string text)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when isQuoted && i + 1 < text.Length && text[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case ';' when !isQuoted:
                    fields.Add(field.ToString());
                    field.Clear();
                    break;
                case '\r' when !isQuoted:
                    break;
                case '\n' when !isQuoted:
                    fields.Add(field.ToString());
                    field.Clear();
                    yield return [.. fields];
                    fields.Clear();
                    break;
                default:
                    field.Append(text[i]);
                    break;
            }
        }
        if (fields.Count == 0 && field.Length == 0) yield break;
        fields.Add(field.ToString());
        yield return [.. fields];
    }
}
