using System.Text;
using Pipeline.Schemas;

namespace Pipeline.Producer.CommandLine;

/// <summary>What <c>--help</c> prints.</summary>
internal static class HelpPage
{
    private const int LeftWidth = 30;

    private const string ExitCodeLines = """
        Exit codes:
          0   done, warnings too                       75   transient: run the same command again
          1   unexpected                               130  ended by SIGINT (a second one ends at once)
          2   usage or configuration                   143  ended by SIGTERM or SIGHUP
          3   the data broke a contract, do not retry
        """;

    internal static string OfProgram(IReadOnlyList<CliCommand> commands)
    {
        var text = new StringBuilder("Feeds Kafka topics from CSV and Excel files or a generator.\n\nUsage: producer COMMAND DATASET [options]\n\n");
        Table(text, "Commands:", commands.Select(command => (command.Name, command.Purpose + ".")));
        Table(text, "Data sets:", Datasets.All.Select(dataset => (dataset.Name, dataset.Title + ".")));
        _ = text.Append("Examples:\n");
        foreach (var command in commands)
            _ = text.Append("  ").Append(command.Examples[0]).Append('\n');
        return text.Append("\n'producer COMMAND --help' tells more of each.\n").ToString();
    }

    internal static string OfCommand(CliCommand command)
    {
        var text = new StringBuilder(command.Purpose).Append(".\n\nUsage: producer ").Append(command.Name).Append(" DATASET [options]\n\nExamples:\n");
        foreach (var example in command.Examples)
            _ = text.Append("  ").Append(example).Append('\n');
        _ = text.Append('\n');
        Table(text, "Data sets:", Datasets.All.Select(dataset => (dataset.Name, dataset.Title + ".")));
        Table(text, "Options:", command.Options.Select(Row));
        Table(text, "Common options:", CliCommand.CommonOptions.Select(Row));
        return text.Append("A flag wins over the environment, that over the default.\n\n").Append(ExitCodeLines).Append('\n').ToString();
    }

    private static (string, string) Row(CliOption option)
    {
        var left = $"{(option.ShortName is null ? "" : $"-{option.ShortName}, ")}--{option.Name}{(option.IsSwitch ? "" : " " + option.ValueName)}";
        var notes = new List<string>();
        if (option.Default is not null)
            notes.Add($"default {option.Default}");
        notes.Add($"env {(option.CommonEnvironment is null ? "" : option.CommonEnvironment + ", ")}{option.Environment}");
        return (left, $"{option.Description}. [{string.Join("; ", notes)}]");
    }

    private static void Table(StringBuilder text, string title, IEnumerable<(string Left, string Right)> rows)
    {
        _ = text.Append(title).Append('\n');
        foreach (var (left, right) in rows)
            _ = text.Append("  ").Append(left.PadRight(LeftWidth)).Append("  ").Append(right).Append('\n');
        _ = text.Append('\n');
    }
}
