using System.Globalization;
using Pipeline.Producer.Generating;
using Pipeline.Schemas;

namespace Pipeline.Producer.CommandLine;

/// <summary><c>producer generate</c>.</summary>
internal static class GenerateCommand
{
    private const string DefaultFolder = "./generated";

    internal static CliCommand Spec { get; } = new("generate", "Writes look-alike files of a data set: the same columns and quirks, the same rows for the same seed",
    [
        "producer generate water-quality --out data",
        "producer generate water-quality --rows 50000 --seed 7 --out data --excel",
        "producer generate device-events --rows 2000 --shares broken=0.2 --out data",
    ],
    [
        new("rows", "N", "Rows of the main file; as many as the real data unless given"),
        new("seed", "S", "Seed: the same seed makes the same files") { Default = "1" },
        new("shares", "MIX", "What the messages are mixed of, by weight, such as broken=0.1 (student-messages, device-events)"),
        new("out", "DIR", "Folder to write to; made if it is missing") { Default = DefaultFolder },
        new("force", null, "Replace files of the same names that are in the folder; without it they are refused"),
        new("excel", null, "Write workbooks as well (at most 1,048,575 rows)"),
    ]);

    internal static async Task<RunAccount> RunAsync(DatasetContract dataset, OptionValues values, ProgramConsole console, RunAccount account, CancellationToken cancellationToken)
    {
        _ = values.Choice("output", "text", "json");
        var usual = DatasetGenerators.For(dataset.Name, 1).UsualRows;
        var request = new GenerateRequest(dataset.Name, values.Number("rows", 1) ?? usual, (ulong)(values.Number("seed", 0) ?? 1), values.Text("out") ?? DefaultFolder, values.Switch("excel")) { Shares = values.Text("shares"), ReplacesFiles = values.Switch("force") };
        var written = await GeneratedFiles.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        if (!values.Switch("quiet"))
        {
            foreach (var file in written)
                await console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Wrote '{file.Path}': {file.Rows} rows, {file.Bytes} bytes.")).ConfigureAwait(false);
        }
        return account with
        {
            Status = "Succeeded",
            ExitCode = ExitCodes.Done,
            Message = string.Create(CultureInfo.InvariantCulture, $"{written.Count} files of {dataset.Name} in '{request.Folder}', {request.Rows} rows in the main one, seed {request.Seed}."),
            Outputs = [.. written.Select(file => file.Path)],
            Counts = AccountCounts.None with { Read = request.Rows, Written = request.Rows },
        };
    }
}
