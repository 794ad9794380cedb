using Pipeline.Embedded.Session;
using Pipeline.Embedded.Sources;
using Pipeline.Sql.Engine;

namespace Pipeline.Embedded.Delta;

/// <summary>Operations on Delta tables through the lake's own log.</summary>
internal sealed class EmbeddedDelta(SessionContext session) : IDeltaEngine
{
    public bool Exists(string path) => EngineErrors.Wait(session.Database.Tables.Log(path).LoadAsync()) is not null;

    public long LatestVersion(string path) => EngineErrors.Wait(session.Database.Tables.Log(path).LoadExistingAsync()).Version;

    public IReadOnlyList<DeltaCommit> History(string path, int? limit = null) => throw new EngineException("History is not there yet.");

    public long RestoreToVersion(string path, long version) => throw new EngineException("Restore is not there yet.");

    public long RestoreToTimestamp(string path, string timestamp) => throw new EngineException("Restore is not there yet.");

    public IReadOnlyList<string> Vacuum(string path, double retentionHours, bool dryRun) => throw new EngineException("Vacuum is not there yet.");

    public void Optimize(string path, long targetFileSizeBytes) => TableRewrite.Optimize(session, session.Database.Tables.Log(path), targetFileSizeBytes);

    public long Delete(string path, string? conditionSql, IReadOnlyDictionary<string, string> options) =>
        TableRewrite.Delete(session, session.Database.Tables.Log(path), conditionSql, new SourceOptions(options));

    public long Merge(MergeSpec merge) => new TableMerge(session, merge).Run();
}
