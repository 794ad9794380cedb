using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Producer.Generating;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Producer.Jobs;

/// <summary>Writes look-alike files of a data set. Needs no engine and no lake.</summary>
/// <param name="name">The command's words in the program that has it.</param>
public sealed class GenerateJob(string name = "generate") : ProducerJob(name)
{
    /// <summary>Where files go unless told otherwise: never the current folder, which may have the real ones.</summary>
    public const string DefaultFolder = "./generated";

    private const string Rows = "rows";
    private const string Out = "out";
    private const string Force = "force";
    private const string Excel = "excel";

    /// <inheritdoc/>
    public override string Purpose => "Writes look-alike files of a data set: the same columns and quirks, the same rows for the same seed.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples { get; } =
    [
        "producer generate water-quality --out data",
        "producer generate water-quality --rows 50000 --seed 7 --out data --excel",
        "producer generate device-events --rows 2000 --shares broken=0.2 --out data",
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument(CommonOptions.Dataset, "Data set whose files are made"),
        new(Rows, "Rows of the main file; as many as the real data unless given") { Kind = OptionKind.Integer, ValueName = "N", Min = 1 },
        Seed,
        Shares,
        new(Out, "Folder to write to; made if it is missing", DefaultFolder) { ValueName = "DIR" },
        JobOption.Flag(Force, "Replace files of the same names that are in the folder; without it they are refused"),
        JobOption.Flag(Excel, "Write workbooks as well (at most 1,048,575 rows)"),
    ];

    /// <inheritdoc/>
    public override async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var dataset = context.Dataset.Name;
        var rows = context.Find(Rows) is null ? DatasetGenerators.For(dataset, 1).UsualRows : context.GetInt(Rows);
        var seed = (ulong)context.GetInt(Seed.Name);
        var request = new GenerateRequest(dataset, rows, seed, context.Get(Out), context.GetFlag(Excel))
        {
            Shares = context.Find(Shares.Name),
            ReplacesFiles = context.GetFlag(Force),
        };
        var written = await GeneratedFiles.WriteAsync(request, cancellationToken);
        foreach (var file in written)
        {
            context.Log.LogInformation("Wrote '{Path}': {Rows} rows, {Bytes} bytes", file.Path, file.Rows, file.Bytes);
            context.Outputs.Add(file.Path);
        }
        context.Counts.Add(rows, rows);
        return JobOutcome.Done(string.Create(
            CultureInfo.InvariantCulture,
            $"{Counted.Of(written.Count, "file")} of {dataset} in '{request.Folder}', {Counted.Of(rows, "row")} in the main one, seed {seed}."));
    }
}
