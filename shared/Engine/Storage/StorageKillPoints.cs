namespace Pipeline.Engine.Storage;

/// <summary>The kill points (<see cref="KillPoint"/>) of a store.</summary>
public static class StorageKillPoints
{
    /// <summary>The commit file of the log is written and flushed under its temporary name.</summary>
    public const string BeforeLink = "delta.before-link";

    /// <summary>All of them, for tests that go through them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        BeforeLink,
    ];
}
