using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Xml;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Files;

/// <summary>Refuses workbooks that would inflate beyond reason, before a parser sees them.</summary>
/// <remarks>Every entry is inflated and counted, since the sizes in an archive's directory are only what its maker says; sheets and shared texts are then looked through by <see cref="WorkbookScan"/>.</remarks>
internal sealed record WorkbookLimits(int Entries, long InflatedBytes, int Ratio)
{
    private const int ChunkBytes = 128 * 1024;

    /// <summary>Below this an entry may have any ratio: small parts of plain workbooks shrink to nearly nothing.</summary>
    private const long AlwaysAllowedBytes = 8L * 1024 * 1024;

    /// <summary>1,024 entries; 2 GiB in all, some ten million cells; 200 : 1, several times what a plain sheet reaches.</summary>
    internal static WorkbookLimits Default { get; } = new(1024, 2L * 1024 * 1024 * 1024, 200);

    /// <exception cref="DataException">A limit is passed, or the archive is broken.</exception>
    internal void Verify(string path)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            using var archive = ZipFile.OpenRead(path);
            if (archive.Entries.Count > Entries)
                throw Over(path, $"it has {archive.Entries.Count} parts, and {Entries} are allowed");
            var total = 0L;
            foreach (var entry in archive.Entries)
                total += Inflate(path, entry, total, buffer);
            foreach (var entry in archive.Entries)
            {
                if (WorkbookScan.Complaint(entry) is { } complaint)
                    throw new DataException($"'{path}' is refused as a workbook: {complaint}.");
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or XmlException)
        {
            throw new DataException($"'{path}' is not a readable Excel workbook: {exception.Message.TrimEnd('.')}. Open it in Excel and save it again as .xlsx.", exception);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private long Inflate(string path, ZipArchiveEntry entry, long before, byte[] buffer)
    {
        using var stream = entry.Open();
        var size = 0L;
        for (var read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            size += read;
            if (before + size > InflatedBytes)
                throw Over(path, string.Create(CultureInfo.InvariantCulture, $"it inflates to more than {InflatedBytes:N0} bytes"));
            if (size > AlwaysAllowedBytes && size > entry.CompressedLength * Ratio)
                throw Over(path, $"its part '{entry.FullName}' inflates to more than {Ratio} times its size");
        }
        return size;
    }

    private static DataException Over(string path, string why) => new($"'{path}' is refused as a workbook: {why}. If the data really are that large, send them as CSV.");
}
