using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>The log of a table that an operator names.</summary>
internal static class TableLog
{
    /// <summary>Opens it.</summary>
    /// <exception cref="UsageException">The lake has no such table.</exception>
    public static async Task<DeltaLog> OpenAsync(JobContext context, string table, CancellationToken cancellationToken) =>
        DeltaLog.For((await LakeTables.ListAsync(context.Lake, cancellationToken)).PathOf(table), context.Lake.StorageOptions);
}
