using System.Globalization;
using System.Text;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>A line of the table.</summary>
/// <param name="Family">Family of the measurement.</param>
/// <param name="Work">What was done.</param>
/// <param name="Ours">Our figure, with its spread.</param>
/// <param name="Reference">The reference's figure and what it is; empty where there is none.</param>
/// <param name="Ratio">Median of the ratios of neighbors, with the least and the largest.</param>
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
    private const string TableHeading = "## All lines";
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

    /// <summary>The lines of this run, and those kept of a table, by family.</summary>
    public string ToMarkdown(string machine, IReadOnlyList<string>? kept = null)
    {
        var taken = DateTime.UtcNow.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture);
        var lines = rows.Select(row => $"| {row.Family} | {row.Work} | {row.Ours} | {row.Reference} | {row.Ratio} | {row.Cpu} | {row.Memory} | {row.Target} | {row.Verdict} | {taken} |").Concat(kept ?? [])
            .OrderBy(FamilyOf, StringComparer.Ordinal).ToList();
        var text = new StringBuilder();
        _ = text.AppendLine("# Benchmarks: the last table").AppendLine().Append(TenFigures.ToMarkdown(lines)).AppendLine(TableHeading).AppendLine()
            .AppendLine("To get it again: `tests/bench.sh --install`, then `KAFKA_HOME=… SPARK_HOME=… tests/bench.sh --write` (all, more than an hour), or the lines of one family: `tests/bench.sh etl --write`. Each line says when it was taken (UTC).").AppendLine()
            .AppendLine(machine).AppendLine()
            .AppendLine("Ratio: ours divided by the reference, the median of neighbors in one run (ABAB), in brackets the least and the largest. Times are medians, with the least and the largest. Peak is VmHWM of the process that did the work, or of the largest of its children.").AppendLine()
            .AppendLine("| family | work | ours | reference | ratio | CPU | peak memory | target | | taken |").AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var line in lines) _ = text.AppendLine(line);
        if (leftOut.Count > 0)
        {
            _ = text.AppendLine().AppendLine("Left out in the last run:").AppendLine();
            foreach (var line in leftOut) _ = text.AppendLine(CultureInfo.InvariantCulture, $"- {line}");
        }
        return text.ToString();
    }

    /// <summary>Writes the table: lines of families that were not run stay, as do the notes that stand below it.</summary>
    public void Write(string path, string machine)
    {
        var old = File.Exists(path) ? File.ReadAllText(path) : "";
        var notes = old.IndexOf(NotesHeading, StringComparison.Ordinal);
        var taken = rows.Select(static row => row.Family).ToHashSet(StringComparer.Ordinal);
        var table = Math.Max(0, old.IndexOf(TableHeading, StringComparison.Ordinal));
        var kept = old[table..(notes < 0 ? old.Length : notes)].Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Where(line => !taken.Contains(FamilyOf(line))).ToList();
        File.WriteAllText(path, ToMarkdown(machine, kept) + (notes < 0 ? "" : "\n" + old[notes..]));
    }

    private static string FamilyOf(string line) => line.Split('|')[1].Trim();
}
