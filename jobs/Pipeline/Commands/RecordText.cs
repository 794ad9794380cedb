using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export.Files;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>Whole rows for people, a line a column; or, as asked, a JSON object a line.</summary>
internal static class RecordText
{
    private const string NullText = "∅";

    public static void Write(JobContext context, IEnumerable<Row> rows, CancellationToken cancellationToken)
    {
        if (context.Get(CommonOptions.Output) == "json")
        {
            RowWriter.JsonLines(context.Output, rows, cancellationToken);
            return;
        }
        var isFirst = true;
        foreach (var row in rows)
        {
            if (!isFirst) context.Output.WriteLine();
            isFirst = false;
            var width = row.Schema.FieldNames.Max(static name => name.Length);
            foreach (var (field, value) in row.Schema.Zip(row.Values)) context.Output.WriteLine($"{field.Name.PadRight(width)}  {PrintableText.OneLine(ValueText.Of(value) ?? NullText)}");
        }
    }
}
