using System.CommandLine;
using System.CommandLine.Parsing;
using Pipeline.Files;
using Pipeline.Kafka;
using Pipeline.Schemas;

namespace Pipeline.Producer.CommandLine;

/// <summary>What a command line asks for.</summary>
/// <param name="Command">The command; null where only the program's help is asked for.</param>
/// <param name="IsHelp">Whether help is asked for.</param>
/// <param name="Dataset">The data set's name as given.</param>
/// <param name="Flags">Values of the options given, by name.</param>
internal sealed record Invocation(CliCommand? Command, bool IsHelp, string? Dataset, IReadOnlyDictionary<string, string> Flags);

/// <summary>Reads the command line; a wrong word is answered with the nearest right one.</summary>
internal sealed class CommandLineParser
{
    private const string Help = "'producer --help' shows what there is.";
    private readonly RootCommand _root = new();
    private readonly Dictionary<Command, (CliCommand Spec, Argument<string> Dataset, List<(CliOption Spec, Option Option)> Options)> _commands = [];

    internal CommandLineParser(IEnumerable<CliCommand> commands)
    {
        _root.Options.Clear();
        _root.Directives.Clear();
        foreach (var spec in commands)
        {
            var command = new Command(spec.Name, spec.Purpose);
            var dataset = new Argument<string>("dataset") { Arity = ArgumentArity.ZeroOrOne };
            command.Add(dataset);
            var options = new List<(CliOption, Option)>();
            foreach (var option in spec.AllOptions)
            {
                string[] aliases = option.ShortName is null ? [] : ["-" + option.ShortName];
                Option made = option.IsSwitch ? new Option<bool>("--" + option.Name, aliases) : new Option<string>("--" + option.Name, aliases);
                command.Add(made);
                options.Add((option, made));
            }
            _root.Add(command);
            _commands.Add(command, (spec, dataset, options));
        }
    }

    /// <exception cref="UsageException">The command line is wrong.</exception>
    internal Invocation Parse(IReadOnlyList<string> args)
    {
        var parsed = _root.Parse([.. args.Where(arg => arg is not ("--help" or "-h" or "-?"))], new ParserConfiguration { ResponseFileTokenReplacer = null });
        var isHelp = args.Count == 0 || args.Any(arg => arg is "--help" or "-h" or "-?");
        if (!_commands.TryGetValue(parsed.CommandResult.Command, out var found))
            return isHelp ? new Invocation(null, true, null, new Dictionary<string, string>()) : throw UnknownCommand(parsed);
        if (isHelp)
            return new Invocation(found.Spec, true, null, new Dictionary<string, string>());
        RefuseSwallowed(args, parsed, found.Spec);
        RefuseUnknown(parsed, found.Spec);
        var flags = new Dictionary<string, string>();
        foreach (var (spec, option) in found.Options)
        {
            var value = option switch
            {
                Option<bool> given when parsed.GetResult(given) is { Implicit: false } => parsed.GetValue(given) ? "true" : "false",
                Option<string> given => parsed.GetValue(given),
                _ => null,
            };
            if (value is not null)
                flags[spec.Name] = value;
        }
        return new Invocation(found.Spec, false, parsed.GetValue(found.Dataset), flags);
    }

    /// <summary>The data set of this name.</summary>
    /// <exception cref="UsageException">None is given, or there is none of that name.</exception>
    internal static DatasetContract Dataset(Invocation invocation)
    {
        var names = Datasets.All.Select(dataset => dataset.Name).ToList();
        if (invocation.Dataset is not { } name)
            throw new UsageException($"Which data set? Give its name: producer {invocation.Command!.Name} {names[0]}. There are: {string.Join(", ", names)}.");
        return Datasets.Find(name) ?? throw new UsageException($"There is no data set '{name}'.{NearestName.Suggestion(name, names)} There are: {string.Join(", ", names)}.");
    }

    private UsageException UnknownCommand(ParseResult parsed)
    {
        var names = _commands.Values.Select(command => command.Spec.Name).ToList();
        return parsed.UnmatchedTokens.FirstOrDefault() is { } word
            ? new UsageException($"There is no {(word.StartsWith('-') ? "option" : "command")} '{word}'.{NearestName.Suggestion(word, names)} {Help}")
            : new UsageException($"Which command? There are: {string.Join(", ", names)}. {Help}");
    }

    /// <summary>A value is never taken from a flag: <c>--file -q</c> has no file.</summary>
    private static void RefuseSwallowed(IReadOnlyList<string> args, ParseResult parsed, CliCommand command)
    {
        foreach (var option in parsed.CommandResult.Children.OfType<OptionResult>())
            if (option.Tokens.FirstOrDefault(token => IsFlag(token.Value) && args.Contains(token.Value)) is { } swallowed)
                throw new UsageException($"{option.Option.Name} needs a value, and '{swallowed.Value}' follows it. A value that begins with a dash is written {option.Option.Name}={swallowed.Value}. 'producer {command.Name} --help' shows what there is.");
    }

    private static bool IsFlag(string word) => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]) && word[1] != '.';

    private static void RefuseUnknown(ParseResult parsed, CliCommand command)
    {
        if (parsed.UnmatchedTokens.FirstOrDefault() is { } word)
        {
            var bare = word.Split('=')[0];
            throw word.StartsWith('-')
                ? new UsageException($"There is no option '{bare}'.{NearestName.Suggestion(bare, command.AllOptions.Select(option => "--" + option.Name))} 'producer {command.Name} --help' shows what there is.")
                : new UsageException($"'{word}' is one word too many. 'producer {command.Name} --help' shows what there is.");
        }
        if (parsed.Errors.Count > 0)
            throw new UsageException($"{parsed.Errors[0].Message.TrimEnd('.')}. 'producer {command.Name} --help' shows what there is.");
    }
}
