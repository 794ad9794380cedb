using System.CommandLine;
using System.CommandLine.Parsing;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Commands;

/// <summary>The command line of one job or of a suite of them, made from their options.</summary>
internal sealed class CommandTree
{
    private readonly Dictionary<Command, (IJob Job, List<(JobOption Option, Symbol Symbol)> Symbols)> jobs = [];

    public CommandTree(string name, string purpose, IReadOnlyList<IJob> jobs)
    {
        Name = name;
        Purpose = purpose;
        Jobs = jobs;
        Root = new Command(name, purpose);
        if (jobs.Count == 1 && jobs[0].Name == name)
        {
            Fill(Root, jobs[0]);
            return;
        }
        foreach (var job in jobs) Fill(Descend(Root, job.Name.Split(' ')), job);
    }

    public string Name { get; }

    public string Purpose { get; }

    public IReadOnlyList<IJob> Jobs { get; }

    public Command Root { get; }

    /// <summary>What a command line asks for.</summary>
    /// <exception cref="UsageException">It is wrong; the message names the nearest right word.</exception>
    public Invocation Parse(IReadOnlyList<string> args)
    {
        var parsed = Root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = true });
        var command = parsed.CommandResult.Command;
        var path = PathTo(command);
        var job = jobs.TryGetValue(command, out var entry) ? entry.Job : null;
        if (args.Count == 0 && job is null || args.Any(static arg => arg is "--help" or "-h" or "-?")) return new Invocation(job, path, true, Flags: new Dictionary<string, IReadOnlyList<string>>());
        Refuse(args, parsed, command, path, job);

        var flags = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (option, symbol) in entry.Symbols)
        {
            IReadOnlyList<string> given = symbol switch
            {
                Option<bool> flag when parsed.GetResult(flag) is { Implicit: false } => [parsed.GetValue(flag) ? "true" : "false"],
                Option text when parsed.GetResult(text) is { Implicit: false } result => [.. result.Tokens.Select(static token => token.Value)],
                Argument argument when parsed.GetResult(argument) is { } result => [.. result.Tokens.Select(static token => token.Value)],
                _ => [],
            };
            if (given.Count > 0) flags[option.Name] = given;
        }
        return new Invocation(job, path, false, flags);
    }

    private void Refuse(IReadOnlyList<string> args, ParseResult parsed, Command command, string path, IJob? job)
    {
        var help = $"'{path} --help' shows what there is.";
        foreach (var option in parsed.CommandResult.Children.OfType<OptionResult>())
            if (option.Tokens.FirstOrDefault(token => IsFlag(token.Value) && args.Contains(token.Value)) is { } swallowed)
                throw new UsageException($"{option.Option.Name} needs a value, and '{swallowed.Value}' follows it. A value that begins with a dash is written {option.Option.Name}={swallowed.Value}. {help}");
        if (parsed.UnmatchedTokens.FirstOrDefault() is { } unknown)
        {
            if (unknown.StartsWith('-'))
            {
                var bare = unknown.Split('=')[0].TrimStart('-');
                var known = command.Options.Select(static option => option.Name.TrimStart('-'));
                var secret = job?.Options.FirstOrDefault(option => option.IsSecret && option.Name == bare);
                if (secret is not null) throw new UsageException($"'{unknown.Split('=')[0]}' is a secret and is not taken from the command line, where others can read it. {JobSettings.MissingMessage(secret)}");
                throw new UsageException($"Unknown option '{unknown.Split('=')[0]}'.{NearestName.Suggestion("--" + bare, known.Select(static name => "--" + name))} {help}");
            }
            if (command.Subcommands.Count > 0) throw new UsageException($"Unknown command '{unknown}'.{NearestName.Suggestion(unknown, command.Subcommands.Select(static sub => sub.Name))} {help}");
            throw new UsageException($"Unexpected argument '{unknown}'. {help}");
        }
        if (job is null) throw new UsageException($"'{path}' needs a command: {string.Join(", ", command.Subcommands.Select(static sub => sub.Name))}. {help}");
        if (parsed.Errors.Count > 0) throw new UsageException($"{parsed.Errors[0].Message.TrimEnd('.')}. {help}");
    }

    /// <summary>Whether a word has the form of an option, known or not; a negative number has not.</summary>
    private static bool IsFlag(string word) => word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]) && word[1] != '.';

    private void Fill(Command command, IJob job)
    {
        var symbols = new List<(JobOption, Symbol)>();
        foreach (var option in CommonOptions.With(job).Where(static option => !option.IsSecret))
        {
            Symbol symbol;
            if (option.IsArgument)
            {
                Argument argument = option.IsRepeatable ? new Argument<string[]>(option.Name) { Arity = ArgumentArity.ZeroOrMore } : new Argument<string>(option.Name) { Arity = ArgumentArity.ZeroOrOne };
                command.Add(argument);
                symbol = argument;
            }
            else
            {
                string[] aliases = [.. option.Aliases.Select(static alias => "--" + alias), .. option.ShortName is null ? (string[])[] : ["-" + option.ShortName]];
                Option made = option.Kind == OptionKind.Flag
                    ? new Option<bool>("--" + option.Name, aliases)
                    : new Option<string[]>("--" + option.Name, aliases) { Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
                command.Add(made);
                symbol = made;
            }
            symbols.Add((option, symbol));
        }
        command.Add(new Option<bool>("--help", "-h", "-?"));
        jobs[command] = (job, symbols);
    }

    private static Command Descend(Command from, IReadOnlyList<string> names) => names.Aggregate(from, static (parent, name) =>
    {
        var child = parent.Subcommands.FirstOrDefault(sub => sub.Name == name);
        if (child is null) parent.Add(child = new Command(name));
        return child;
    });

    private static string PathTo(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathTo(parent)} {command.Name}" : command.Name;
}

/// <summary>What a command line asks for.</summary>
/// <param name="Job">The job, or null where only help of a group of commands is asked for.</param>
/// <param name="Path">The command's words, such as <c>pipeline versions</c>.</param>
/// <param name="IsHelp">Whether help is asked for.</param>
/// <param name="Flags">Values given, by option name.</param>
internal sealed record Invocation(IJob? Job, string Path, bool IsHelp, IReadOnlyDictionary<string, IReadOnlyList<string>> Flags);
