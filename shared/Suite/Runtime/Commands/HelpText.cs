using System.Text;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Commands;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    private static readonly (string Code, string Meaning)[] ExitCodeRows =
    [
        ("0", "done, warnings too"),
        ("1", "unexpected"),
        ("2", "usage or configuration"),
        ("3", "the data broke a contract, do not retry"),
        ("4", "a batch was quarantined, the last good version is served"),
        ("6", "another run holds the lock"),
        ("75", "transient: run the same command again"),
        ("130, 143", "ended by SIGINT, SIGTERM or SIGHUP"),
    ];

    /// <summary>The help of a job.</summary>
    /// <param name="path">The words that call it.</param>
    /// <param name="job">The job.</param>
    /// <param name="width">Columns of the terminal that shows it; null is any.</param>
    public static string OfJob(string path, IJob job, int? width = null)
    {
        var text = new StringBuilder();
        var arguments = job.Options.Where(static option => option.IsArgument).ToList();
        var usage = string.Concat(arguments.Select(static argument => argument.IsRequired ? $" {argument.Name.ToUpperInvariant()}" : $" [{argument.Name.ToUpperInvariant()}]"));
        foreach (var line in WrappedText.Lines(job.Purpose, width ?? int.MaxValue)) text.AppendLine(line);
        text.AppendLine();
        text.AppendLine($"Usage: {path}{usage} [options]").AppendLine();
        if (job.Examples.Count > 0)
        {
            text.AppendLine("Examples:");
            foreach (var example in job.Examples) text.AppendLine($"  {Called(example, path)}");
            text.AppendLine();
        }
        Table(text, width, "Arguments:", arguments.Select(static argument => (argument.Name.ToUpperInvariant(), Explain(argument, null))));
        var section = job.Section;
        Table(text, width, "Options:", job.Options.Where(static option => !option.IsArgument).Select(option => (Left(option), Explain(option, EnvironmentNames.Of(section, option.Name)))));
        Table(text, width, "Common options:", CommonOptions.For(job).Where(common => job.NeedsDataset || common.Name != CommonOptions.Dataset).Select(option => (Left(option), Explain(option, option.Kind == OptionKind.Flag ? null : EnvironmentNames.Of(null, option.Name)))));
        text.AppendLine("Precedence: flag, environment, pipeline.yml, default.").AppendLine();
        Table(text, width, "Exit codes:", ExitCodeRows);
        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>An example of a job's own program as the same job is called by a command of a suite.</summary>
    private static string Called(string example, string path)
    {
        var (program, rest) = example.IndexOf(' ', StringComparison.Ordinal) is >= 0 and var at ? (example[..at], example[at..]) : (example, "");
        var words = path.Split(' ');
        if (words.Length == 1 || program == words[0]) return example;
        // A program of several commands names the command first, which the path has as its last word.
        var command = $" {words[^1]} ";
        return path + (rest.StartsWith(command, StringComparison.Ordinal) ? rest[(command.Length - 1)..] : rest);
    }

    /// <summary>The help of a group of commands.</summary>
    public static string OfGroup(string path, string purpose, IReadOnlyList<IJob> jobs, string prefix, int? width = null)
    {
        var text = new StringBuilder();
        text.AppendLine(purpose).AppendLine().AppendLine($"Usage: {path} COMMAND [options]").AppendLine();
        Table(text, width, "Commands:", jobs.Where(job => prefix.Length == 0 || job.Name.StartsWith(prefix + " ", StringComparison.Ordinal)).Select(job => (prefix.Length == 0 ? job.Name : job.Name[(prefix.Length + 1)..], job.Purpose)));
        return text.AppendLine($"'{path} COMMAND --help' explains each.{(prefix.Length == 0 ? $" '{path} --version' prints the version." : "")}").ToString();
    }

    private static string Left(JobOption option) =>
        $"{(option.ShortName is null ? "" : $"-{option.ShortName}, ")}{string.Join(", ", option.Names.Select(static name => "--" + name))}{(option.Kind == OptionKind.Flag ? "" : $" {(option.Choices.Count > 0 ? string.Join('|', option.Choices) : option.ValueName)}")}";

    private static string Explain(JobOption option, string? environment)
    {
        var notes = new List<string>();
        if (option.IsRequired && !option.IsArgument) notes.Add("required");
        if (option.Default is { } value && option.Kind != OptionKind.Flag) notes.Add($"default {value}");
        if (option.IsRepeatable) notes.Add("may be repeated");
        if (option.IsSecret) notes.Add("not a flag: environment or file only");
        string[] names = [.. new[] { option.Environment, environment }.OfType<string>()];
        if (names.Length > 0) notes.Add($"env {string.Join(", ", names)}");
        return $"{option.Description}.{(notes.Count > 0 ? $" [{string.Join("; ", notes)}]" : "")}";
    }

    private static void Table(StringBuilder text, int? room, string title, IEnumerable<(string Left, string Right)> rows)
    {
        const int leastRight = 30;
        var all = rows.ToList();
        if (all.Count == 0) return;
        text.AppendLine(title);
        var width = Math.Min(room is < 100 ? 24 : 34, all.Max(static row => row.Left.Length));
        var right = room is { } columns ? Math.Max(leastRight, columns - width - 4) : int.MaxValue;
        foreach (var (left, explanation) in all)
        {
            var isLong = left.Length > width;
            if (isLong) text.AppendLine($"  {left}");
            foreach (var (i, line) in WrappedText.Lines(explanation, right).Index()) text.AppendLine($"  {(i == 0 && !isLong ? left : "").PadRight(width)}  {line}");
        }
        text.AppendLine();
    }
}
