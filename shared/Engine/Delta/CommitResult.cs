using System.Collections.Immutable;

namespace Pipeline.Engine.Delta;

/// <summary>What came of a commit. The family is closed.</summary>
public abstract record CommitResult
{
    private protected CommitResult()
    {
    }
}

/// <summary>The change stands.</summary>
/// <param name="Snapshot">The table after it; its version is the one that was written.</param>
/// <param name="Attempts">Names tried, 1 upwards.</param>
public sealed record Committed(Snapshot Snapshot, int Attempts) : CommitResult
{
    /// <summary>The version that was written.</summary>
    public long Version => Snapshot.Version;

    /// <summary>What went wrong after the commit and harms nothing (a checkpoint that could not be written), or null.</summary>
    public string? Warning { get; init; }
}

/// <summary>Nothing was written: the table holds this piece of work already.</summary>
/// <param name="AppId">The application.</param>
/// <param name="RequestedVersion">The piece of work that was asked for.</param>
/// <param name="FoundVersion">The application's last piece of work in the table.</param>
/// <param name="Snapshot">The table as it is.</param>
public sealed record AlreadyCommitted(string AppId, long RequestedVersion, long FoundVersion, Snapshot Snapshot) : CommitResult;

/// <summary>Another writer was first, and this change cannot stand after that one's: read the table again and plan again.</summary>
/// <param name="WinningVersion">The version that the other one wrote.</param>
/// <param name="Winner">What it was, or null where its file does not tell.</param>
/// <param name="Message">What does not fit, in a sentence.</param>
public sealed record Conflict(long WinningVersion, CommitInfo? Winner, string Message) : CommitResult;

/// <summary>The store failed or was too busy. Commit the same transaction again: a commit that stands after all is recognized, never repeated.</summary>
/// <param name="Message">What failed, in a sentence.</param>
/// <param name="Cause">The store's error, or null.</param>
public sealed record Retryable(string Message, Exception? Cause) : CommitResult;

/// <summary>What a commit is, for the table's history.</summary>
/// <param name="Name">WRITE, MERGE, DELETE, OPTIMIZE, RESTORE …</param>
public sealed record Operation(string Name)
{
    /// <summary>Parameters by name; texts as Spark writes them (a list is its JSON).</summary>
    public ImmutableSortedDictionary<string, string> Parameters { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Counts by name, beside those that the commit counts itself (numFiles, numOutputRows, numOutputBytes, numRemovedFiles, numRemovedBytes).</summary>
    public ImmutableSortedDictionary<string, string> Metrics { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>A text of the caller that stays with the version, such as a batch id; null for none.</summary>
    public string? UserMetadata { get; init; }

    /// <summary>A write of rows, as Spark names it.</summary>
    /// <param name="mode">Append or Overwrite.</param>
    /// <param name="partitionBy">The partition columns.</param>
    public static Operation Write(string mode, IEnumerable<string> partitionBy)
    {
        ArgumentNullException.ThrowIfNull(partitionBy);
        var columns = $"[{string.Join(',', partitionBy.Select(static column => $"\"{System.Text.Json.JsonEncodedText.Encode(column, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\""))}]";
        return new Operation("WRITE") { Parameters = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("mode", mode).Add("partitionBy", columns) };
    }
}
