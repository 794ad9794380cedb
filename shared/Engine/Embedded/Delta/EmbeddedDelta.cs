using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Operations on Delta tables through the lake's own log.</summary>
internal sealed class EmbeddedDelta(SessionContext session) : IDeltaEngine
{
    public bool Exists(string path) => EngineErrors.Wait(Log(path).LoadAsync()) is not null;

    public long LatestVersion(string path) => EngineErrors.Wait(Log(path).LoadExistingAsync()).Version;

    public IReadOnlyList<DeltaCommit> History(string path, int? limit = null) =>
        [.. EngineErrors.Wait(TableHistory.ReadAsync(Log(path), limit)).Select(Commit)];

    private static DeltaCommit Commit(TableVersion version)
    {
        var info = version.Info ?? new CommitInfo();
        return new DeltaCommit(version.Version, version.CommittedAt ?? DateTimeOffset.UnixEpoch, info.Operation ?? "UNKNOWN", info.OperationParameters, info.OperationMetrics, info.UserMetadata)
        {
            UserId = info.UserId,
            UserName = info.UserName,
            Job = info.Job,
            NotebookId = info.NotebookId,
            ClusterId = info.ClusterId,
            ReadVersion = info.ReadVersion,
            IsolationLevel = info.IsolationLevel,
            IsBlindAppend = info.IsBlindAppend,
            EngineInfo = info.EngineInfo,
        };
    }

    public long RestoreToVersion(string path, long version) => EngineErrors.Wait(TableRestore.ToVersionAsync(Log(path), version)).NewVersion ?? version;

    public long RestoreToTimestamp(string path, string timestamp) => RestoreToVersion(path, EngineErrors.Wait(TableRestore.VersionAtAsync(Log(path), DeltaSource.Instant(timestamp))));

    public IReadOnlyList<string> Vacuum(string path, double retentionHours, bool dryRun) =>
        EngineErrors.Wait(TableVacuum.RunAsync(Log(path), TimeSpan.FromHours(retentionHours), dryRun, IsShortRetentionAllowed)).Files;

    public void Optimize(string path, long targetFileSizeBytes) => TableCompaction.Run(session, Log(path), targetFileSizeBytes);

    public long Delete(string path, string? conditionSql, IReadOnlyDictionary<string, string> options) =>
        TableRewrite.Delete(session, Log(path), conditionSql, new SourceOptions(options));

    public long Update(UpdateSpec update) => TableUpdate.Run(session, update);

    public long Merge(MergeSpec merge) => new TableMerge(session, merge).Run();

    public AppendResult Append(AppendSpec append, CancellationToken cancellationToken = default)
    {
        session.Refresh(append.Sql);
        return DeltaSink.Append(session, append, cancellationToken);
    }

    /// <summary>Delta's own switch for retentions that can take files from readers at work.</summary>
    private bool IsShortRetentionAllowed =>
        session.Conf.TryGetValue("spark.databricks.delta.retentionDurationCheck.enabled", out var check) && check.Equals("false", StringComparison.OrdinalIgnoreCase);

    private DeltaLog Log(string path) => session.Database.Tables.Log(path);
}
