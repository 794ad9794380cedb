using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Suite.Runtime.Settings;

/// <summary>Sections that pipeline.yml may have, so that one file serves every program of the suite and a misspelt section is still refused.</summary>
internal static class KnownSections
{
    // A program of one job does not know the others' options: it accepts their sections and leaves the keys in them to their owners.
    private static readonly string[] Programs = ["batch-etl", "stream-ingest", "hdfs-enrich", "metrics-export", "demo", "report", "dashboard", "merge", "producer", "postgres"];

    public static Dictionary<string, IReadOnlyCollection<string>?> With(IEnumerable<IJob> jobs)
    {
        var sections = Programs.ToDictionary(static name => name, static _ => (IReadOnlyCollection<string>?)null, StringComparer.OrdinalIgnoreCase);
        foreach (var section in jobs.GroupBy(static job => job.Section))
            sections[section.Key] = [.. section.SelectMany(CommonOptions.With).SelectMany(static option => option.Names).Distinct()];
        return sections;
    }
}
