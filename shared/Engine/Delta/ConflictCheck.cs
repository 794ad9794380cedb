using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>Whether a change may follow a commit that another writer made meanwhile.</summary>
internal static class ConflictCheck
{
    /// <summary>Two writers made the table: the second may go on where the first made it with the same columns and partitions.</summary>
    public static Conflict? Creation(string table, Snapshot made, StructType schema, Metadata metadata) =>
        TableSchema.IsSame(made.Schema, schema) && made.PartitionColumns.SequenceEqual(metadata.PartitionColumns)
            ? null
            : new Conflict(made.Version, null, $"Cannot make the table '{table}': another writer made it meanwhile, with other columns or partitions ({made.Schema.SimpleString}). Read it and choose.");

    /// <summary>What does not fit between a change and a commit before it, or null where it may follow.</summary>
    public static Conflict? Between(string table, Transaction ours, long version, IReadOnlyList<DeltaAction> theirs)
    {
        var info = theirs.OfType<CommitInfo>().FirstOrDefault();
        foreach (var action in theirs)
        {
            var reason = action switch
            {
                Protocol => "changed the table's protocol",
                Metadata metadata when ours.ChangesTable || !KeepsShape(ours.PlannedOn!, metadata, table) => "changed the table's columns or properties",
                Metadata metadata when !TableFeatures.HasSameRules(table, ours.PlannedOn!, metadata) => "changed what the table asks of its rows",
                SetTransaction transaction when transaction.AppId == ours.AppId => null, // Whether it is the same piece of work is asked before the next attempt.
                RemoveFile remove when ours.Removes(remove.Key) => $"removed the file '{remove.FilePath}', which this change removes too",
                RemoveFile { DataChange: true } when ours.ReadsRows => "removed rows that this change may have read",
                AddFile { DataChange: true } when ours.ReadsRows => "added rows that this change has not read",
                _ => null,
            };
            if (reason is not null)
            {
                var winner = info?.Operation is { } operation ? $" ({operation}{(info.EngineInfo is { } engine ? $" by {engine}" : "")})" : "";
                return new Conflict(version, info, $"Cannot commit to '{table}': version {version}{winner} was first and {reason}. Read the table again and retry.");
            }
        }

        return null;
    }

    private static bool KeepsShape(Metadata before, Metadata after, string table) =>
        before.PartitionColumns.SequenceEqual(after.PartitionColumns) && ColumnMapping.IsSame(table, before, after);
}
