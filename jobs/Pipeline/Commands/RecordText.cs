using Pipeline.Engine.Sql;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>Whole rows for people, a line a column; or, as asked, a JSON object a line.</summary>
internal static class RecordText
{
    public static void Write(JobContext context, IEnumerable<Row> rows, CancellationToken cancellationToken)
    {
        if (context.Get(CommonOptions.Output) == "json")
        {
            RowWriter.JsonLines(context.Output, rows, cancellationToken);
            return;
        }
        var all = rows.ToList();
        if (all.Count > 0) RowWriter.Records(context.Output, all[0].Schema, all);
    }
}
