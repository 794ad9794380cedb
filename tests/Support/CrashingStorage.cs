using System.Collections.Concurrent;
using Pipeline.Engine.Storage;

namespace Pipeline.Tests.Support;

/// <summary>How a <see cref="CrashPoint"/> ends an operation.</summary>
public enum CrashKind
{
    /// <summary>The process stops before the operation: neither the operation nor anything after it is done.</summary>
    StopsBefore,

    /// <summary>The process stops when the operation is done: nobody hears its answer, and nothing after it is done.</summary>
    StopsAfter,

    /// <summary>The operation fails once, as a busy store does; the process lives.</summary>
    Fails,

    /// <summary>The operation is done and its answer is lost; the process lives.</summary>
    LosesAnswer,
}

/// <summary>The process stopped here, as by kill -9; thrown out of every operation from then on.</summary>
public sealed class ProcessStoppedException(string operation) : Exception($"The test stopped the process at '{operation}'.");

/// <summary>One life of a process that ends at the Nth operation of its stores, and what a cut of the power leaves of its files.</summary>
/// <remarks>Thread-safe. Give <see cref="Wrap"/> to the run; all stores that it opens count together.</remarks>
/// <param name="at">The operation at which it ends, from 1; 0 never.</param>
/// <param name="kind">How.</param>
public sealed class CrashPoint(int at, CrashKind kind)
{
    private readonly ConcurrentDictionary<string, byte> durable = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly List<string> operations = [];
    private bool isStopped;

    /// <summary>Names of the operations that were asked for, in order: <c>put _delta_log/…</c>.</summary>
    public IReadOnlyList<string> Operations
    {
        get
        {
            lock (gate) return [.. operations];
        }
    }

    /// <summary>The operation that it ended at, or null where the run was over before.</summary>
    public string? Reached { get; private set; }

    /// <summary>Called before each operation with its name, such as to have the process stand still there; null for nothing.</summary>
    public Func<string, Task>? Before { get; init; }

    /// <summary>A store in front of another one.</summary>
    public IStorage Wrap(IStorage storage) => new CrashingStorage(storage, this);

    /// <summary>Leaves of the folder what a cut of the power would: a data file that was written by its path and never flushed is cut in half.</summary>
    /// <param name="folder">The lake.</param>
    /// <param name="before">Files that were there before this life began.</param>
    public void CutPower(string folder, IReadOnlySet<string> before)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (file.EndsWith(".parquet", StringComparison.Ordinal) && !before.Contains(file) && !durable.ContainsKey(file)) Cut(file);
        }
    }

    /// <summary>Takes the locks away that name this process: the one that a test takes for it has ended, and this one lives.</summary>
    public static void EndProcess(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "run.lock", SearchOption.AllDirectories)) File.Delete(file);
    }

    internal void IsDurable(string path) => durable[path] = 0;

    /// <summary>A folder's files are as durable under its new name as they were under the old one.</summary>
    internal void IsMoved(string from, string to)
    {
        foreach (var file in durable.Keys.Where(file => file.StartsWith(from + "/", StringComparison.Ordinal))) durable[to + file[from.Length..]] = 0;
    }

    internal async Task<T> RunAsync<T>(string operation, Func<Task<T>> act)
    {
        var isIt = false;
        lock (gate)
        {
            if (isStopped) throw new ProcessStoppedException(operation);
            operations.Add(operation);
            isIt = operations.Count == at;
            if (isIt)
            {
                Reached = operation;
                isStopped = kind == CrashKind.StopsBefore;
            }
        }
        if (Before is { } before) await before(operation);
        if (!isIt) return await act();
        if (kind == CrashKind.StopsBefore) throw new ProcessStoppedException(operation);
        if (kind == CrashKind.Fails) throw new StorageException($"The test had '{operation}' fail once.") { IsTransient = true };
        await act();
        if (kind == CrashKind.LosesAnswer) throw new StorageException($"The test lost the answer of '{operation}'.") { IsTransient = true };
        lock (gate) isStopped = true;
        throw new ProcessStoppedException(operation);
    }

    private static void Cut(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Write);
        stream.SetLength(stream.Length / 2);
    }
}

/// <summary>A store that counts its operations and ends a life at one of them (<see cref="CrashPoint"/>).</summary>
internal sealed class CrashingStorage(IStorage inner, CrashPoint point) : IStorage
{
    public Uri Root => inner.Root;

    public string? LocalRoot => inner.LocalRoot;

    public IStorage At(string folder) => new CrashingStorage(inner.At(folder), point);

    public Task<IReadOnlyList<StorageEntry>> ListAsync(string folder, bool recursive = false, string? startAt = null, CancellationToken cancellationToken = default) =>
        point.RunAsync(Name("list", folder), () => inner.ListAsync(folder, recursive, startAt, cancellationToken));

    public Task<StorageEntry?> StatAsync(string path, CancellationToken cancellationToken = default) =>
        point.RunAsync(Name("stat", path), () => inner.StatAsync(path, cancellationToken));

    public Task<byte[]?> TryReadAsync(string path, CancellationToken cancellationToken = default) =>
        point.RunAsync(Name("read", path), () => inner.TryReadAsync(path, cancellationToken));

    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default) =>
        point.RunAsync(Name("open", path), () => inner.OpenReadAsync(path, offset, length, cancellationToken));

    public Task<PutResult> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        PutAsync("put", path, () => inner.PutIfAbsentAsync(path, content, cancellationToken));

    public Task<PutResult> PutInPlaceOfAsync(string path, string obsolete, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        PutAsync("put", path, () => inner.PutInPlaceOfAsync(path, obsolete, content, cancellationToken));

    public Task PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        PutAsync("replace", path, async () =>
        {
            await inner.PutAsync(path, content, cancellationToken);
            return PutResult.Created;
        });

    public Task<PutResult> PutFileIfAbsentAsync(string path, string localFile, CancellationToken cancellationToken = default) =>
        PutAsync("put file", path, () => inner.PutFileIfAbsentAsync(path, localFile, cancellationToken));

    public Task FlushAsync(IReadOnlyList<string> files, CancellationToken cancellationToken = default) =>
        point.RunAsync(Name("flush", files.Count > 0 ? files[0] : ""), async () =>
        {
            await inner.FlushAsync(files, cancellationToken);
            foreach (var file in files) point.IsDurable(Full(file));
            return true;
        });

    public Task<PutResult> RenameAsync(string from, string to, CancellationToken cancellationToken = default) =>
        PutAsync("rename", to, async () =>
        {
            var result = await inner.RenameAsync(from, to, cancellationToken);
            if (result == PutResult.Created) point.IsMoved(Full(from), Full(to));
            return result;
        });

    public Task<bool> DeleteAsync(string path, CancellationToken cancellationToken = default) =>
        point.RunAsync(Name("delete", path), () => inner.DeleteAsync(path, cancellationToken));

    public Task CreateFolderAsync(string folder, CancellationToken cancellationToken = default) =>
        point.RunAsync(Name("create folder", folder), async () =>
        {
            await inner.CreateFolderAsync(folder, cancellationToken);
            return true;
        });

    private Task<PutResult> PutAsync(string verb, string path, Func<Task<PutResult>> put) =>
        point.RunAsync(Name(verb, path), async () =>
        {
            var result = await put();
            point.IsDurable(Full(path));
            return result;
        });

    private string Name(string verb, string path) => $"{verb} {Full(path)}";

    private string Full(string path) => inner.LocalRoot is { } root ? Path.Combine(root, path) : $"{inner.Root}/{path}";
}
