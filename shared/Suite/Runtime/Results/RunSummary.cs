using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>The end of a run for people: what was done, rows by outcome, tables and files.</summary>
public static class RunSummary
{
    /// <summary>Rules that are told; the rest is in result.json.</summary>
    private const int MostRules = 5;

    /// <summary>Rows by outcome, as a sum.</summary>
    public static string Counts(RunCounts counts) => string.Create(CultureInfo.InvariantCulture,
        $"{counts.Read:N0} read = {counts.Written:N0} written + {counts.Quarantined:N0} quarantined + {counts.Duplicate:N0} duplicate + {counts.Late:N0} late");

    /// <summary>Writes it.</summary>
    public static void Write(TextWriter writer, RunResult result)
    {
        var counts = result.Counts;
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{PrintableText.OneLine(result.Message)} ({(result.EndedAt - result.StartedAt).TotalSeconds:0.0} s)"));
        if (counts.Read > 0)
            writer.WriteLine($"  rows: {Counts(counts)}");
        foreach (var rule in result.Rejected.Take(MostRules))
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  rejected: {rule.Count:N0} × {PrintableText.OneLine(rule.Column ?? "whole row")} {rule.Rule}{(rule.Sample is null ? "" : $", such as '{PrintableText.OneLine(rule.Sample)}'")}"));
        if (result.Rejected.Count > MostRules) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  rejected: {result.Rejected.Count - MostRules} more {(result.Rejected.Count - MostRules == 1 ? "rule" : "rules")}, see 'pipeline runs show {result.RunId}'"));
        foreach (var table in result.Tables)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  table {table.Name}: version {table.VersionBefore?.ToString(CultureInfo.InvariantCulture) ?? "none"} → {table.VersionAfter?.ToString(CultureInfo.InvariantCulture) ?? "none"}  {PrintableText.OneLine(table.Uri)}"));
        foreach (var output in result.Outputs) writer.WriteLine($"  wrote {PrintableText.OneLine(output)}");
        if (result.Warnings.Count > 0) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  warnings: {result.Warnings.Count}"));
    }
}
