using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>The tables that a command is for: the one that it names, or all of the lake.</summary>
internal static class ChosenTables
{
    public static JobOption Table { get; } = JobOption.Argument("table", "Name of a table, as 'pipeline tables' lists it", isRequired: false);

    public static JobOption All { get; } = JobOption.Flag("all", "Every table of the lake, quarantines and batches too, in place of one");

    /// <summary>Their names and logs, ordered by name.</summary>
    /// <exception cref="UsageException">None is chosen, or one and all, or the lake has no such table.</exception>
    public static async Task<IReadOnlyList<(string Name, DeltaLog Log)>> OpenAsync(JobContext context, CancellationToken cancellationToken)
    {
        var (table, isAll) = (context.Find(Table.Name), context.GetFlag(All.Name));
        if (table is null == !isAll) throw new UsageException(isAll ? $"There is a table, '{table}', and --all. Give one of them." : "Name a table, or give --all for every table of the lake.");
        if (table is not null) return [(table, await TableLog.OpenAsync(context, table, cancellationToken))];
        var tables = await LakeTables.ListAsync(context.Lake, cancellationToken);
        var known = await LakeCatalog.ReadAsync(context.Lake, tables, cancellationToken);
        return [.. known.Select(each => (each.Name, DeltaLog.For(tables.PathOf(each.Name), context.Lake.StorageOptions)))];
    }
}
