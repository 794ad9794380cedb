using System.Text;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Files;

/// <summary>How a CSV file is written: encoding, <c>sep=</c> line, delimiter and header, found once for every reader.</summary>
public sealed record CsvLayout
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>The encoding: UTF-8, UTF-16 or Windows-1252.</summary>
    public required Encoding Encoding { get; init; }

    /// <summary>Whether characters of UTF-8 stand beside bytes of Windows-1252.</summary>
    public required bool IsMixed { get; init; }

    /// <summary>Whether the first line is Excel's <c>sep=;</c>, which is no row.</summary>
    public required bool HasSeparatorLine { get; init; }

    /// <summary>What stands between fields.</summary>
    public required char Delimiter { get; init; }

    /// <summary>The header's names without blanks around, up to the last one that is not empty.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Whether a line break stands between quotes, so that the file cannot be cut at its lines. Where quotes are not in pairs it is true, too.</summary>
    public required bool HasQuotedLineBreaks { get; init; }

    /// <summary>Whether an engine's own reader would give other rows than <see cref="RowSources"/>: the file must then be read by that one.</summary>
    public required bool NeedsRowSource { get; init; }

    /// <summary>Looks through a stream once, to its end.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="path">Its path or URI, for messages.</param>
    /// <param name="usualDelimiter">The contract's delimiter, taken unless the header plainly has another.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="DataException">There is no header, or a name stands in it twice.</exception>
    public static async Task<CsvLayout> FindAsync(Stream stream, string path, char usualDelimiter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var scan = new CsvLayoutScan(path, usualDelimiter, encoding: null);
        var buffer = new byte[ChunkBytes];
        for (var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false); read > 0;
             read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false))
            scan.Append(buffer.AsSpan(0, read));
        return scan.Finish();
    }

    /// <summary>Looks through a file once, to its end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="usualDelimiter">The contract's delimiter, taken unless the header plainly has another.</param>
    /// <param name="encoding">The encoding where it is given, null to have it found.</param>
    internal static CsvLayout Find(string path, char usualDelimiter, Encoding? encoding)
    {
        using var file = CompressedFile.OpenRead(path);
        var scan = new CsvLayoutScan(path, usualDelimiter, encoding);
        var buffer = new byte[ChunkBytes];
        for (var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false); read > 0; read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false))
            scan.Append(buffer.AsSpan(0, read));
        return scan.Finish();
    }

    /// <summary>The file's bytes as UTF-8. The caller disposes it.</summary>
    internal Stream Open(string path, bool isGiven)
    {
        var file = CompressedFile.OpenRead(path);
        if (Encoding is UTF8Encoding) return file;
        var isFound1252 = !isGiven && Encoding.CodePage == 1252;
        return isFound1252 ? new MixedTextStream(file) : Encoding.CreateTranscodingStream(file, Encoding, new UTF8Encoding(false));
    }

    /// <summary>Refuses a header in which a name stands twice: blanks around and case do not matter.</summary>
    /// <exception cref="DataException">A name stands twice.</exception>
    internal static void RefuseRepeated(IEnumerable<string> columns, string path)
    {
        var repeated = columns.Where(static name => name.Length > 0).GroupBy(static name => name, StringComparer.OrdinalIgnoreCase).Where(static group => group.Count() > 1).Select(static group => $"'{group.Key}'").ToList();
        if (repeated.Count > 0)
            throw new DataException($"The header of '{path}' names the column {string.Join(", ", repeated)} more than once, so that its values cannot be told apart. Rename or remove the second one.");
    }
}
