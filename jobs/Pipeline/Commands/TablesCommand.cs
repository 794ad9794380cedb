using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline tables</c>: what tables the lake has.</summary>
internal sealed class TablesCommand : IJob
{
    private static readonly StructType Columns = new(
        new StructField("name", new StringType()), new StructField("rows", new LongType()), new StructField("size_bytes", new LongType()), new StructField("version", new LongType()),
        new StructField("changed_at", new TimestampType()), new StructField("dataset", new StringType()), new StructField("description", new StringType()));

    // People read sizes with a unit and times to the minute.
    private static readonly StructType Shown = new(
        new StructField("name", new StringType()), new StructField("rows", new LongType()), new StructField("size", new StringType()), new StructField("version", new LongType()),
        new StructField("changed (UTC)", new StringType()), new StructField("a row is", new StringType()));

    public string Name => "tables";

    public string Purpose => "Lists the lake's tables: rows, size, version, last change and what a row is.";

    public IReadOnlyList<string> Examples => ["pipeline tables", "pipeline tables --dataset water-quality", "pipeline tables --output json"];

    public IReadOnlyList<JobOption> Options => [];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var names = await LakeTables.ListAsync(context.Lake, cancellationToken);
        if (names.Names.Count == 0) throw new UsageException(names.Describe());
        var all = await LakeCatalog.ReadAsync(context.Lake, names, cancellationToken);
        var tables = all.Where(table => context.DatasetName is null || table.Dataset == context.DatasetName).ToList();
        if (context.Get(CommonOptions.Output) == "json")
        {
            RowWriter.JsonLines(context.Output, tables.Select(static table => new Row(Columns, [table.Name, table.Rows, table.SizeBytes, table.Version, table.ChangedAt?.UtcDateTime, table.Dataset, table.Grain])), cancellationToken);
        }
        else
        {
            RowWriter.Table(context.Output, Shown, tables.Select(static table => new Row(Shown,
                [table.Name, table.Rows, ByteSize.Of(table.SizeBytes), table.Version, table.ChangedAt?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "", table.Grain ?? ""])), RowWriter.AllRows, width: context.Width);
            context.Note("'pipeline describe TABLE' explains a table's columns.");
        }
        return JobOutcome.Done("Listed.");
    }
}
