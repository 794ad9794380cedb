using Pipeline.Lake.Delta;
using Pipeline.Runtime;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>The log of a table that an operator names.</summary>
internal static class TableLog
{
    /// <summary>Opens it.</summary>
    /// <exception cref="UsageException">The lake has no such table.</exception>
    public static async Task<DeltaLog> OpenAsync(JobContext context, string table, CancellationToken cancellationToken) =>
        DeltaLog.For((await LakeTables.ListAsync(context.Lake, cancellationToken)).PathOf(table), context.Lake.StorageOptions);
}
