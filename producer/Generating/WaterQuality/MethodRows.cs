using System.Collections.Immutable;
using System.Globalization;
using Contract = Pipeline.Suite.Schemas.WaterQuality;

namespace Pipeline.Producer.Generating.WaterQuality;

/// <summary>Methods by programme, parameter and years, with the real file's traps: years that overlap, programmes and parameters without a method, line breaks in text.</summary>
internal static class MethodRows
{
    /// <summary>Parameters that have methods but no column among the samples.</summary>
    private static readonly ImmutableArray<string> OtherParameters = ["AL_ORG", "AL_TD", "COLOR_TRU", "DIC", "TURB"];

    private static readonly ImmutableArray<string> Names = ["EPA 300.0, 4110 B", "EPA 200.7 rev 4.4", "Gran 1952", "EPA 1987 sec 5.0", "AN141", "Slavin 1968", "EPA 415.1, 5310 C", "APHA 1985", "Unknown"];

    private static readonly ImmutableArray<string> Descriptions =
    [
        "Ion chromatography. Determination of inorganic anions in environmental waters.",
        "Inductively coupled plasma; reported as SiO\u2082 where silica is meant.",
        "Gran titration, 1952; repeated 1987\u20131991.",
        "Electrode; \"closed\" system. APHA, Standard Methods, 15th and 16th eds.",
        "AAS Direct Aspiration. Standard Methods, 18th-21st Editions, American\nWater Works Association, and Water Pollution Control Federation, 1992-2005.",
        "Thermistor on the probe; read at the depth of the sample.",
    ];

    // (from, to); an open end is still in use. The second of each programme's sets has the two that overlap.
    private static readonly ImmutableArray<(int From, int? To)> Two = [(1979, 1991), (1992, null)];
    private static readonly ImmutableArray<(int From, int? To)> Three = [(1979, 2004), (2005, 2014), (2015, null)];
    private static readonly ImmutableArray<(int From, int? To)> Overlapping = [(1979, 2009), (2010, 2014), (2010, 2017), (2018, null)];

    internal static IReadOnlyList<string[]> Make(ulong seed)
    {
        var random = SeededRandom.For(seed, "methods");
        var rows = new List<string[]>();
        foreach (var programme in Programme.All.Where(programme => programme.Id != "LTM_PA"))
        {
            foreach (var parameter in Contract.Measurements.Select(measurement => measurement.Parameter).Concat(OtherParameters))
            {
                if (programme.Id == "LTM_ME" && parameter == "NH4")
                    continue;
                Add(rows, random, programme.Id, parameter);
            }
        }
        return rows;
    }

    private static void Add(List<string[]> rows, SeededRandom random, string programme, string parameter)
    {
        var method = "";
        foreach (var (from, to) in programme switch { "LTM_ALTM" => Overlapping, "LTM_ME" or "LTM_CAT" => Three, _ => Two })
        {
            // The second of the overlapping ones is mostly the same method under other years.
            var isRepeated = from == 2010 && to == 2017 && random.Chance(0.7);
            method = isRepeated ? method : random.One(Names);
            rows.Add([programme, parameter, from.ToString(CultureInfo.InvariantCulture), to?.ToString(CultureInfo.InvariantCulture) ?? "", method, random.One(Descriptions)]);
        }
    }
}
