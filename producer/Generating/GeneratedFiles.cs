using Pipeline.Engine.Files;
using Pipeline.Engine.Types;

namespace Pipeline.Producer.Generating;

/// <summary>What is to be generated.</summary>
/// <param name="Dataset">The data set's name.</param>
/// <param name="Rows">Rows of the main file.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Folder">Where to; made if it is missing.</param>
/// <param name="WithWorkbooks">Whether to write .xlsx as well as .csv.</param>
public sealed record GenerateRequest(string Dataset, long Rows, ulong Seed, string Folder, bool WithWorkbooks = false)
{
    /// <summary>Whether files of the same names that are there are replaced; else they are refused before anything is written.</summary>
    public bool ReplacesFiles { get; init; } = true;

    /// <summary>Weights to set again, such as <c>broken=0</c>; null leaves the usual ones.</summary>
    public string? Shares { get; init; }
}

/// <summary>A file that was generated.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Rows">Its rows, the header not counted.</param>
/// <param name="Bytes">Its size.</param>
public sealed record GeneratedFileSummary(string Path, long Rows, long Bytes);

/// <summary>Writes a generator's files.</summary>
public static class GeneratedFiles
{
    /// <summary>Writes all files of a data set, each whole or not at all; those there of the same names are replaced, or refused where the request says so.</summary>
    /// <exception cref="UsageException">There is no such generator, so many rows cannot be made, the folder cannot be written to, or has a file of the same name that is not to be replaced.</exception>
    public static async Task<IReadOnlyList<GeneratedFileSummary>> WriteAsync(GenerateRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var generator = DatasetGenerators.For(request.Dataset, request.Rows);
        if (request.WithWorkbooks && request.Rows > XlsxFile.MostRows)
            throw new UsageException($"A sheet holds at most {XlsxFile.MostRows} rows below its header. Give fewer --rows, or leave out --excel.");
        var shares = generator.UsualShares.With(request.Shares);
        var written = new List<GeneratedFileSummary>();
        try
        {
            _ = Directory.CreateDirectory(request.Folder);
            var files = generator.Files(request.Rows, request.Seed, shares).ToList();
            if (!request.ReplacesFiles) RefuseExisting(request, files);
            foreach (var file in files)
            {
                written.Add(await WriteWholeAsync(Csv(request, file), file, request.ReplacesFiles, CsvFile.WriteAsync, cancellationToken).ConfigureAwait(false));
                if (request.WithWorkbooks)
                    written.Add(await WriteWholeAsync(Workbook(request, file), file, request.ReplacesFiles, XlsxFile.WriteAsync, cancellationToken).ConfigureAwait(false));
            }
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new UsageException($"The folder '{request.Folder}' cannot be written to: {exception.Message.TrimEnd('.')}. Give --out a folder that can be.", exception);
        }
        return written;
    }

    private static string Csv(GenerateRequest request, GeneratedFile file) => Path.Combine(request.Folder, file.Stem + ".csv");

    private static string Workbook(GenerateRequest request, GeneratedFile file) => Path.Combine(request.Folder, file.Stem + ".xlsx");

    private static void RefuseExisting(GenerateRequest request, IReadOnlyList<GeneratedFile> files)
    {
        var paths = files.Select(file => Csv(request, file)).Concat(request.WithWorkbooks ? files.Select(file => Workbook(request, file)) : []);
        if (paths.FirstOrDefault(File.Exists) is { } existing)
            throw new UsageException($"Cannot write '{existing}': there is a file of this name, which may be your own. Nothing was written. Give --out another folder, or --force to replace it.");
    }

    private static async Task<GeneratedFileSummary> WriteWholeAsync(string path, GeneratedFile file, bool replaces, Func<string, IRowSource, GeneratedFile, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var temporary = path + ".tmp";
        using var rows = file.Open();
        try
        {
            await write(temporary, rows, file, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: replaces);
        }
        finally
        {
            File.Delete(temporary);
        }
        return new GeneratedFileSummary(path, rows.Done, new FileInfo(path).Length);
    }
}
