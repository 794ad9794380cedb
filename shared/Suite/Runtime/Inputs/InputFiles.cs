using System.Buffers;
using System.Text.RegularExpressions;
using Pipeline.Engine.Files;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Runtime.Inputs;

/// <summary>A file that matches a source's pattern.</summary>
/// <param name="Name">Name without folder.</param>
/// <param name="Uri">Path or URI.</param>
/// <param name="SizeBytes">Bytes.</param>
public sealed record InputFile(string Name, string Uri, long SizeBytes);

/// <summary>Finds a data set's files in a folder, and reads them as records of text under the contract's source names.</summary>
public static class InputFiles
{
    private static readonly SearchValues<char> PatternCharacters = SearchValues.Create("[]{}*?\\");

    /// <summary>Column that has the record's text where its number of fields is off, else null.</summary>
    public const string CorruptColumn = "_corrupt_record";

    /// <summary>Files of the source in the folder, <c>.csv</c> (also <c>.gz</c>, <c>.zst</c>, <c>.zip</c>) or <c>.xlsx</c>, by name; of several with the same name the csv.</summary>
    /// <exception cref="UsageException">There is no such folder.</exception>
    public static async Task<IReadOnlyList<InputFile>> FindAsync(JobContext context, string folder, SourceFile file, CancellationToken cancellationToken)
    {
        var storage = context.StorageFor(folder);
        var entries = await storage.ListAsync("", cancellationToken: cancellationToken).ConfigureAwait(false);
        if (entries.Count == 0) throw new UsageException($"There is nothing in the folder '{folder}', or no such folder. Give the folder of the files '{file.Pattern}.csv' or '{file.Pattern}.xlsx'.");
        var own = entries.Where(entry => !entry.IsFolder && file.IsNamed(Stem(entry.Name))).ToList();
        // Of files of one name the plain CSV, else a compressed one, else the workbook.
        var found = own.Where(static entry => Rank(entry.Name) is not null).GroupBy(static entry => Stem(entry.Name), StringComparer.Ordinal)
            .Select(static group => group.OrderBy(static entry => Rank(entry.Name)).ThenBy(static entry => entry.Name, StringComparer.Ordinal).First()).ToList();
        foreach (var entry in own.Where(entry => !found.Exists(other => Stem(other.Name) == Stem(entry.Name)))) RefuseOtherFormats(entry.Name, $"{folder.TrimEnd('/')}/{entry.Name}");
        return [.. found.OrderBy(static entry => entry.Name, StringComparer.Ordinal).Select(entry => new InputFile(entry.Name, $"{folder.TrimEnd('/')}/{entry.Name}", entry.SizeBytes))];
    }

    /// <summary>A file's name without the endings of format and compression.</summary>
    public static string Stem(string name) => Path.GetFileNameWithoutExtension(CompressedFile.PlainName(name));

    /// <summary>Whether a file of this name is read: a CSV file, compressed or not, or a workbook.</summary>
    public static bool IsRead(string name) => Rank(name) is not null;

    private static int? Rank(string name) => Path.GetExtension(CompressedFile.PlainName(name)).ToLowerInvariant() switch
    {
        ".csv" => CompressedFile.IsCompressed(name) ? 1 : 0,
        ".xlsx" => 2,
        _ => null,
    };

    /// <summary>Refuses a file of a spreadsheet's format that is not read, by its ending.</summary>
    /// <exception cref="UsageException">It has such an ending; the message says what to save it as.</exception>
    public static void RefuseOtherFormats(string name, string uri)
    {
        var format = Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".xlsb" => "an Excel binary workbook",
            ".xls" => "an Excel 97 to 2003 workbook",
            ".xlsm" => "an Excel workbook with macros",
            ".ods" => "an OpenDocument spreadsheet",
            _ => null,
        };
        if (format is not null) throw new UsageException($"'{uri}' is {format}, which is not read here. Open it in Excel and save it as 'Excel Workbook (*.xlsx)' or as CSV.");
    }

    /// <summary>The file at a path or URI.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static async Task<InputFile> GetAsync(JobContext context, string uri, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentException.ThrowIfNullOrEmpty(uri);
        var slash = uri.LastIndexOf('/');
        var (folder, name) = slash < 0 ? (".", uri) : (uri[..Math.Max(slash, 1)], uri[(slash + 1)..]);
        var entry = await context.StorageFor(folder).StatAsync(name, cancellationToken).ConfigureAwait(false);
        return entry is { IsFolder: false } ? new InputFile(name, $"{folder.TrimEnd('/')}/{name}", entry.SizeBytes) : throw new UsageException($"There is no file '{uri}'.");
    }

    /// <summary>The records of a file.</summary>
    /// <remarks>
    /// Out: the contract's source columns (string, null where empty), <see cref="CorruptColumn"/>, <see cref="StagedColumns.File"/>, <see cref="StagedColumns.Line"/> (cell for a workbook; line of a CSV where this process reads it, else null). Unordered.
    /// How a CSV file is written is found first (<see cref="CsvLayout"/>): the engine's reader is told it, and this process reads the file where that reader would give other rows.
    /// </remarks>
    /// <exception cref="DataException">The file is empty, its header lacks columns of the contract or has a name twice, or the workbook cannot be read.</exception>
    public static async Task<DataFrame> ReadAsync(JobContext context, InputFile input, SourceFile file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(file);
        // A path with such characters is a pattern to Spark.
        if (file.KeepsLines || CompressedFile.IsCompressed(input.Name) || input.Uri.AsSpan().ContainsAny(PatternCharacters) || input.Name.EndsWith(".xlsx", StringComparison.OrdinalIgnoreCase)) return await PositionedRecords.ReadAsync(context, input, file, cancellationToken).ConfigureAwait(false);
        var layout = await LayoutAsync(context, input, file, cancellationToken).ConfigureAwait(false);
        return layout.NeedsRowSource ? await PositionedRecords.ReadAsync(context, input, file, cancellationToken).ConfigureAwait(false) : ReadCsv(context, input, file, layout);
    }

    private static async Task<CsvLayout> LayoutAsync(JobContext context, InputFile input, SourceFile file, CancellationToken cancellationToken)
    {
        var slash = input.Uri.LastIndexOf('/');
        using var stream = await context.StorageFor(input.Uri[..slash]).OpenReadAsync(input.Name, cancellationToken: cancellationToken).ConfigureAwait(false);
        try
        {
            return await CsvLayout.FindAsync(stream, input.Uri, file.Delimiter, cancellationToken).ConfigureAwait(false);
        }
        catch (DataException error)
        {
            throw new DataException(error.Message, error);
        }
    }

    private static DataFrame ReadCsv(JobContext context, InputFile input, SourceFile file, CsvLayout layout)
    {
        var header = layout.Columns.Select(static (name, place) => name.Length > 0 ? name : FormattableString.Invariant($"_c{place}")).ToList();
        RefuseMissingColumns(header, file.InFile, input.Uri);
        var schema = new StructType([.. header.Select(name => new StructField(name, new StringType())), new StructField(CorruptColumn, new StringType())]);
        var records = context.Spark.Read()
            .Schema(schema)
            .Option("header", true).Option("sep", layout.Delimiter.ToString()).Option("encoding", layout.Encoding.WebName).Option("multiLine", layout.HasQuotedLineBreaks).Option("quote", "\"").Option("escape", "\"")
            .Option("mode", "PERMISSIVE").Option("columnNameOfCorruptRecord", CorruptColumn)
            .Csv(input.Uri);
        // A row without any value is none, however many delimiters it has.
        var hasValue = header.Select(name => Col(name).IsNotNull()).Append(Col(CorruptColumn).IsNotNull()).Aggregate(static (left, right) => left | right);
        var isOnlyDelimiters = Coalesce(Col(CorruptColumn).RLike($"^[{Regex.Escape(layout.Delimiter.ToString())}\\r\\n]*\\z"), Lit(false));
        return records.Filter(hasValue & !isOnlyDelimiters).Select(
        [
            .. file.InFile.Columns.Select(column => header.Contains(column.SourceName, StringComparer.OrdinalIgnoreCase) ? Col(column.SourceName) : Lit(null).Cast("string").As(column.SourceName)),
            Col(CorruptColumn), Lit(input.Name).As(StagedColumns.File), Lit(null).Cast("string").As(StagedColumns.Line),
        ]);
    }

    /// <summary>Fails where columns of the contract are not in a file's header.</summary>
    internal static void RefuseMissingColumns(IReadOnlyList<string> header, TableContract contract, string uri)
    {
        var missing = contract.Columns.Where(column => !column.IsOptional).Select(column => column.SourceName).Where(name => !header.Contains(name, StringComparer.OrdinalIgnoreCase)).ToList();
        if (missing.Count > 0)
            throw new DataException($"'{uri}' has no column {string.Join(", ", missing.Select(name => $"'{name}'"))}. It has: {string.Join(", ", header)}.");
    }
}
