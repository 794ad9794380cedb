using Pipeline.Embedded.Delta;
using Pipeline.Embedded.Session;
using Pipeline.Embedded.Sources;
using Pipeline.Lake.Storage;
using Pipeline.Sql.Engine;
using Pipeline.Sql.Types;

namespace Pipeline.Embedded.Sinks;

/// <summary>Folders of Parquet, CSV, JSON or text files. The files are written whole beside the folder and then moved into it, so that a reader never sees a part of a file.</summary>
internal static class FolderSink
{
    public static void Write(SessionContext session, string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken)
    {
        var storage = EngineErrors.Run(() => StorageFactory.For(sink.Path, session.Database.Storage));
        var existing = EngineErrors.Wait(storage.ListAsync("", cancellationToken: cancellationToken));
        if (existing.Count > 0 && sink.Mode == "ignore") return;
        if (existing.Count > 0 && sink.Mode == "errorifexists")
            throw new EngineException($"Cannot write to '{sink.Path}': it exists. Use the mode append or overwrite, or another path.") { ErrorClass = "PATH_ALREADY_EXISTS", SqlState = "42K04" };
        var options = new SourceOptions(sink.Options);
        var work = Path.Combine(storage.LocalRoot ?? session.Database.TemporaryFolder, $".writing-{Guid.NewGuid():N}");
        try
        {
            if (storage.LocalRoot is not null) EngineErrors.Wait(storage.CreateFolderAsync("", cancellationToken));
            // One file, or a folder of files with parts: DuckDB makes folders for parts itself.
            var copy = FolderFormat.Copy(sink, schema, options, sql, work);
            session.Execute(copy, cancellationToken);
            var written = Directory.EnumerateFiles(work, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
            if (sink.Mode == "overwrite")
                foreach (var entry in existing) _ = EngineErrors.Wait(storage.DeleteAsync(entry.Path, cancellationToken));
            foreach (var file in written)
                _ = EngineErrors.Wait(storage.PutFileIfAbsentAsync(Path.GetRelativePath(work, file).Replace('\\', '/'), file, cancellationToken));
        }
        finally
        {
            if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        }
    }
}
