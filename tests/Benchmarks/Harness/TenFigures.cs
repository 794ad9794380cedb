using System.Globalization;
using System.Text;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>The ten figures that a reader asks for first, picked from the lines of the table.</summary>
internal static class TenFigures
{
    public const string Heading = "## The ten figures";

    /// <summary>What is asked, and which line answers: its family, the beginning of its work, and a part of its reference where several begin so.</summary>
    private static readonly (string Question, string Family, string Work, string Reference)[] Questions =
    [
        ("A file of 204 MB as Parquet, by the job", "etl", "CSV of 204 MB to Parquet", ""),
        ("The same against Spark on this machine", "etl", "the same", "Spark local[2]"),
        ("With 1 % bad rows and quarantine", "etl-dirty", "the same with 1 % bad rows", ""),
        ("In little memory, with quarantine, duplicates and the join", "etl", "the job batch-etl on that file", ""),
        ("A join of 27 million values with its references", "enrich", "about 27,032,750 values", ""),
        ("Messages to Kafka, against C", "produce", "1,000,000 messages of 100 B", "C on librdkafka"),
        ("From Kafka to Delta, catching up", "stream", "catch-up", ""),
        ("From a message to its commit, at half of 150,000 a second", "stream", "half of 150 k msg/s (75,000 msg/s): oldest", ""),
        ("A million rows to PostgreSQL, read back and compared", "export", "1,000,000 rows, first export", ""),
        ("The first answer of a query", "start", "pipeline query", ""),
    ];

    /// <summary>The figures as Markdown, of the lines that there are.</summary>
    /// <param name="lines">Lines of the table: family, work, ours, reference, ratio, CPU, memory, target, verdict, taken.</param>
    public static string ToMarkdown(IReadOnlyList<string> lines)
    {
        var text = new StringBuilder().AppendLine(Heading).AppendLine().AppendLine("| | ours | against | ratio | taken |").AppendLine("|---|---|---|---|---|");
        foreach (var (question, family, work, reference) in Questions)
        {
            if (lines.FirstOrDefault(line => line.StartsWith($"| {family} | {work}", StringComparison.Ordinal) && line.Contains(reference, StringComparison.Ordinal)) is not { } line) continue;
            var cells = line.Split('|').Select(static cell => cell.Trim()).ToArray();
            _ = text.AppendLine(CultureInfo.InvariantCulture, $"| {question} | {cells[3]} | {cells[4]} | {cells[5]} | {cells[^2]} |");
        }
        return text.AppendLine().ToString();
    }
}
