using Pipeline.Lake.Storage;

namespace Pipeline.Lake;

/// <summary>Named places at which a test may have the process die as by <c>kill -9</c>.</summary>
/// <remarks>
/// Off unless the program was built with the switch <c>Pipeline.KillPoints</c> (Debug builds, or <c>-p:KillPoints=true</c>; it stands in the program's runtimeconfig.json).
/// Then <c>PIPELINE_KILL_AT=name:count</c> kills at the count-th time that the place is reached. Elsewhere <see cref="Reach"/> costs nothing.
/// </remarks>
public static class KillPoints
{
    /// <summary>The commit file of the log is written and flushed under its temporary name.</summary>
    public const string DeltaBeforeLink = "delta.before-link";

    /// <summary>The commit stands; nothing was told to the caller yet.</summary>
    public const string DeltaAfterLink = "delta.after-link";

    /// <summary>A commit that asks for a checkpoint stands; the checkpoint is not begun.</summary>
    public const string DeltaBeforeCheckpoint = "delta.before-checkpoint";

    /// <summary>The checkpoint file stands; <c>_last_checkpoint</c> does not name it yet.</summary>
    public const string DeltaBeforeLastCheckpoint = "delta.before-last-checkpoint";

    /// <summary>A vacuum has deleted some of its files.</summary>
    public const string DeltaDuringVacuum = "delta.during-vacuum";

    /// <summary>A data file is about to be written.</summary>
    public const string BeforeDataFile = "data.before-file";

    /// <summary>A data file is written and not yet in any log.</summary>
    public const string AfterDataFile = "data.after-file";

    /// <summary>The offsets of a micro-batch are about to be written.</summary>
    public const string StreamBeforeOffsets = "stream.before-offsets";

    /// <summary>The offsets of a micro-batch are written and flushed.</summary>
    public const string StreamAfterOffsets = "stream.after-offsets";

    /// <summary>The batch is processed; its commit log entry is not written.</summary>
    public const string StreamBeforeCommit = "stream.before-commit";

    /// <summary>The batch's commit log entry stands.</summary>
    public const string StreamAfterCommit = "stream.after-commit";

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

    /// <summary>All names, for tests that go through them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        DeltaBeforeLink, DeltaAfterLink, DeltaBeforeCheckpoint, DeltaBeforeLastCheckpoint, DeltaDuringVacuum, BeforeDataFile, AfterDataFile,
        StreamBeforeOffsets, StreamAfterOffsets, StreamBeforeCommit, StreamAfterCommit, BeforeRawArchive, AfterRawArchive, BeforeQuarantine, AfterQuarantine,
        BeforeBatchRow, AfterBatchRow, ReplayAfterClaim, ReplayAfterTable, ReplayAfterBatchRow, RestoreAfterCommit, ExportBeforeCommit, ExportAfterCommit,
    ];

    private static readonly Target? Armed = Read();

    /// <summary>Dies here if a test asked for it.</summary>
    /// <param name="name">One of the constants of this class.</param>
    public static void Reach(string name)
    {
        if (Armed is not null && Armed.Name == name && Interlocked.Decrement(ref Armed.Left) == 0) Posix.KillSelf();
    }

    /// <summary>The place and count that a setting asks for, or null where it asks for none.</summary>
    /// <exception cref="ArgumentException">The text is not <c>name:count</c> with a known name.</exception>
    internal static (string Name, int Count)? Parse(string? setting)
    {
        if (string.IsNullOrEmpty(setting)) return null;
        var colon = setting.LastIndexOf(':');
        var name = colon < 0 ? setting : setting[..colon];
        var count = 1;
        if ((colon >= 0 && (!int.TryParse(setting.AsSpan(colon + 1), out count) || count < 1)) || !All.Contains(name))
            throw new ArgumentException($"PIPELINE_KILL_AT is '{setting}', which is not name:count. The names are: {string.Join(", ", All)}.", nameof(setting));
        return (name, count);
    }

    private static Target? Read() =>
        AppContext.TryGetSwitch("Pipeline.KillPoints", out var isOn) && isOn && Parse(Environment.GetEnvironmentVariable("PIPELINE_KILL_AT")) is { } asked
            ? new Target(asked.Name) { Left = asked.Count }
            : null;

    private sealed class Target(string name)
    {
        public int Left;

        public string Name { get; } = name;
    }
}
