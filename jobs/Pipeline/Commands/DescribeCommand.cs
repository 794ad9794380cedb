using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline describe TABLE</c>: what the columns of a table are and mean.</summary>
internal sealed class DescribeCommand : IJob
{
    private static readonly StructType Columns = new(
        new StructField("column", new StringType()), new StructField("type", new StringType()), new StructField("unit", new StringType()), new StructField("key", new IntegerType()),
        new StructField("nullable", new BooleanType()), new StructField("description", new StringType()));

    private static readonly StructType Shown = new(
        new StructField("column", new StringType()), new StructField("type", new StringType()), new StructField("unit", new StringType()), new StructField("key", new StringType()),
        new StructField("null", new StringType()), new StructField("meaning", new StringType()));

    public string Name => "describe";

    public string Purpose => "Explains a table: what a row is, where it comes from, and each column's type, unit, key, nullability and meaning.";

    public IReadOnlyList<string> Examples => ["pipeline describe water_measurements", "pipeline describe water_samples_quarantine", "pipeline describe batches --output json"];

    public IReadOnlyList<JobOption> Options { get; } = [JobOption.Argument("table", "Name of a table, as 'pipeline tables' lists it")];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var table = await LakeCatalog.ReadAsync(context.Lake, await LakeTables.ListAsync(context.Lake, cancellationToken), context.Get("table"), cancellationToken);
        if (context.Get(CommonOptions.Output) == "json")
            RowWriter.JsonLines(context.Output, table.Columns.Select(static column => new Row(Columns, [column.Name, column.Type, column.Unit, column.KeyPlace, column.IsNullable, column.Description])), cancellationToken);
        else
            Write(context, table);
        return JobOutcome.Done("Described.");
    }

    private static void Write(JobContext context, CatalogTable table)
    {
        var output = context.Output;
        output.WriteLine($"{table.Name}{(table.Grain is null ? "" : $": {table.Grain} per row")}");
        if (table.Lineage is not null) output.WriteLine($"  from      {table.Lineage}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  rows      {(table.Rows is { } rows ? rows.ToString("N0", CultureInfo.InvariantCulture) : "unknown")}; {ByteSize.Of(table.SizeBytes)} in {table.Files} {(table.Files == 1 ? "file" : "files")}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  version   {table.Version}{(table.ChangedAt is { } at ? $" of {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "")}"));
        output.WriteLine($"  location  {PrintableText.OneLine(table.Location)}");
        output.WriteLine();
        RowWriter.Table(output, Shown, table.Columns.Select(static column => new Row(Shown,
            [column.Name, column.Type, column.Unit ?? "", column.KeyPlace is null ? "" : "key", column.IsNullable ? "" : "no", column.Description ?? ""])), RowWriter.AllRows, cellWidth: 120, width: context.Width, wrapsLast: true);
    }
}
