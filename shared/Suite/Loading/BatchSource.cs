using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Suite.Loading;

/// <summary>Which batch is loaded, and from where.</summary>
/// <param name="ApplicationId">Who writes, stable over restarts and new with a new checkpoint: Delta's <c>txn</c> application.</param>
/// <param name="Number">Number of the batch within the application, 0 upwards.</param>
/// <param name="Origin">What the batch was read from, for the batch's row: a topic or a file.</param>
/// <param name="Job">The job that loads it.</param>
/// <param name="RunId">The run that loads it.</param>
public sealed record BatchSource(string ApplicationId, long Number, string Origin, string Job, string RunId)
{
    /// <summary>Hex digits that stand for the application in the ids of its batches.</summary>
    public const int KeyLength = 8;

    /// <summary>Whether the batch is named by its content too: <see cref="ApplicationId"/> gets the rows' checksum, and <see cref="Number"/> counts how often this content was loaded before.</summary>
    public bool IsNamedByContent { get; init; }

    /// <summary>A file as a batch: the same id whenever a run that died is repeated, another one for other content.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="uri">The file.</param>
    /// <param name="job">The job that loads it.</param>
    /// <param name="runId">The run that loads it.</param>
    public static BatchSource OfFile(string dataset, string uri, string job, string runId) => new($"{job}/{dataset}/{uri}", 0, uri, job, runId) { IsNamedByContent = true };

    /// <summary>8 hex digits that stand for the application: the same in the ids of all its batches and in the folder of its raw messages.</summary>
    public string ApplicationKey => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApplicationId)))[..KeyLength];

    /// <summary>Unique id of the batch: data set, 8 hex digits that stand for the application, number.</summary>
    public string BatchId(string dataset) => FormattableString.Invariant($"{BatchIdPrefix(dataset)}{Number:D6}");

    /// <summary>What the ids of all batches of the application begin with.</summary>
    internal string BatchIdPrefix(string dataset) => $"{dataset}-{ApplicationKey}-";
}

/// <summary>What became of a batch: read = written + quarantined + duplicate.</summary>
public sealed record LoadedBatch(string BatchId, long Read, long Written, long Quarantined, long Duplicate, bool IsBad, string? Reason, long? TableVersionBefore, long? TableVersion)
{
    /// <summary>Whether good rows were held back in this run, all (<see cref="IsBad"/>) or those of a window with too many bad messages; <see cref="Reason"/> then says why.</summary>
    public bool IsHeldBack { get; init; } = IsBad;

    /// <summary>The rules that its rejected rows broke; empty where an earlier run rejected them.</summary>
    public IReadOnlyList<Rejection> Rejections { get; init; } = [];

    /// <summary>A batch that an earlier run completed, as <c>batches</c> has it.</summary>
    internal static LoadedBatch Of(BatchRecord batch) =>
        new(batch.BatchId, batch.RowsRead, batch.RowsWritten, batch.RowsQuarantined, batch.RowsDuplicate, batch.Status == BatchStatus.Quarantined, batch.Reason, batch.TableVersion, batch.TableVersion);
}
