namespace Pipeline.Runtime;

/// <summary>Sections that pipeline.yml may have, so that one file serves every program of the suite and a misspelt section is still refused.</summary>
internal static class KnownSections
{
    // A program of one job does not know the others' options: it accepts their sections and leaves the keys in them to their owners.
    private static readonly string[] Programs = ["batch-etl", "stream-ingest", "hdfs-enrich", "metrics-export", "demo", "report", "dashboard", "merge", "producer", "postgres"];

    public static Dictionary<string, IReadOnlyCollection<string>?> With(IEnumerable<IJob> jobs)
    {
        var sections = Programs.ToDictionary(static name => name, static _ => (IReadOnlyCollection<string>?)null, StringComparer.OrdinalIgnoreCase);
        foreach (var job in jobs) sections[job.Name.Replace(' ', '-')] = [.. CommonOptions.With(job.Options).Select(static option => option.Name)];
        return sections;
    }
}
