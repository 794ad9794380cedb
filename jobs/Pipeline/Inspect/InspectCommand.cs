using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Inputs;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Inspect;

/// <summary><c>pipeline inspect FILE</c>: what a file would become, before any job takes it in.</summary>
internal sealed class InspectCommand : IJob
{
    private static readonly StructType ColumnsShown = new(
        new StructField("column", new StringType()), new StructField("source", new StringType()), new StructField("type", new StringType()), new StructField("unit", new StringType()),
        new StructField("filled", new LongType()), new StructField("empty", new LongType()), new StructField("broken", new LongType()), new StructField("least", new StringType()), new StructField("greatest", new StringType()));

    private static readonly StructType RulesShown = new(
        new StructField("column", new StringType()), new StructField("rule", new StringType()), new StructField("rows", new LongType()), new StructField("example", new StringType()), new StructField("line", new StringType()));

    public string Name => "inspect";

    public string Purpose => "Reads a file by its contract and tells what is in each column and which rows a job would reject; writes nothing.";

    public IReadOnlyList<string> Examples =>
    [
        "pipeline inspect data/LTM_Data_2022_8_1.csv",
        "pipeline inspect etudiants.csv --dataset students --output json",
        "pipeline inspect hdfs://namenode:8020/landing/total-population.csv",
    ];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("file", "A CSV file or workbook: a path, file: or hdfs: URI"),
        JobOption.Share("max-bad-share", "Share of bad rows, 0 to 1, over which batch-etl would quarantine the whole file", "0.5"),
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var known = KnownFile.Of(context.Get("file"), context.DatasetName);
        var file = await InputFiles.GetAsync(context, known.Uri, cancellationToken);
        var profile = await FileProfile.ReadAsync(context, known, file, cancellationToken);
        var columns = profile.Columns.Select(column => new Row(ColumnsShown, [column.Contract.Name, column.Contract.SourceName, column.Contract.Type.SimpleString, column.Contract.Unit, column.Filled, column.Empty, column.Broken, column.Least, column.Greatest]));
        if (context.Get(CommonOptions.Output) == "json")
        {
            RowWriter.JsonLines(context.Output, columns, cancellationToken);
            return JobOutcome.Done("Inspected.");
        }
        var text = context.Output;
        text.WriteLine($"{PrintableText.OneLine(file.Name)}: {known.What}; {ByteSize.Of(file.SizeBytes)}");
        text.WriteLine(Verdict(profile, known, context.GetNumber("max-bad-share")));
        text.WriteLine();
        RowWriter.Table(text, ColumnsShown, columns, cellWidth: 32);
        if (profile.Rules.Count == 0) return JobOutcome.Done("Inspected.");
        text.WriteLine();
        RowWriter.Table(text, RulesShown, profile.Rules.Select(static rule => new Row(RulesShown, [rule.Column, rule.Rule, rule.Rows, rule.Example, rule.Line])));
        return JobOutcome.Done("Inspected.");
    }

    private static string Verdict(FileProfile profile, KnownFile known, double maxBadShare)
    {
        var counts = string.Create(CultureInfo.InvariantCulture, $"{profile.Rows:N0} rows: {profile.Rows - profile.Bad:N0} good, {profile.Bad:N0} bad");
        if (profile.Bad == 0) return counts + ".";
        var share = profile.Bad / (double)profile.Rows;
        return string.Create(CultureInfo.InvariantCulture, $"{counts} ({share:0.##%}). ") + (known.IsMain
            ? share > maxBadShare ? "batch-etl would put the whole file into quarantine." : "batch-etl would write the good ones and quarantine the others."
            : known.Source.QuarantinesBadRows ? "A join would take the good ones and quarantine the others." : "A join would refuse it: mend the file first.");
    }
}
