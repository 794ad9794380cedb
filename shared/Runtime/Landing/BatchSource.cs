using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Runtime.Landing;

/// <summary>Which batch is landed, and from where.</summary>
/// <param name="ApplicationId">Who writes, stable over restarts and new with a new checkpoint: Delta's <c>txn</c> application.</param>
/// <param name="Number">Number of the batch within the application, 0 upwards.</param>
/// <param name="Origin">What the batch was read from, for the batch's row: a topic or a file.</param>
/// <param name="Job">The job that lands it.</param>
/// <param name="RunId">The run that lands it.</param>
public sealed record BatchSource(string ApplicationId, long Number, string Origin, string Job, string RunId)
{
    /// <summary>Hex digits that stand for the application in the ids of its batches.</summary>
    public const int KeyLength = 8;

    /// <summary>8 hex digits that stand for the application: the same in the ids of all its batches and in the folder of its raw messages.</summary>
    public string ApplicationKey => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApplicationId)))[..KeyLength];

    /// <summary>Unique id of the batch: data set, 8 hex digits that stand for the application, number.</summary>
    public string BatchId(string dataset) => FormattableString.Invariant($"{dataset}-{ApplicationKey}-{Number:D6}");
}

/// <summary>What became of a batch: read = written + quarantined + duplicate.</summary>
public sealed record LandedBatch(string BatchId, long Read, long Written, long Quarantined, long Duplicate, bool IsBad, string? Reason, long? TableVersionBefore, long? TableVersion);
