using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>The end of a run for people: what was done, rows by outcome, tables and files.</summary>
internal static class RunSummary
{
    public static void Write(TextWriter writer, RunResult result)
    {
        var counts = result.Counts;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{PrintableText.OneLine(result.Message)} ({(result.EndedAt - result.StartedAt).TotalSeconds:0.0} s)"));
        if (counts.Read > 0)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  rows: {counts.Read:N0} read = {counts.Written:N0} written + {counts.Quarantined:N0} quarantined + {counts.Duplicate:N0} duplicate + {counts.Late:N0} late"));
        foreach (var table in result.Tables)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  table {table.Name}: version {table.VersionBefore?.ToString(CultureInfo.InvariantCulture) ?? "none"} → {table.VersionAfter?.ToString(CultureInfo.InvariantCulture) ?? "none"}  {PrintableText.OneLine(table.Uri)}"));
        foreach (var output in result.Outputs) writer.WriteLine($"  wrote {PrintableText.OneLine(output)}");
        if (result.Warnings.Count > 0) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  warnings: {result.Warnings.Count}"));
    }
}
