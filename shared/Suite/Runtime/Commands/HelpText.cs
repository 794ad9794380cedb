using System.Text;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Commands;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpText
{
    private const string ExitCodeLines = """
        Exit codes:
          0    done, warnings too                      4    a batch was quarantined, the last good version is served
          1    unexpected                              6    another run holds the lock
          2    usage or configuration                  75   transient: run the same command again
          3    the data broke a contract, do not retry 130, 143   ended by SIGINT, SIGTERM or SIGHUP
        """;

    public static string OfJob(string path, IJob job)
    {
        var text = new StringBuilder();
        var arguments = job.Options.Where(static option => option.IsArgument).ToList();
        var usage = string.Concat(arguments.Select(static argument => argument.IsRequired ? $" {argument.Name.ToUpperInvariant()}" : $" [{argument.Name.ToUpperInvariant()}]"));
        text.AppendLine(job.Purpose).AppendLine();
        text.AppendLine($"Usage: {path}{usage} [options]").AppendLine();
        if (job.Examples.Count > 0)
        {
            text.AppendLine("Examples:");
            foreach (var example in job.Examples) text.AppendLine($"  {Called(example, path)}");
            text.AppendLine();
        }
        Table(text, "Arguments:", arguments.Select(static argument => (argument.Name.ToUpperInvariant(), Explain(argument, null))));
        var section = job.Section;
        Table(text, "Options:", job.Options.Where(static option => !option.IsArgument).Select(option => (Left(option), Explain(option, EnvironmentNames.Of(section, option.Name)))));
        Table(text, "Common options:", CommonOptions.For(job).Where(common => job.NeedsDataset || common.Name != CommonOptions.Dataset).Select(option => (Left(option), Explain(option, option.Kind == OptionKind.Flag ? null : EnvironmentNames.Of(null, option.Name)))));
        text.AppendLine("Precedence: flag, environment, pipeline.yml, default.").AppendLine();
        return text.AppendLine(ExitCodeLines).ToString();
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

    public static string OfGroup(string path, string purpose, IReadOnlyList<IJob> jobs, string prefix)
    {
        var text = new StringBuilder();
        text.AppendLine(purpose).AppendLine().AppendLine($"Usage: {path} COMMAND [options]").AppendLine();
        Table(text, "Commands:", jobs.Where(job => prefix.Length == 0 || job.Name.StartsWith(prefix + " ", StringComparison.Ordinal)).Select(job => (prefix.Length == 0 ? job.Name : job.Name[(prefix.Length + 1)..], job.Purpose)));
        return text.AppendLine($"'{path} COMMAND --help' explains each.{(prefix.Length == 0 ? $" '{path} --version' prints the version." : "")}").ToString();
    }

    private static string Left(JobOption option) =>
        $"{(option.ShortName is null ? "" : $"-{option.ShortName}, ")}--{option.Name}{(option.Kind == OptionKind.Flag ? "" : $" {(option.Choices.Count > 0 ? string.Join('|', option.Choices) : option.ValueName)}")}";

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

    private static void Table(StringBuilder text, string title, IEnumerable<(string Left, string Right)> rows)
    {
        var all = rows.ToList();
        if (all.Count == 0) return;
        text.AppendLine(title);
        var width = Math.Min(34, all.Max(static row => row.Left.Length));
        foreach (var (left, right) in all)
            if (left.Length > width) text.AppendLine($"  {left}").AppendLine($"  {new string(' ', width)}  {right}");
            else text.AppendLine($"  {left.PadRight(width)}  {right}");
        text.AppendLine();
    }
}
