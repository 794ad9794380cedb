using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Session;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Files;

/// <summary>Small files by URI through the JVM's Hadoop client: whatever the application's configuration reaches (hdfs, file, object stores). Thread-safe.</summary>
/// <remarks>Contents cross the gateway as base64: for files of state, not of data.</remarks>
public sealed class HadoopFileSystem
{
    private readonly SparkRuntime runtime;

    internal HadoopFileSystem(SparkRuntime runtime) => this.runtime = runtime;

    /// <summary>Whether there is a file or folder.</summary>
    public bool Exists(string uri)
    {
        using var at = Open(uri);
        return at.Scope.Flag(at.FileSystem, "exists", at.Path);
    }

    /// <summary>What a folder holds, by name; empty where there is no such folder.</summary>
    public IReadOnlyList<HadoopFileStatus> List(string uri)
    {
        using var at = Open(uri);
        if (!at.Scope.Flag(at.FileSystem, "exists", at.Path)) return [];
        var array = at.Scope.Object(at.FileSystem, "listStatus", at.Path);
        var count = at.Scope.Length(array);
        var found = new List<HadoopFileStatus>(count);
        for (var i = 0; i < count; i++) found.Add(Status(at.Scope, (JvmObject)at.Scope.Element(array, i)!));
        found.Sort(static (left, right) => string.CompareOrdinal(left.Uri, right.Uri));
        return found;
    }

    /// <summary>A file's bytes.</summary>
    /// <exception cref="JvmException">There is no such file (<c>java.io.FileNotFoundException</c>), or it cannot be read.</exception>
    public byte[] Read(string uri)
    {
        using var at = Open(uri);
        var stream = at.Scope.Object(at.FileSystem, "open", at.Path);
        try
        {
            return (byte[])at.Scope.Static("org.apache.commons.io.IOUtils", "toByteArray", stream)!;
        }
        finally
        {
            if (at.Scope.IsUsable) _ = at.Scope.Call(stream, "close");
        }
    }

    /// <summary>Writes a file whole, or answers false where the name is taken: of several writers exactly one gets true.</summary>
    public bool WriteIfAbsent(string uri, ReadOnlySpan<byte> content) => Write(uri, content.ToArray(), replace: false);

    /// <summary>Writes a file whole, in place of one that is there; a reader sees the old or the new one.</summary>
    public void Write(string uri, ReadOnlySpan<byte> content) => _ = Write(uri, content.ToArray(), replace: true);

    /// <summary>Renames a file or folder; false where the new name is taken.</summary>
    public bool Rename(string from, string to)
    {
        using var at = Open(from);
        return Rename(at.Scope, at.Path, at.Scope.New("org.apache.hadoop.fs.Path", to), replace: false);
    }

    /// <summary>Deletes a file, or a folder and all in it; false where there was none.</summary>
    public bool Delete(string uri, bool recursive = false)
    {
        using var at = Open(uri);
        return at.Scope.Flag(at.FileSystem, "delete", at.Path, recursive);
    }

    /// <summary>Makes a folder and those above it.</summary>
    public void CreateFolder(string uri)
    {
        using var at = Open(uri);
        if (!at.Scope.Flag(at.FileSystem, "mkdirs", at.Path)) throw new EngineException($"Cannot make the folder '{uri}'. Is there a file of that name, or no right to write above it?");
    }

    private static HadoopFileStatus Status(JvmScope scope, JvmObject status) => new(
        scope.Text(scope.Object(status, "getPath"), "toString"),
        Convert.ToInt64(scope.Call(status, "getLen"), System.Globalization.CultureInfo.InvariantCulture),
        scope.Flag(status, "isDirectory"),
        DateTimeOffset.FromUnixTimeMilliseconds(Convert.ToInt64(scope.Call(status, "getModificationTime"), System.Globalization.CultureInfo.InvariantCulture)));

    private bool Write(string uri, byte[] content, bool replace)
    {
        using var at = Open(uri);
        if (!replace && at.Scope.Flag(at.FileSystem, "exists", at.Path)) return false;
        var folder = at.Scope.Object(at.Path, "getParent");
        var temporary = at.Scope.New("org.apache.hadoop.fs.Path", folder, $".{at.Scope.Text(at.Path, "getName")}.{Guid.NewGuid():N}.tmp");
        var renamed = false;
        try
        {
            var stream = at.Scope.Object(at.FileSystem, "create", temporary, false);
            try
            {
                _ = at.Scope.Call(stream, "write", content);
            }
            finally
            {
                if (at.Scope.IsUsable) _ = at.Scope.Call(stream, "close");
            }
            return renamed = Rename(at.Scope, temporary, at.Path, replace);
        }
        finally
        {
            if (!renamed && at.Scope.IsUsable) _ = at.Scope.Call(at.FileSystem, "delete", temporary, false);
        }
    }

    /// <summary>FileContext's rename is the one that is atomic and fails where the name is taken.</summary>
    private bool Rename(JvmScope scope, JvmObject from, JvmObject to, bool replace)
    {
        const string rename = "org.apache.hadoop.fs.Options$Rename";
        var configuration = scope.Object(runtime.SparkContext, "hadoopConfiguration");
        var context = scope.StaticObject("org.apache.hadoop.fs.FileContext", "getFileContext", scope.Object(to, "toUri"), configuration);
        var option = (JvmObject)scope.StaticField(rename, replace ? "OVERWRITE" : "NONE")!;
        try
        {
            _ = scope.Call(context, "rename", from, to, scope.Array(rename, [option]));
            return true;
        }
        catch (JvmException error) when (!replace && error.RemoteClass == "org.apache.hadoop.fs.FileAlreadyExistsException")
        {
            return false;
        }
    }

    private Opened Open(string uri)
    {
        ArgumentException.ThrowIfNullOrEmpty(uri);
        var scope = runtime.Gateway.BeginScope();
        try
        {
            var path = scope.New("org.apache.hadoop.fs.Path", uri);
            return new Opened(scope, path, scope.Object(path, "getFileSystem", scope.Object(runtime.SparkContext, "hadoopConfiguration")));
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    private readonly record struct Opened(JvmScope Scope, JvmObject Path, JvmObject FileSystem) : IDisposable
    {
        public void Dispose() => Scope.Dispose();
    }
}

/// <summary>A file or folder as Hadoop lists it.</summary>
/// <param name="Uri">Its full URI.</param>
/// <param name="SizeBytes">Its size; 0 for a folder.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="ModifiedAt">When it was last changed.</param>
public sealed record HadoopFileStatus(string Uri, long SizeBytes, bool IsFolder, DateTimeOffset ModifiedAt);
