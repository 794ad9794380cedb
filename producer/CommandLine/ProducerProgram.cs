using System.Globalization;

namespace Pipeline.Producer.CommandLine;

/// <summary>The program: command line in, exit code out; every error is a sentence here and nowhere else.</summary>
public static class ProducerProgram
{
    private static readonly CliCommand[] Commands = [SendCommand.Spec, GenerateCommand.Spec];

    /// <summary>Runs the program; answers the process's exit code.</summary>
    public static async Task<int> RunAsync(string[] args, ProgramConsole console)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(console);
        var startedAt = DateTimeOffset.UtcNow;
        var account = new RunAccount { Job = "producer", StartedAt = startedAt, RunId = RunAccount.NewRunId(startedAt) };
        OptionValues? values = null;
        using var signals = new Signals(console.Error);
        try
        {
            var invocation = new CommandLineParser(Commands).Parse(args);
            if (invocation.IsHelp)
            {
                await console.Out.WriteAsync(invocation.Command is { } asked ? HelpPage.OfCommand(asked) : HelpPage.OfProgram(Commands)).ConfigureAwait(false);
                return ExitCodes.Done;
            }
            var command = invocation.Command!;
            account = account with { Job = $"producer-{command.Name}", Dataset = invocation.Dataset };
            values = new OptionValues(command, invocation.Flags, console.Environment);
            var dataset = CommandLineParser.Dataset(invocation);
            account = command == SendCommand.Spec
                ? await SendCommand.RunAsync(dataset, values, console, account, signals).ConfigureAwait(false)
                : await GenerateCommand.RunAsync(dataset, values, console, account, signals.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            account = Failed(account, error, signals);
            WriteError(error, account, console, values?.Switch("debug") ?? args.Contains("--debug"));
        }
        account = account with { EndedAt = DateTimeOffset.UtcNow };
        return values is null ? account.ExitCode : Finish(account, values, console);
    }

    /// <summary>What an error makes of the account: a sentence, a status and an exit code.</summary>
    internal static RunAccount Failed(RunAccount account, Exception error, Signals signals) => error is OperationCanceledException && signals.ExitCode != 0
        ? account with { Status = "Cancelled", ExitCode = signals.ExitCode, Message = signals.ExitCode == ExitCodes.Interrupted ? "Interrupted." : "Terminated." }
        : account with { Status = "Failed", ExitCode = ExitCodes.Of(error), Message = Sentence(error) };

    private static string Sentence(Exception error) => ExitCodes.Of(error) == ExitCodes.Unexpected
        ? $"{error.Message.TrimEnd('.')}. This was not foreseen ({error.GetType().Name}): run again with --debug for the stack trace."
        : error.Message.ReplaceLineEndings(" ");

    internal static void WriteError(Exception error, RunAccount account, ProgramConsole console, bool isDebug)
    {
        console.Error.WriteLine(account.Status == "Cancelled" ? account.Message : $"error: {account.Message}");
        if (isDebug)
            console.Error.WriteLine(error);
    }

    private static int Finish(RunAccount account, OptionValues values, ProgramConsole console)
    {
        if (values.Text("output") == "json")
            console.Out.WriteLine(account.ToJson());
        else if (account.ExitCode == ExitCodes.Done)
            console.Out.WriteLine(account.Message);
        if (values.Text("result") is not { } path)
            return account.ExitCode;
        try
        {
            account.Write(path);
            return account.ExitCode;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"error: The result file '{path}' cannot be written: {error.Message.TrimEnd('.')}. Give --result a path that can be."));
            return account.ExitCode == ExitCodes.Done ? ExitCodes.Usage : account.ExitCode;
        }
    }
}
