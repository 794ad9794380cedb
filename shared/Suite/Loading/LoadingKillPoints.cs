using Pipeline.Engine.Storage;

namespace Pipeline.Suite.Loading;

/// <summary>The kill points (<see cref="KillPoint"/>) of the loader.</summary>
public static class LoadingKillPoints
{
    /// <summary>The raw messages of a batch are about to be archived.</summary>
    public const string BeforeRawArchive = "batch.before-raw-archive";

    /// <summary>The raw messages of a batch are archived.</summary>
    public const string AfterRawArchive = "batch.after-raw-archive";

    /// <summary>Rejected rows are about to be written to quarantine.</summary>
    public const string BeforeQuarantine = "batch.before-quarantine";

    /// <summary>Rejected rows are in quarantine.</summary>
    public const string AfterQuarantine = "batch.after-quarantine";

    /// <summary>The row of the batch is about to be written to <c>batches</c>.</summary>
    public const string BeforeBatchRow = "batch.before-row";

    /// <summary>The row of the batch stands in <c>batches</c>.</summary>
    public const string AfterBatchRow = "batch.after-row";

    /// <summary>A replay has taken its rows; nothing of them is written yet.</summary>
    public const string ReplayAfterClaim = "replay.after-claim";

    /// <summary>The replayed rows stand in the table; the replay is not in <c>batches</c>.</summary>
    public const string ReplayAfterTable = "replay.after-table";

    /// <summary>The replay stands in <c>batches</c>; its rows have not their new status.</summary>
    public const string ReplayAfterBatchRow = "replay.after-batch-row";

    /// <summary>A table is restored; its restore is not in <c>batches</c>.</summary>
    public const string RestoreAfterCommit = "restore.after-commit";

    /// <summary>An export's transaction is filled and about to be committed.</summary>
    public const string ExportBeforeCommit = "export.before-commit";

    /// <summary>An export's transaction is committed.</summary>
    public const string ExportAfterCommit = "export.after-commit";

    /// <summary>All of them, for tests that go through them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        BeforeRawArchive, AfterRawArchive, BeforeQuarantine, AfterQuarantine, BeforeBatchRow, AfterBatchRow,
        ReplayAfterClaim, ReplayAfterTable, ReplayAfterBatchRow, RestoreAfterCommit, ExportBeforeCommit,
        ExportAfterCommit,
    ];
}
