using System.IO.Enumeration;
using System.Runtime.InteropServices;

namespace Pipeline.Engine.Storage;

/// <summary>A folder on this machine's disk.</summary>
/// <remarks>
/// A new file is written under a hidden temporary name, flushed, given its name by <c>link(2)</c> (which fails where the name is taken) and the folder is flushed: two flushes a file.
/// A process that dies leaves at most a hidden <c>.name.….tmp</c>. The calls run on the caller's thread: they are short, and a hop to another thread costs more than most of them.
/// </remarks>
internal sealed class LocalStorage : IStorage
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode PrivateFolder = PrivateFile | UnixFileMode.UserExecute;
    private const UnixFileMode SharedFile = PrivateFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private static readonly EnumerationOptions EveryEntry = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
    private readonly string root;
    private readonly bool isPrivate;

    public LocalStorage(string root, bool isPrivate = false)
    {
        this.root = root.Length > 1 ? root.TrimEnd('/') : root;
        this.isPrivate = isPrivate;
        Root = new Uri("file://" + string.Join('/', this.root.Split('/').Select(Uri.EscapeDataString)));
    }

    public Uri Root { get; }

    public string? LocalRoot => root;

    public IStorage At(string folder) => new LocalStorage(FullPath(folder), isPrivate);

    public Task<IReadOnlyList<StorageEntry>> ListAsync(string folder, bool recursive = false, string? startAt = null, CancellationToken cancellationToken = default)
    {
        folder = StoragePath.Normalize(folder);
        var entries = new List<StorageEntry>();
        try
        {
            List(folder, recursive, startAt, entries, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure("list the folder", folder, error);
        }

        entries.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return Task.FromResult<IReadOnlyList<StorageEntry>>(entries);
    }

    public Task<StorageEntry?> StatAsync(string path, CancellationToken cancellationToken = default)
    {
        path = StoragePath.Normalize(path);
        var full = FullPath(path);
        if (new FileInfo(full) is { Exists: true } file) return Task.FromResult<StorageEntry?>(new(path, file.Length, file.LastWriteTimeUtc, false));
        return Task.FromResult(new DirectoryInfo(full) is { Exists: true } found ? new StorageEntry(path, 0, found.LastWriteTimeUtc, true) : null);
    }

    public Task<byte[]?> TryReadAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            return Task.FromResult<byte[]?>(File.ReadAllBytes(FullPath(path)));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<byte[]?>(null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure("read", path, error);
        }
    }

    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        try
        {
            var stream = new FileStream(FullPath(path), new FileStreamOptions { Options = FileOptions.Asynchronous, Share = FileShare.ReadWrite | FileShare.Delete });
            stream.Position = offset;
            return Task.FromResult<Stream>(length is { } limit ? new LimitedStream(stream, limit) : stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure("read", path, error);
        }
    }

    public Task<PutResult> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Put(path, null, content.Span));
    }

    public Task<PutResult> PutInPlaceOfAsync(string path, string obsolete, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Put(path, FullPath(obsolete), content.Span));
    }

    public Task PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var target = FullPath(path);
        try
        {
            var temporary = WriteTemporary(target, content.Span);
            ForgetHadoopChecksum(target);
            File.Move(temporary, target, overwrite: true);
            SyncFolderOf(target);
            return Task.CompletedTask;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure("write", path, error);
        }
    }

    public Task<PutResult> PutFileIfAbsentAsync(string path, string localFile, CancellationToken cancellationToken = default)
    {
        var target = FullPath(path);
        try
        {
            DiskFlush.File(localFile);
            EnsureFolder(FolderOf(target));
            if (isPrivate) File.SetUnixFileMode(localFile, PrivateFile);
            ForgetHadoopChecksum(target);
            var error = Posix.Link(localFile, target);
            if (error == Posix.FileExists) return Task.FromResult(Found(target));
            if (error == 0)
            {
                File.Delete(localFile);
                SyncFolderOf(target);
                return Task.FromResult(PutResult.Created);
            }

            // Another disk, or one without links: copy, then publish the copy.
            var temporary = TemporaryNameFor(target);
            File.Copy(localFile, temporary);
            DiskFlush.File(temporary);
            return Task.FromResult(Publish(temporary, target));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure("write", path, error);
        }
    }

    public Task FlushAsync(IReadOnlyList<string> files, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (files.Count == 0) return Task.CompletedTask;
        cancellationToken.ThrowIfCancellationRequested();
        // The names beside the contents: both wait for the disk.
        var names = Task.Run(() => Flush(files[0], () => FlushFolders(files)), CancellationToken.None);
        try
        {
            foreach (var file in files) Flush(file, () => DiskFlush.File(FullPath(file)));
        }
        finally
        {
            names.GetAwaiter().GetResult();
        }
        return Task.CompletedTask;
    }

    public Task<PutResult> RenameAsync(string from, string to, CancellationToken cancellationToken = default)
    {
        var (source, target) = (FullPath(from), FullPath(to));
        try
        {
            EnsureFolder(FolderOf(target));
            var error = Posix.RenameNoReplace(source, target);
            if (error is Posix.FileExists or Posix.DirectoryNotEmpty) return Task.FromResult(PutResult.Exists);
            if (error != 0) throw ErrnoFailure("rename", from, error);
            SyncFolderOf(target);
            if (FolderOf(source) != FolderOf(target)) SyncFolderOf(source);
            return Task.FromResult(PutResult.Created);
        }
        catch (Exception error) when (error is IOException and not StorageException or UnauthorizedAccessException)
        {
            throw Failure("rename", from, error);
        }
    }

    public Task<bool> DeleteAsync(string path, CancellationToken cancellationToken = default)
    {
        var full = FullPath(path);
        try
        {
            if (Directory.Exists(full)) Directory.Delete(full, recursive: true);
            else if (File.Exists(full)) File.Delete(full);
            else return Task.FromResult(false);
            ForgetHadoopChecksum(full);
            return Task.FromResult(true);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure("delete", path, error);
        }
    }

    public Task CreateFolderAsync(string folder, CancellationToken cancellationToken = default)
    {
        try
        {
            EnsureFolder(FullPath(folder));
            return Task.CompletedTask;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure("make the folder", folder, error);
        }
    }

    private string FullPath(string path)
    {
        path = StoragePath.Normalize(path);
        return path.Length == 0 ? root : root == "/" ? "/" + path : $"{root}/{path}";
    }

    private static string FolderOf(string full) => Path.GetDirectoryName(full) ?? "/";

    private static string TemporaryNameFor(string target) => $"{FolderOf(target)}/.{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp";

    private void Flush(string file, Action flush)
    {
        try
        {
            flush();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure("flush", file, error);
        }
    }

    private void FlushFolders(IReadOnlyList<string> files)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
            for (var folder = FolderOf(FullPath(file)); folder.Length >= root.Length && folders.Add(folder); folder = FolderOf(folder)) DiskFlush.Folder(folder);
    }

    private static void SyncFolderOf(string target) => DiskFlush.Folder(FolderOf(target));

    /// <summary>Makes the folder and those above it; each new name is flushed, so that a file below it survives a power cut.</summary>
    private void EnsureFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        EnsureFolder(FolderOf(folder));
        if (isPrivate) Directory.CreateDirectory(folder, PrivateFolder);
        else Directory.CreateDirectory(folder);
        SyncFolderOf(folder);
    }

    /// <summary>Makes a file unless its name is taken, out of an obsolete one where that can be; the obsolete one is gone then.</summary>
    private PutResult Put(string path, string? obsolete, ReadOnlySpan<byte> content)
    {
        var target = FullPath(path);
        try
        {
            if (File.Exists(target)) return Found(target);
            var temporary = (obsolete is null ? null : TryWriteOver(obsolete, target, content)) ?? WriteTemporary(target, content);
            if (target.Contains("/_delta_log/", StringComparison.Ordinal)) KillPoint.Reach(StorageKillPoints.BeforeLink);
            var result = Publish(temporary, target);
            if (obsolete is not null && result == PutResult.Created)
            {
                // Where it could not be written over it is there still.
                File.Delete(obsolete);
                ForgetHadoopChecksum(obsolete);
            }
            return result;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure("write", path, error);
        }
    }

    private string WriteTemporary(string target, ReadOnlySpan<byte> content)
    {
        var temporary = TemporaryNameFor(target);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = isPrivate ? PrivateFile : SharedFile };
        FileStream stream;
        try
        {
            stream = new FileStream(temporary, options);
        }
        catch (DirectoryNotFoundException)
        {
            EnsureFolder(FolderOf(target));
            stream = new FileStream(temporary, options);
        }

        using (stream) Fill(stream, temporary, content);
        return temporary;
    }

    /// <summary>Makes an old file the temporary one of a new file, or answers null where that cannot be: there is none, it is another user's, or it has a second name, as backups by hard links give it.</summary>
    /// <remarks>Each file that is made and deleted costs the file system a search for a free inode; ext4 without a journal passes over all that were deleted in the last minute, so that a stream with ten batches a second spent a tenth of its processor time there.</remarks>
    private string? TryWriteOver(string old, string target, ReadOnlySpan<byte> content)
    {
        if (Posix.CountNames(old) != 1) return null;
        FileStream stream;
        try
        {
            // Opened under its old name: what cannot be opened stays as it is.
            stream = new FileStream(old, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, BufferSize = 0 });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        var temporary = TemporaryNameFor(target);
        using (stream)
        {
            File.Move(old, temporary);
            if (isPrivate) File.SetUnixFileMode(stream.SafeFileHandle, PrivateFile);
            Fill(stream, temporary, content);
        }
        return temporary;
    }

    /// <summary>Gives a temporary file its whole content, flushed; one that cannot have it is deleted.</summary>
    private static void Fill(FileStream stream, string temporary, ReadOnlySpan<byte> content)
    {
        try
        {
            stream.Write(content);
            stream.SetLength(content.Length);
            DiskFlush.Stream(stream);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Hadoop's local file system keeps a checksum beside each file that it writes (<c>.name.crc</c>) and refuses the file when another program has changed it since.</summary>
    private static void ForgetHadoopChecksum(string target) => File.Delete($"{FolderOf(target)}/.{Path.GetFileName(target)}.crc");

    /// <summary>The file is there: the caller builds on that, so that its name must be safe, also where the one that made it could not flush it.</summary>
    private static PutResult Found(string target)
    {
        SyncFolderOf(target);
        return PutResult.Exists;
    }

    private static PutResult Publish(string temporary, string target)
    {
        ForgetHadoopChecksum(target);
        var error = Posix.Link(temporary, target);
        File.Delete(temporary);
        if (error == Posix.FileExists) return Found(target);
        if (error != 0) throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        SyncFolderOf(target);
        return PutResult.Created;
    }

    private void List(string folder, bool recursive, string? startAt, List<StorageEntry> entries, CancellationToken cancellationToken)
    {
        var full = FullPath(folder);
        if (!Directory.Exists(full)) return;
        // What comes before is passed over by its name alone: a log has one file for each version that the table ever had.
        var found = new FileSystemEnumerable<FileSystemInfo>(full, static (ref entry) => entry.ToFileSystemInfo(), EveryEntry) { ShouldIncludePredicate = (ref entry) => startAt is null || entry.FileName.SequenceCompareTo(startAt) >= 0 };
        foreach (var entry in found)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = StoragePath.Join(folder, entry.Name);
            var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
            if (entry is FileInfo file)
            {
                // A temporary file may be gone between its listing and here.
                if (file.Exists || isLink) entries.Add(new StorageEntry(path, file.Exists ? file.Length : 0, file.LastWriteTimeUtc, false) { IsLink = isLink });
            }
            else if (recursive && !isLink) List(path, true, null, entries, cancellationToken);
            else entries.Add(new StorageEntry(path, 0, entry.LastWriteTimeUtc, true) { IsLink = isLink });
        }
    }

    private StorageException ErrnoFailure(string doing, string path, int errno) => Failure(doing, path, new IOException(Marshal.GetPInvokeErrorMessage(errno), errno));

    private StorageException Failure(string doing, string path, Exception error)
    {
        var full = FullPath(path);
        if (error is FlushException { Errno: not (Posix.NoSpace or Posix.QuotaExceeded) } flush) return new StorageException(flush.Message, flush) { IsTransient = true, IsFlushFailure = true };
        if (error is FileNotFoundException or DirectoryNotFoundException || error.HResult == Posix.NoSuchFile)
            return new StorageException($"Cannot {doing} '{full}': there is no such file.", error) { IsNotFound = true };
        if (error is UnauthorizedAccessException)
            return new StorageException($"Cannot {doing} '{full}': permission denied. Check the owner and mode of the folder '{FolderOf(full)}'.", error);
        var isFull = error.HResult is Posix.NoSpace or Posix.QuotaExceeded || IsFullDisk(error.Message);
        return isFull
            ? new StorageException($"Cannot {doing} '{full}': the disk is full. Free some room and run again; nothing is lost.", error) { IsTransient = true }
            : new StorageException($"Cannot {doing} '{full}': {error.Message.TrimEnd('.')}.", error);
    }

    private static bool IsFullDisk(string message) =>
        message.Contains("No space left", StringComparison.OrdinalIgnoreCase) || message.Contains("not enough space", StringComparison.OrdinalIgnoreCase) || message.Contains("disk is full", StringComparison.OrdinalIgnoreCase) || message.Contains("Disk quota", StringComparison.OrdinalIgnoreCase);
}
