using Pipeline.Engine.Sql;
using Pipeline.Engine.Storage;

namespace Pipeline.Suite.Export.Files;

/// <summary>One Parquet file of exactly the given name, written by the engine and replaced whole.</summary>
/// <remarks>On this machine's disk only: the engine must see the same folder, which a Spark cluster's executors elsewhere do not.</remarks>
public static class ParquetFile
{
    /// <summary>Writes the frame's rows; an order that the frame has is kept.</summary>
    /// <exception cref="ExportException">The engine left no file, or more than one; an older file stays as it was.</exception>
    public static void Write(string path, DataFrame frame, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var parts = AtomicFile.TemporaryName(path);
        try
        {
            frame.Coalesce(1).Write().Format("parquet").Mode(SaveMode.Overwrite).Save(parts, cancellationToken);
            var written = Directory.Exists(parts) ? Directory.GetFiles(parts, "*.parquet", SearchOption.AllDirectories) : [];
            if (written is not [var part])
                throw new ExportException(ExportFailure.Configuration, FormattableString.Invariant($"Cannot write the one file '{path}': the engine left {written.Length} files in its folder on this machine. A cluster that writes elsewhere needs a path that both see."));
            DiskFlush.File(part);
            File.Move(part, path, overwrite: true);
            DiskFlush.Folder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        finally
        {
            if (Directory.Exists(parts)) Directory.Delete(parts, recursive: true);
        }
    }
}
