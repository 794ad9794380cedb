namespace Pipeline.Suite.Export;

/// <summary>What both databases say of a run that may not export: one that read an older version or began earlier, and one that lost its lock.</summary>
internal static class ExportFence
{
    /// <summary>Before a run's id: the target of the row that says that it lost its lock. No table has such a name.</summary>
    public const string OustedPrefix = "ousted run ";

    public static ExportException Older(RunInfo run, string table, string address) => new(
        ExportFailure.Fenced,
        $"Run '{run.RunId}' does not export to {table} in '{address}': a run that read a newer version, or that began later, has exported there. Nothing was changed; start a new run if this one's data are wanted.");

    public static ExportException Ousted(RunInfo run, string address) => new(
        ExportFailure.Fenced,
        $"Run '{run.RunId}' does not export to '{address}': it has lost its lock to another run, which exports there now. Nothing was changed; run the same command again when that one has ended.");
}
