using Pipeline.Engine.Sql;
using Pipeline.Engine.Storage;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Export;
using Pipeline.Suite.Export.Files;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.Outputs;

/// <summary>Writes the files that a data set's flow describes into one folder, each whole or not at all, and notes them for result.json.</summary>
/// <remarks>The folder is <c>--out</c>, or <c>outputs/DATASET</c> of the lake. Where it is not on this machine's disk, files are made here and put there whole.</remarks>
public sealed class OutputWriter
{
    private readonly JobContext context;
    private readonly string folder;
    private readonly IStorage storage;

    /// <summary>A writer for the run's data set.</summary>
    public OutputWriter(JobContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        this.context = context;
        folder = (context.Find(Option.Name) ?? context.Lake.Outputs(context.Dataset.Name)).TrimEnd('/');
        storage = context.StorageFor(folder);
    }

    /// <summary>The option of the jobs that leave files.</summary>
    public static JobOption Option { get; } = new("out", "Folder for the data set's files: a path, file: or hdfs: URI; <lake>/outputs/<dataset> where not given") { ValueName = "DIR" };

    /// <summary>The option of whatever writes CSV files for people.</summary>
    public static JobOption GuardOption { get; } = JobOption.Flag("guard-formulas", "In CSV, put an apostrophe before a text that a spreadsheet would run as a formula (= + - @ first)");

    /// <summary>Writes files in their order; one of the same name is replaced.</summary>
    public async Task WriteAsync(IReadOnlyList<FileOutput> outputs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        foreach (var output in outputs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var place = $"{folder}/{output.Name}";
            using var step = context.Step($"write {output.Name}");
            if (storage.LocalRoot is { } local) await WriteLocalAsync(output, Path.Combine(local, output.Name), cancellationToken).ConfigureAwait(false);
            else if (output is ParquetOutput parquet) await WriteRemoteParquetAsync(parquet, cancellationToken).ConfigureAwait(false);
            else await WriteRemoteAsync(output, cancellationToken).ConfigureAwait(false);
            if (!context.Outputs.Contains(place)) context.Outputs.Add(place);
            step.Done(place);
        }
    }

    private async Task WriteLocalAsync(FileOutput output, string path, CancellationToken cancellationToken)
    {
        switch (output)
        {
            case CsvOutput csv:
                _ = CsvFile.Write(path, csv.Rows.Schema(), csv.Rows.Collect(cancellationToken), guardsFormulas: context.GetFlag(GuardOption.Name), cancellationToken: cancellationToken);
                break;
            case ParquetOutput parquet:
                ParquetFile.Write(path, parquet.Rows, cancellationToken);
                break;
            case DrawnOutput drawn:
                var bytes = drawn.Draw(drawn.Rows.Collect(cancellationToken));
                AtomicFile.Write(path, stream => stream.Write(bytes));
                break;
            case SqliteOutput sqlite:
                _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await using (var sink = MetricsSinks.Open(new SinkUri(SinkKind.Sqlite, path)))
                    _ = await sink.WriteAsync([.. sqlite.Tables.Select(table => new MetricsTable(table.Name, table.Rows.Schema(), [.. table.Key], table.Rows.Collect(cancellationToken)))], new RunInfo(context.RunId, context.StartedAt), cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new NotSupportedException($"An output of the kind '{output.GetType().Name}' cannot be written. Add it here beside the others.");
        }
    }

    private async Task WriteRemoteAsync(FileOutput output, CancellationToken cancellationToken)
    {
        var temporary = Directory.CreateTempSubdirectory("pipeline-output-").FullName;
        try
        {
            var local = Path.Combine(temporary, Path.GetFileName(output.Name));
            await WriteLocalAsync(output, local, cancellationToken).ConfigureAwait(false);
            await storage.PutAsync(output.Name, await File.ReadAllBytesAsync(local, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>The engine writes beside the target, for a cluster's executors do not see this machine's disk; its one part is then put in place.</summary>
    private async Task WriteRemoteParquetAsync(ParquetOutput output, CancellationToken cancellationToken)
    {
        var parts = $".{Path.GetFileName(output.Name)}.{Guid.NewGuid():N}.tmp";
        try
        {
            output.Rows.Coalesce(1).Write().Format("parquet").Mode(SaveMode.Overwrite).Save($"{folder}/{parts}", cancellationToken);
            var written = (await storage.ListAsync(parts, cancellationToken: cancellationToken).ConfigureAwait(false)).Where(static entry => entry.Name.EndsWith(".parquet", StringComparison.Ordinal)).ToList();
            if (written is not [var part])
                throw new ExportException(ExportFailure.Configuration, FormattableString.Invariant($"Cannot write the one file '{folder}/{output.Name}': the engine left {written.Count} files."));
            var content = await storage.TryReadAsync(part.Path, cancellationToken).ConfigureAwait(false) ?? throw new StorageException($"'{folder}/{part.Path}' is gone before it could be read.");
            await storage.PutAsync(output.Name, content, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _ = await storage.DeleteAsync(parts, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
