using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Loading;

/// <summary>Where things lie under <c>--lake</c>. Names of tables, topics, jobs and runs cannot leave its root.</summary>
/// <remarks>
/// <c>raw/TOPIC</c> messages as received · <c>tables/TABLE</c> Delta · <c>quarantine/TABLE</c> Delta · <c>batches</c> Delta · <c>outputs/DATASET</c> files for people and other programs · <c>checkpoints/JOB/DATASET</c> state · <c>runs/RUN_ID</c> result.json, report, plots.
/// </remarks>
public sealed class LakeLayout
{
    /// <summary>Folders under the root that hold rows as they came, and state: not for other users.</summary>
    private static readonly string[] PrivateFolders = ["raw", "quarantine", "checkpoints"];

    private readonly StorageOptions options;

    /// <summary>The layout under a root. Nothing is made yet.</summary>
    /// <param name="root">A path or URI, as <see cref="StorageFactory.For"/> takes it.</param>
    /// <param name="options">How the store is reached.</param>
    public LakeLayout(string root, StorageOptions? options = null)
    {
        this.options = options ?? StorageOptions.Default;
        Storage = StorageFactory.For(root, this.options);
        Root = Storage.LocalRoot ?? Storage.Root.AbsoluteUri.TrimEnd('/');
    }

    /// <summary>The root: an absolute path, or a URI where it is not on this machine.</summary>
    public string Root { get; }

    /// <summary>How its store is reached; for tables that are opened by their path.</summary>
    public StorageOptions StorageOptions => options;

    /// <summary>The root as a store.</summary>
    public IStorage Storage { get; }

    /// <summary>Path or URI of the table of all batches.</summary>
    public string Batches => Under("batches");

    /// <summary>Path or URI of a table.</summary>
    /// <exception cref="UsageException">It is not a name.</exception>
    public string Table(string table) => Under("tables", Name("table", table));

    /// <summary>Path or URI of the rows that were kept out of a table.</summary>
    /// <exception cref="UsageException">It is not a name.</exception>
    public string Quarantine(string table) => Under("quarantine", Name("table", table));

    /// <summary>Path or URI of a topic's messages as they were received.</summary>
    /// <exception cref="UsageException">It is not a name.</exception>
    public string Raw(string topic) => Under("raw", Name("topic", topic));

    /// <summary>Path or URI of the state of a job on a data set; a job's words are one name.</summary>
    /// <exception cref="UsageException">One of them is not a name.</exception>
    public string Checkpoint(string job, string dataset) => Under("checkpoints", Name("job", FolderOf(job)), Name("data set", dataset));

    /// <summary>The folder of a job's states below <c>checkpoints</c>.</summary>
    public static string FolderOf(string job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Replace(' ', '-');
    }

    /// <summary>Path or URI of the folder of the files that jobs leave for a data set.</summary>
    /// <exception cref="UsageException">It is not a name.</exception>
    public string Outputs(string dataset) => Under("outputs", Name("data set", dataset));

    /// <summary>Path or URI of what a run leaves.</summary>
    /// <exception cref="UsageException">It is not a name.</exception>
    public string Run(string runId) => Under("runs", Name("run", runId));

    /// <summary>The state of a job on a data set as a store of private files (0600 in folders 0700).</summary>
    /// <exception cref="UsageException">One of them is not a name.</exception>
    public IStorage CheckpointStorage(string job, string dataset) => StorageFactory.For(Checkpoint(job, dataset), options with { IsPrivate = true });

    /// <summary>What a run leaves, as a store of files that the umask lets others read: schedulers and colleagues look at results.</summary>
    /// <exception cref="UsageException">It is not a name.</exception>
    public IStorage RunStorage(string runId) => StorageFactory.For(Run(runId), options);

    /// <summary>Makes the root, which the umask lets others read, and below it the private folders (0700), so that nobody else comes to what lies in them.</summary>
    /// <returns>Warnings about folders that everybody can look into and that belong to another user; one of this user's is closed.</returns>
    /// <exception cref="StorageException">A folder cannot be made.</exception>
    public async Task<IReadOnlyList<string>> PrepareAsync(CancellationToken cancellationToken = default)
    {
        await Storage.CreateFolderAsync("", cancellationToken).ConfigureAwait(false);
        var warnings = new List<string>();
        foreach (var name in PrivateFolders)
        {
            await StorageFactory.For(Under(name), options with { IsPrivate = true }).CreateFolderAsync("", cancellationToken).ConfigureAwait(false);
            if (Storage.LocalRoot is { } root && !FileTrust.TryClose($"{root}/{name}"))
                warnings.Add($"Every user of this machine can read '{root}/{name}', which is meant to be private and belongs to another user. Its owner closes it with: chmod 0700 '{root}/{name}'.");
        }

        return warnings;
    }

    /// <summary>The store at any path or URI, reached as the lake is.</summary>
    /// <exception cref="UsageException">The path or URI cannot be opened.</exception>
    public IStorage StorageFor(string uri)
    {
        try
        {
            return StorageFactory.For(uri, options);
        }
        catch (Exception error) when (error is ArgumentException or UriFormatException)
        {
            throw new UsageException($"'{uri}' cannot be opened: {error.Message.Split(" (Parameter")[0]}", error);
        }
    }

    /// <summary>Names of the tables that have a folder, ordered.</summary>
    public Task<IReadOnlyList<string>> ListTablesAsync(CancellationToken cancellationToken = default) => ListAsync("tables", cancellationToken);

    /// <summary>Names of the tables that have a quarantine, ordered.</summary>
    public Task<IReadOnlyList<string>> ListQuarantinesAsync(CancellationToken cancellationToken = default) => ListAsync("quarantine", cancellationToken);

    /// <summary>Ids of the runs that left something, ordered.</summary>
    public Task<IReadOnlyList<string>> ListRunsAsync(CancellationToken cancellationToken = default) => ListAsync("runs", cancellationToken);

    /// <summary>Whether a text can be the name of a table, topic, job, data set or run.</summary>
    public static bool IsName(string text) =>
        text is { Length: > 0 and <= 200 } && (char.IsAsciiLetterOrDigit(text[0]) || text[0] == '_')
        && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.') && !text.Contains("..", StringComparison.Ordinal);

    private static string Name(string kind, string text) => IsName(text)
        ? text
        : throw new UsageException($"'{text}' cannot be the name of a {kind}: use letters, digits, '_', '-' and '.', 200 at most, a letter, digit or '_' first, and no '..'.");

    private string Under(params ReadOnlySpan<string> parts) => $"{(Root == "/" ? "" : Root)}/{string.Join('/', parts!)}";

    private async Task<IReadOnlyList<string>> ListAsync(string folder, CancellationToken cancellationToken)
    {
        var entries = await Storage.ListAsync(folder, cancellationToken: cancellationToken).ConfigureAwait(false);
        return [.. entries.Where(static entry => entry.IsFolder && IsName(entry.Name)).Select(static entry => entry.Name)];
    }
}
