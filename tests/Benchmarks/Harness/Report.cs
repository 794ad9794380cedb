using System.Globalization;
using System.Text;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>A line of the table.</summary>
/// <param name="Family">Family of the measurement.</param>
/// <param name="Work">What was done.</param>
/// <param name="Ours">Our figure, with its spread.</param>
/// <param name="Reference">The reference's figure and what it is; empty where there is none.</param>
/// <param name="Ratio">Median of the ratios of neighbours, with the least and the largest.</param>
/// <param name="Cpu">Ratio of CPU times, or our CPU time.</param>
/// <param name="Memory">Peak memory, ours and the reference's.</param>
/// <param name="Target">What is to be reached; empty where the line only tells.</param>
/// <param name="IsMet">Whether it is.</param>
internal sealed record ReportRow(string Family, string Work, string Ours, string Reference, string Ratio, string Cpu, string Memory, string Target, bool? IsMet)
{
    public string Verdict => IsMet switch { true => "met", false => "**missed**", null => "" };
}

/// <summary>All lines, printed as they come and as Markdown at the end.</summary>
internal sealed class Report(TextWriter console)
{
    private const string NotesHeading = "## What was tried";
    private readonly List<ReportRow> rows = [];
    private readonly List<string> leftOut = [];

    public void Add(ReportRow row)
    {
        rows.Add(row);
        console.WriteLine($"{row.Family,-10} {row.Work}: ours {row.Ours}{(row.Reference.Length > 0 ? $" | {row.Reference}" : "")}{(row.Ratio.Length > 0 ? $" | ratio {row.Ratio}" : "")}{(row.Cpu.Length > 0 ? $" | cpu {row.Cpu}" : "")}{(row.Memory.Length > 0 ? $" | peak {row.Memory}" : "")}{(row.Target.Length > 0 ? $" | target {row.Target}: {row.Verdict.Trim('*')}" : "")}");
        console.Flush();
    }

    /// <summary>Notes what could not be measured here, and how to have it measured.</summary>
    public void LeaveOut(string family, string what)
    {
        leftOut.Add($"{family}: {what}");
        console.WriteLine($"{family,-10} left out: {what}");
    }

    public int Missed => rows.Count(row => row.IsMet == false);

    public string ToMarkdown(string machine, string command)
    {
        var text = new StringBuilder();
        _ = text.AppendLine("# Benchmarks: the last table").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Taken on {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC by `{command}`. To get it again: `tests/bench.sh --write` (all, long), or a family: `tests/bench.sh etl --quick`.").AppendLine()
            .AppendLine(machine).AppendLine()
            .AppendLine("Ratio: ours divided by the reference, the median of neighbours in one run (ABAB), in brackets the least and the largest. Times are medians, with the least and the largest. Peak is VmHWM of the process that did the work.").AppendLine()
            .AppendLine("| family | work | ours | reference | ratio | CPU | peak memory | target | |").AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
            _ = text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Family} | {row.Work} | {row.Ours} | {row.Reference} | {row.Ratio} | {row.Cpu} | {row.Memory} | {row.Target} | {row.Verdict} |");
        if (leftOut.Count > 0)
        {
            _ = text.AppendLine().AppendLine("Left out in this run:").AppendLine();
            foreach (var line in leftOut) _ = text.AppendLine(CultureInfo.InvariantCulture, $"- {line}");
        }
        return text.ToString();
    }

    /// <summary>Writes the table, and keeps the notes that stand below it.</summary>
    public void Write(string path, string machine, string command)
    {
        var old = File.Exists(path) ? File.ReadAllText(path) : "";
        var notes = old.IndexOf(NotesHeading, StringComparison.Ordinal);
        File.WriteAllText(path, ToMarkdown(machine, command) + (notes < 0 ? "" : "\n" + old[notes..]));
    }
}
