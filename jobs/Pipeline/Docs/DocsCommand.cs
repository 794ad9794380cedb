using System.Text;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Jobs.Cli.Docs;

/// <summary><c>pipeline docs --out DIR</c>: the lake's tables as a static site.</summary>
internal sealed class DocsCommand : IJob
{
    private const int MostRuns = 10;

    public string Name => "docs";

    public string Purpose => "Writes the lake's tables as a static site: a page a table with columns, units, origin, last runs and some rows. Needs no server.";

    public IReadOnlyList<string> Examples => ["pipeline docs --out site", "pipeline docs --out site --samples 0", "pipeline docs --out site --dataset water-quality"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("out", "Folder for the pages; made where it is not there") { IsRequired = true, ValueName = "DIR" },
        new("samples", "Rows of each table to show; never of a quarantine, whose rows are private", "5") { Kind = OptionKind.Integer, Min = 0, Max = 100, ValueName = "N" },
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var names = await LakeTables.ListAsync(context.Lake, cancellationToken);
        if (names.Names.Count == 0) throw new UsageException(names.Describe());
        var all = await LakeCatalog.ReadAsync(context.Lake, names, cancellationToken);
        var tables = all.Where(table => context.DatasetName is null || table.Dataset == context.DatasetName).ToList();
        var runs = await RunHistory.ReadAsync(context.Lake, cancellationToken).ToListAsync(cancellationToken);
        var folder = Path.GetFullPath(context.Get("out"));
        Directory.CreateDirectory(folder);
        var samples = (int)context.GetInt("samples");
        foreach (var table in tables)
        {
            var isPrivate = table.Name.EndsWith(LakeTables.QuarantineSuffix, StringComparison.Ordinal);
            var sample = samples == 0 || isPrivate ? null : context.Spark.Read().Format("delta").Load(table.Location).Limit(samples).Collect(cancellationToken);
            var touching = runs.Where(run => run.Tables.Any(touched => touched.Name == table.Name)).Take(MostRuns).ToList();
            Write(CataloguePages.FileOf(table.Name), CataloguePages.Of(table, sample, touching));
        }
        Write("index.html", CataloguePages.Index(context.Lake.Root, tables, DateTimeOffset.UtcNow));
        context.Output.WriteLine(Path.Combine(folder, "index.html"));
        return JobOutcome.Done($"Wrote {Counted.Of(tables.Count + 1, "page")}.");

        void Write(string name, string html) => AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(Encoding.UTF8.GetBytes(html)));
    }
}
