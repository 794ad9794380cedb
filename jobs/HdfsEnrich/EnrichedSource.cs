using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Engine.Delta;

namespace Pipeline.Jobs.HdfsEnrich;

/// <summary>Which version of the main table an enriched table was made from; each commit of the enriched table carries it (<c>userMetadata</c>).</summary>
/// <remarks>
/// Ids of batches alone do not tell what is new: a batch that is loaded again keeps its id and may have other rows. So the main table's own commits are looked at:
/// where one since that version did more than add rows, the enriched table is made again.
/// </remarks>
/// <param name="Table">Id of the main table.</param>
/// <param name="Version">Its version.</param>
internal sealed record EnrichedSource(string Table, long Version)
{
    /// <summary>Commits of the enriched table among which the last that carries a source is looked for: compactions and the like come between.</summary>
    private const int CommitsLookedAt = 200;

    private const string RunId = "run_id";
    private const string SourceTable = "source_table";
    private const string SourceVersion = "source_version";

    /// <summary>The main table as it is now.</summary>
    public static async Task<EnrichedSource> OfAsync(DeltaLog main)
    {
        var snapshot = await main.LoadExistingAsync().ConfigureAwait(false);
        return new EnrichedSource(snapshot.Metadata.Id, snapshot.Version);
    }

    /// <summary>What the last commit of an enriched table that carries a source says; null where none does, as an earlier release made them.</summary>
    public static async Task<EnrichedSource?> FindAsync(DeltaLog enriched) =>
        (await TableHistory.ReadAsync(enriched, CommitsLookedAt).ConfigureAwait(false)).Select(static commit => TryParse(commit.Info?.UserMetadata)).FirstOrDefault(static source => source is not null);

    /// <summary>As a commit carries it.</summary>
    public string ToText(string runId) => new JsonObject { [RunId] = runId, [SourceTable] = Table, [SourceVersion] = Version }.ToJsonString();

    /// <summary>Whether all that happened to the main table between this version and another one is that rows were added.</summary>
    /// <param name="main">The main table.</param>
    /// <param name="now">The later version.</param>
    public async Task<bool> HasOnlyGrownAsync(DeltaLog main, EnrichedSource now)
    {
        if (now.Table != Table || now.Version < Version) return false;
        if (now.Version == Version) return true;
        var latest = (await main.LoadExistingAsync().ConfigureAwait(false)).Version;
        var commits = await TableHistory.ReadAsync(main, (int)Math.Min(int.MaxValue, latest - Version)).ConfigureAwait(false);
        var since = commits.Where(commit => commit.Version > Version && commit.Version <= now.Version).ToList();
        return since.Count == now.Version - Version && since.TrueForAll(static commit => OnlyAdds(commit.Info));
    }

    /// <summary>Whether a commit leaves every row that was there; what is not known to is taken for one that does not.</summary>
    private static bool OnlyAdds(CommitInfo? commit) => commit?.Operation switch
    {
        "WRITE" or "STREAMING UPDATE" => commit.OperationParameters.GetValueOrDefault("mode") == "Append",
        "MERGE" => IsZero(commit, "numTargetRowsUpdated") && IsZero(commit, "numTargetRowsDeleted"),
        "OPTIMIZE" or "ADD COLUMNS" or "SET TBLPROPERTIES" or "VACUUM START" or "VACUUM END" or RunFence.Operation => true,
        _ => false,
    };

    private static bool IsZero(CommitInfo commit, string metric) => long.TryParse(commit.OperationMetrics.GetValueOrDefault(metric), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count == 0;

    private static EnrichedSource? TryParse(string? userMetadata)
    {
        if (userMetadata is not ['{', ..]) return null;
        try
        {
            using var json = JsonDocument.Parse(userMetadata);
            return json.RootElement.TryGetProperty(SourceTable, out var table) && table.GetString() is { } id && json.RootElement.TryGetProperty(SourceVersion, out var version)
                ? new EnrichedSource(id, version.GetInt64())
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null; // Another program's text.
        }
    }
}
