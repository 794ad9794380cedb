using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Files on HDFS: fetched into the session's folder when the source is opened, and gone with the session.</summary>
internal static class RemoteFiles
{
    /// <summary>The files that a URI stands for: itself, or all in the folder but hidden ones; <c>*</c> matches names in the last part.</summary>
    public static IEnumerable<InputFile> Fetch(SessionContext session, string uri)
    {
        var slash = uri.TrimEnd('/').LastIndexOf('/');
        var (parent, name) = (uri[..slash], uri.TrimEnd('/')[(slash + 1)..]);
        var folder = EngineErrors.Run(() => StorageFactory.For(parent, session.Database.Storage));
        var entries = EngineErrors.Wait(folder.ListAsync(""));
        var isPattern = name.AsSpan().IndexOfAny('*', '?') >= 0;
        var chosen = entries.Where(entry => isPattern ? System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(name, entry.Name, ignoreCase: false) : entry.Name == name).ToList();
        if (chosen.Count == 0) throw new EngineException($"The path '{uri}' does not exist. Check its spelling and the name node's address.") { ErrorClass = "PATH_NOT_FOUND", SqlState = "42K03" };
        var files = new List<InputFile>();
        foreach (var entry in chosen)
        {
            var found = entry.IsFolder ? EngineErrors.Wait(folder.ListAsync(entry.Path, recursive: true)).Where(file => IsData(file.Path[(entry.Path.Length + 1)..])) : [entry];
            foreach (var file in found) files.Add(new InputFile($"{parent}/{file.Path}", session.Database.Fetch(folder, file.Path)));
        }
        return files;
    }

    private static bool IsData(string path) => !path.Split('/').Any(part => part.StartsWith('.') || (part.StartsWith('_') && !part.Contains('=', StringComparison.Ordinal)));
}
