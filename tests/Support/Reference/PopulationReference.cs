using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Tests.Support.Reference;

/// <summary>A derived figure of a neighborhood: null where it cannot be known.</summary>
public sealed record ReferenceFigure(double? Value, double? MarginOfError, string? Reliability);

/// <summary>What the population tables must hold, computed from the four files with loops and LINQ, without the suite's own code.</summary>
public sealed partial class PopulationReference
{
    private readonly Dictionary<long, (double? Value, double? Margin)> people;
    private readonly Dictionary<long, (double? Value, double? Margin)> income;
    private readonly Dictionary<long, (double? Value, double? Margin)> insured;
    private readonly Dictionary<long, (double? Value, double? Margin)> selfEmployed;
    private readonly Dictionary<long, (double? Value, double? Margin)> households;

    private PopulationReference(string folder)
    {
        people = Column(folder, "total-population.csv", 2);
        income = Column(folder, "household-income.csv", 2);
        insured = Column(folder, "health-insurance.csv", 2);
        selfEmployed = Column(folder, "self-employment-income.csv", 2);
        households = Column(folder, "self-employment-income.csv", 4);
    }

    /// <summary>Ids of all neighborhoods that any file has, ordered.</summary>
    public IReadOnlyList<long> Ids => [.. people.Keys.Union(income.Keys).Union(insured.Keys).Union(selfEmployed.Keys).Order()];

    /// <summary>How many neighborhoods of <see cref="Ids"/> each source has.</summary>
    public IReadOnlyDictionary<string, int> Counts => new Dictionary<string, int>
    {
        ["total-population"] = people.Count,
        ["household-income"] = income.Count,
        ["health-insurance"] = insured.Count,
        ["self-employment-income"] = selfEmployed.Count,
    };

    /// <summary>Reads the files of a folder: a line that is none of theirs, and an id that was there, are left out.</summary>
    public static PopulationReference Read(string folder) => new(folder);

    /// <summary>A figure of a neighborhood, by the name of its metric.</summary>
    public ReferenceFigure Figure(string metric, long id) => metric switch
    {
        "income_per_person" => Of(Get(income, id), Get(people, id), isProportion: false),
        "income_per_household" => Of(Get(income, id), Get(households, id), isProportion: false),
        "insured_share" => Of(Get(insured, id), Get(people, id), isProportion: true),
        "self_employed_share" => Of(Get(selfEmployed, id), Get(people, id), isProportion: true),
        "self_employed_household_share" => Of(Get(selfEmployed, id), Get(households, id), isProportion: true),
        _ => throw new ArgumentException($"There is no metric '{metric}'.", nameof(metric)),
    };

    private static ReferenceFigure Of((double? Value, double? Margin) part, (double? Value, double? Margin) whole, bool isProportion)
    {
        if (part.Value is not { } a || whole.Value is not { } b || b == 0) return new ReferenceFigure(null, null, null);
        var ratio = a / b;
        if (part.Margin is not { } marginOfPart || whole.Margin is not { } marginOfWhole) return new ReferenceFigure(ratio, null, null);
        var left = marginOfPart * marginOfPart;
        var right = ratio * ratio * (marginOfWhole * marginOfWhole);
        var margin = Math.Sqrt(isProportion && left >= right ? left - right : left + right) / b;
        if (ratio == 0) return new ReferenceFigure(ratio, margin, null);
        var variation = margin / 1.645 / ratio;
        return new ReferenceFigure(ratio, margin, variation <= 0.12 ? "high" : variation <= 0.40 ? "medium" : "low");
    }

    private static (double? Value, double? Margin) Get(Dictionary<long, (double?, double?)> column, long id) => column.GetValueOrDefault(id);

    private static Dictionary<long, (double? Value, double? Margin)> Column(string folder, string file, int first)
    {
        var found = new Dictionary<long, (double?, double?)>();
        foreach (var line in File.ReadLines(Path.Combine(folder, file)).Skip(1))
        {
            var fields = line.Split(',');
            if (fields.Length <= first + 1 || !WholeNumber().IsMatch(fields[1]) || !fields[2..].All(field => field.Length == 0 || Number().IsMatch(field))) continue;
            found.TryAdd(long.Parse(fields[1], CultureInfo.InvariantCulture), (Parse(fields[first]), Parse(fields[first + 1])));
        }
        return found;
    }

    private static double? Parse(string text) => text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex("^[0-9]+$")]
    private static partial Regex WholeNumber();

    [GeneratedRegex("^[0-9]+([.][0-9]+)?$")]
    private static partial Regex Number();
}
