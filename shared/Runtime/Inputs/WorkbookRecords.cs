using Pipeline.Schemas;
using Pipeline.Sql;

namespace Pipeline.Runtime.Inputs;

internal static class WorkbookRecords
{
    public static Task<DataFrame> ReadAsync(JobContext context, InputFile input, SourceFile file, CancellationToken cancellationToken) =>
        throw new UsageException($"'{input.Uri}' is a workbook.");
}
