using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded;

/// <summary>The kill points (<see cref="KillPoint"/>) of the embedded engine.</summary>
public static class EmbeddedKillPoints
{
    /// <summary>A data file is about to be written.</summary>
    public const string BeforeDataFile = "data.before-file";

    /// <summary>A data file is written and not yet in any log.</summary>
    public const string AfterDataFile = "data.after-file";

    /// <summary>The offsets of a micro-batch are about to be written.</summary>
    public const string BeforeOffsets = "stream.before-offsets";

    /// <summary>The offsets of a micro-batch are written and flushed.</summary>
    public const string AfterOffsets = "stream.after-offsets";

    /// <summary>The batch is processed; its commit log entry is not written.</summary>
    public const string BeforeCommit = "stream.before-commit";

    /// <summary>The batch's commit log entry stands.</summary>
    public const string AfterCommit = "stream.after-commit";

    /// <summary>All of them, for tests that go through them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        BeforeDataFile, AfterDataFile, BeforeOffsets, AfterOffsets, BeforeCommit, AfterCommit,
    ];
}
