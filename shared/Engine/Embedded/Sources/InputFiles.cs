using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>A file to read.</summary>
/// <param name="Name">As the caller knows it, for messages.</param>
/// <param name="Local">Where its bytes lie on this machine.</param>
internal readonly record struct InputFile(string Name, string Local);

/// <summary>The files that paths of a source stand for, as Spark takes them: a folder is all files in it but hidden ones, <c>*</c> and <c>?</c> match names.</summary>
internal static class InputFiles
{
    /// <summary>Local paths of the files, in the order of their names.</summary>
    /// <exception cref="EngineException">A path has nothing.</exception>
    public static IReadOnlyList<InputFile> Resolve(SessionContext session, SourceSpec spec)
    {
        if (spec.Paths.Count == 0) throw new EngineException($"Reading {spec.Format} needs a path: give one to Load.");
        return [.. spec.Paths.SelectMany(path => IsRemote(path) ? RemoteFiles.Fetch(session, path) : Resolve(Local(path)).Select(found => new InputFile(found, found)))];
    }

    private static bool IsRemote(string path) => path.IndexOf("://", StringComparison.Ordinal) is > 0 and var at && !path.AsSpan(0, at).Equals("file", StringComparison.OrdinalIgnoreCase);

    /// <summary>The local path of a path or a <c>file:</c> URI.</summary>
    public static string Local(string path) => path.StartsWith("file:", StringComparison.OrdinalIgnoreCase) ? new Uri(path.StartsWith("file://", StringComparison.OrdinalIgnoreCase) ? path : "file://" + path["file:".Length..]).LocalPath : path;

    private static List<string> Resolve(string path)
    {
        if (File.Exists(path)) return [path];
        if (Directory.Exists(path)) return [.. InFolder(path)];
        if (path.AsSpan().IndexOfAny('*', '?') >= 0)
        {
            var matches = Matches(path);
            if (matches.Count > 0) return matches;
        }
        throw new EngineException($"The path '{path}' does not exist. Check its spelling and the folder that the job runs in.") { ErrorClass = "PATH_NOT_FOUND", SqlState = "42K03" };
    }

    private static IEnumerable<string> InFolder(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).Split('/').Any(part => part.StartsWith('_') && !part.Contains('=', StringComparison.Ordinal) || part.StartsWith('.')))
            .Order(StringComparer.Ordinal);

    private static List<string> Matches(string pattern)
    {
        var level = new List<string> { Path.IsPathRooted(pattern) ? "/" : "" };
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            level = part.AsSpan().IndexOfAny('*', '?') < 0
                ? [.. level.Select(folder => Path.Combine(folder, part)).Where(candidate => File.Exists(candidate) || Directory.Exists(candidate))]
                : [.. level.Where(folder => folder.Length == 0 || Directory.Exists(folder)).SelectMany(folder => Directory.EnumerateFileSystemEntries(folder.Length == 0 ? "." : folder, part)).Order(StringComparer.Ordinal)];
        }
        return [.. level.SelectMany(found => File.Exists(found) ? [found] : InFolder(found))];
    }
}
