using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>The kill points (<see cref="KillPoint"/>) of the transaction log.</summary>
public static class DeltaKillPoints
{
    /// <summary>The commit stands; nothing was told to the caller yet.</summary>
    public const string AfterLink = "delta.after-link";

    /// <summary>A commit that asks for a checkpoint stands; the checkpoint is not begun.</summary>
    public const string BeforeCheckpoint = "delta.before-checkpoint";

    /// <summary>The checkpoint file stands; <c>_last_checkpoint</c> does not name it yet.</summary>
    public const string BeforeLastCheckpoint = "delta.before-last-checkpoint";

    /// <summary>A vacuum has deleted some of its files.</summary>
    public const string DuringVacuum = "delta.during-vacuum";

    /// <summary>All of them, for tests that go through them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        AfterLink, BeforeCheckpoint, BeforeLastCheckpoint, DuringVacuum,
    ];
}
