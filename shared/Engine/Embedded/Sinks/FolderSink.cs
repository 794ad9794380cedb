using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sinks;

/// <summary>Folders of Parquet, CSV, JSON or text files. A folder is written whole beside its place and then renamed into it; files that are appended are moved in one by one, each whole.</summary>
internal static class FolderSink
{
    public static void Write(SessionContext session, string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken)
    {
        var (parent, name) = Split(sink.Path);
        var storage = EngineErrors.Run(() => StorageFactory.For(parent, session.Database.Storage));
        var exists = EngineErrors.Wait(storage.StatAsync(name, cancellationToken)) is not null;
        var hasFiles = exists && EngineErrors.Wait(storage.ListAsync(name, cancellationToken: cancellationToken)).Count > 0;
        if (hasFiles && sink.Mode == "ignore") return;
        if (hasFiles && sink.Mode == "errorifexists")
            throw new EngineException($"Cannot write to '{sink.Path}': it exists. Use the mode append or overwrite, or another path.") { ErrorClass = "PATH_ALREADY_EXISTS", SqlState = "42K04" };
        var id = Guid.NewGuid().ToString("N");
        var staging = $".{name}.{id}.writing";
        var isWhole = !(hasFiles && sink.Mode == "append");
        // On a local disk beside the folder, where a whole one only changes its name and files of another get theirs without being copied.
        var work = Path.Combine(storage.LocalRoot ?? session.Database.TemporaryFolder, isWhole ? staging : $".{name}.{id}.rows");
        try
        {
            EngineErrors.Wait(storage.CreateFolderAsync("", cancellationToken));
            session.Execute(FolderFormat.Copy(sink, schema, new SourceOptions(sink.Options), sql, work), cancellationToken);
            var files = Directory.EnumerateFiles(work, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => Path.GetRelativePath(work, file)).ToList();
            if (isWhole && storage.LocalRoot is not null) EngineErrors.Wait(storage.At(staging).FlushAsync(files, cancellationToken));
            else
                foreach (var file in files) _ = EngineErrors.Wait(storage.PutFileIfAbsentAsync($"{(isWhole ? staging : name)}/{file}", Path.Combine(work, file), cancellationToken));
            if (isWhole) Swap(storage, sink.Path, name, staging, exists ? $".{name}.{id}.old" : null);
        }
        finally
        {
            if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>Puts the new folder in the place of the old one, which goes only then.</summary>
    private static void Swap(IStorage storage, string path, string name, string staging, string? old)
    {
        if (old is not null) _ = EngineErrors.Wait(storage.RenameAsync(name, old));
        if (EngineErrors.Wait(storage.RenameAsync(staging, name)) != PutResult.Created)
        {
            _ = EngineErrors.Wait(storage.DeleteAsync(staging));
            throw new EngineException($"Cannot write to '{path}': another writer made it meanwhile. Run again.") { IsTransient = true };
        }
        if (old is not null) _ = EngineErrors.Wait(storage.DeleteAsync(old));
    }

    private static (string Parent, string Name) Split(string path)
    {
        if (!path.Contains("://", StringComparison.Ordinal) || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase)) path = Path.GetFullPath(InputFiles.Local(path));
        path = path.TrimEnd('/');
        var slash = path.LastIndexOf('/');
        return slash < 0 || slash == path.Length - 1 ? throw new EngineException($"'{path}' is not a folder to write to; give it a name.") : (slash == 0 ? "/" : path[..slash], path[(slash + 1)..]);
    }
}
