using Pipeline.Engine.Types;
using Pipeline.Producer.Generating;
using Pipeline.Suite.Runtime.Inputs;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.Cli.Demo;

/// <summary>The files that the demo starts from.</summary>
/// <param name="Folder">Their folder.</param>
/// <param name="MainFile">The file whose rows are sent.</param>
internal sealed record DemoData(string Folder, string MainFile)
{
    public static async Task<DemoData> LocateAsync(JobContext context, CancellationToken cancellationToken)
    {
        if (context.Find("data") is { } given) return await InAsync(context, given, cancellationToken).ConfigureAwait(false);
        var rows = context.Find("rows") is null ? DatasetGenerators.For(context.Dataset.Name, 1).UsualRows : context.GetInt("rows");
        if (rows < 1) throw new UsageException($"--rows is {rows}; at least one row is needed.");
        var folder = Path.Combine(context.Lake.Storage.LocalRoot ?? Path.GetTempPath(), "demo-data", context.Dataset.Name);
        using var step = context.Step($"generate {context.Dataset.Name}");
        var files = await GeneratedFiles.WriteAsync(new GenerateRequest(context.Dataset.Name, rows, checked((ulong)context.GetInt("seed")), folder), cancellationToken).ConfigureAwait(false);
        step.Done($"{string.Join(", ", files.Select(file => FormattableString.Invariant($"{Path.GetFileName(file.Path)} {file.Rows:N0} rows")))} in {folder}");
        return await InAsync(context, folder, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<DemoData> InAsync(JobContext context, string folder, CancellationToken cancellationToken)
    {
        var pattern = context.Dataset.Main.Pattern;
        var found = await InputFiles.FindAsync(context, folder, context.Dataset.Main, cancellationToken).ConfigureAwait(false);
        return found.Count == 1
            ? new DemoData(folder, found[0].Uri)
            : throw new UsageException(found.Count == 0
                ? $"There is no file '{pattern}.csv' or '{pattern}.xlsx' in '{folder}'. Give the folder of the real files with --data, or leave it out to have look-alikes made."
                : $"There are {found.Count} files '{pattern}' in '{folder}' ({string.Join(", ", found.Select(file => file.Name))}). Leave one.");
    }
}
