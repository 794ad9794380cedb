using Microsoft.Extensions.Logging;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Runtime.Settings;
using Pipeline.Suite.Schemas;
using Spectre.Console;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>One run of one job, from its settings to result.json.</summary>
internal sealed class JobRun(IJob job, SettingsResolver resolver, HostConsole console, SessionSource? session)
{
    // A job without a lake never opens this one; a layout makes nothing.
    private const string NoLake = ".";

    /// <summary>Whether the end is told on stdout.</summary>
    public bool SummaryOnOut { get; init; } = true;

    /// <summary>Where steps are shown; null picks by the console.</summary>
    public IProgressReporter? Progress { get; init; }

    /// <summary>The run that this one is a part of, or null.</summary>
    public string? ParentRunId { get; init; }

    public async Task<RunResult> RunAsync(IReadOnlyDictionary<string, IReadOnlyList<string>> flags, Func<int?> signalExitCode, CancellationToken cancellationToken)
    {
        var startedAt = DateTimeOffset.UtcNow;
        var runId = RunIds.Next(startedAt);
        JobContext? context = null;
        JobOutcome? outcome = null;
        Exception? error = null;
        var isEngineLost = false;
        var hasLostLock = false;
        try
        {
            var settings = resolver.Resolve(job, flags, SummaryOnOut ? "--" : "caller");
            using var made = MakeContext(runId, settings);
            context = made;
            await using var runLock = job.ChangesLake ? await LakeGuard.LockAsync(made.Lake, job.Name, made.DatasetName, runId, made.Warn, cancellationToken) : null;
            // A job in the middle of work that is not the engine's hears of its end, too.
            made.Lock = runLock;
            using var guard = runLock is null ? null : CommitGuard.Enter(runLock);
            await using var heartbeat = job.ChangesLake ? await RunHeartbeat.StartAsync(made.Lake.RunStorage(runId), StartOf(runId, startedAt, flags, made), TimeProvider.System, cancellationToken) : null;
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, made.EngineLost, runLock?.Lost ?? CancellationToken.None);
            try
            {
                outcome = await job.RunAsync(made, ending.Token);
                made.RequireLock();
                // A job that asked for no engine has changed no batches.
                if (job.ChangesLake && made.Engine is not null && !ending.IsCancellationRequested && BatchHistoryMirror.Of(made, made.Find(CommonOptions.VersionsTo)) is { } mirror) await mirror.WriteAsync(ending.Token);
                if (runLock is { Ousted.Count: > 0 }) await runLock.ForgetOustedAsync(CancellationToken.None);
            }
            finally
            {
                isEngineLost = made.EngineLost.IsCancellationRequested;
                hasLostLock = runLock?.Lost.IsCancellationRequested == true;
            }
            // A job that ended early because it was asked to says how far it came; the exit code still tells the signal. One that stopped unasked has lost its engine.
            var isAsked = signalExitCode() is not null || cancellationToken.IsCancellationRequested;
            if (isAsked != (outcome.Status == RunStatus.Stopped || outcome.WasStopped)) throw new OperationCanceledException(outcome.Message, cancellationToken);
        }
#pragma warning disable CA1031 // The host is where every error ends: as a sentence, an exit code and result.json.
        catch (Exception caught)
#pragma warning restore CA1031
        {
            error = hasLostLock && caught is OperationCanceledException ? new LockHeldException("Another run has taken this run's lock, since it gave no sign of life for the length of its lease. What was committed before stays; run the same command again when the other one has ended.", caught) : caught;
        }

        var asked = signalExitCode() ?? (cancellationToken.IsCancellationRequested ? ExitCodes.Interrupted : null);
        var failure = error is null ? null : isEngineLost ? Failure.OfLostEngine(error, asked) : Failure.Of(error, asked);
        var result = MakeResult(runId, startedAt, flags, context, outcome, failure);
        if (failure is null && asked is { } code) result = result with { ExitCode = code };
        result = await WriteResultAsync(result, flags, context);
        Tell(result, error, flags, context);
        return result;
    }

    private JobContext MakeContext(string runId, JobSettings settings)
    {
        var dataset = (settings.Find(CommonOptions.Dataset) ?? job.DefaultDataset) is { } name ? Datasets.Find(name) : null;
        if (dataset is null && job.NeedsDataset) throw new UsageException($"--dataset is missing. There are: {string.Join(", ", Datasets.All.Select(static each => each.Name))}.");
        var isQuiet = settings.GetFlag(CommonOptions.Quiet);
        var useColor = console.IsErrorTerminal && !settings.GetFlag(CommonOptions.NoColor) && !console.Environment.ContainsKey("NO_COLOR");
        var level = isQuiet ? LogLevel.Warning : settings.GetFlag(CommonOptions.Verbose) ? LogLevel.Debug : LogLevel.Information;
        var progress = Progress ?? (console.IsErrorTerminal && !isQuiet
            ? new TerminalProgress(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error), ColorSystem = useColor ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors }))
            : new LineProgress(console.Error, isQuiet));
        return new JobContext(runId, job, settings, dataset, new StderrLogger(console.Error, level, useColor, console.IsErrorTerminal), progress, console, LakeGuard.Open(job.UsesLake ? settings.Get(CommonOptions.Lake) : NoLake, console), session);
    }

    private RunStart StartOf(string runId, DateTimeOffset startedAt, IReadOnlyDictionary<string, IReadOnlyList<string>> flags, JobContext context) => new()
    {
        SuiteVersion = JobHost.SuiteVersion,
        RunId = runId,
        ParentRunId = ParentRunId,
        Job = job.Name,
        Dataset = context.DatasetName,
        Host = Environment.MachineName,
        ProcessId = Environment.ProcessId,
        Arguments = ArgumentsOf(flags),
        StartedAt = startedAt,
        HeartbeatAt = startedAt,
    };

    /// <summary>What the command line gave: <c>--name=value</c>, a switch by its name alone, an argument by its value.</summary>
    private List<string> ArgumentsOf(IReadOnlyDictionary<string, IReadOnlyList<string>> flags)
    {
        var options = CommonOptions.With(job);
        return [.. flags.SelectMany(flag => flag.Value.Select(value => Secrets.Mask(options.FirstOrDefault(option => option.Name == flag.Key) switch
        {
            { IsArgument: true } => value,
            { Kind: OptionKind.Flag } when value == "true" => $"--{flag.Key}",
            { IsSecret: true } => $"--{flag.Key}=***",
            _ => $"--{flag.Key}={value}",
        })))];
    }

    private RunResult MakeResult(string runId, DateTimeOffset startedAt, IReadOnlyDictionary<string, IReadOnlyList<string>> flags, JobContext? context, JobOutcome? outcome, Failure? failure) => new()
    {
        RunId = runId,
        ParentRunId = ParentRunId,
        SuiteVersion = JobHost.SuiteVersion,
        Host = Environment.MachineName,
        Lake = job.UsesLake && context is not null ? Secrets.Mask(context.Lake.Root) : null,
        Arguments = ArgumentsOf(flags),
        Job = job.Name,
        Dataset = context?.DatasetName ?? (flags.TryGetValue(CommonOptions.Dataset, out var given) ? given[^1] : null),
        Status = failure?.Status ?? outcome!.Status,
        ExitCode = failure?.ExitCode ?? (outcome!.Status == RunStatus.Quarantined ? ExitCodes.BatchQuarantined : ExitCodes.Done),
        Message = failure?.Message ?? Secrets.Mask(outcome!.Message),
        Engine = context?.Engine,
        StartedAt = startedAt,
        EndedAt = DateTimeOffset.UtcNow,
        Counts = context is null ? new RunCounts(0, 0, 0, 0, 0) : context.Counts.ToRunCounts(),
        Rejected = context is null ? [] : context.Rejected.ToRules(),
        Messages = context?.Messages,
        Batches = [.. context?.Batches ?? []],
        Tables = [.. context?.Tables ?? []],
        Outputs = [.. (context?.Outputs ?? []).Select(Secrets.Mask)],
        Warnings = [.. (context?.Warnings ?? []).Select(Secrets.Mask)],
    };

    /// <summary>Writes result.json where it belongs; a run whose result cannot be written has not succeeded.</summary>
    private async Task<RunResult> WriteResultAsync(RunResult result, IReadOnlyDictionary<string, IReadOnlyList<string>> flags, JobContext? context)
    {
        if (context is { } known && job.ChangesLake)
            result = await TryWriteAsync(result, known.Lake.Run(result.RunId), () => known.Lake.RunStorage(result.RunId).PutAsync(RunResultFile.Name, RunResultFile.ToBytes(result)));
        var copy = context?.Find(CommonOptions.Result) ?? (flags.TryGetValue(CommonOptions.Result, out var given) ? given[^1] : null);
        return copy is null ? result : await TryWriteAsync(result, copy, () =>
        {
            RunResultFile.Write(copy, result);
            return Task.CompletedTask;
        });
    }

    private async Task<RunResult> TryWriteAsync(RunResult result, string place, Func<Task> write)
    {
        try
        {
            await write();
            return result;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Where the run failed already, its own error is the one to tell.
            if (result.ExitCode != ExitCodes.Done) return result;
            var failure = Failure.Of(error);
            var message = $"The work was done ({result.Message.TrimEnd('.')}), but its result could not be written to '{place}': {failure.Message}";
            console.Error.WriteLine($"error: {PrintableText.OneLine(message)}");
            return result with { Status = RunStatus.Failed, ExitCode = failure.ExitCode, Message = message };
        }
    }

    private void Tell(RunResult result, Exception? error, IReadOnlyDictionary<string, IReadOnlyList<string>> flags, JobContext? context)
    {
        // A run inside another is cancelled with it, or because of another's failure: that is for the outer one to tell.
        if (error is not null && (SummaryOnOut || result.Status != RunStatus.Cancelled))
        {
            console.Error.WriteLine($"error: {PrintableText.OneLine(result.Message)}");
            if (error is UsageException { Detail: { } detail }) console.Error.WriteLine(PrintableText.Lines(Secrets.Mask(detail)));
            if (context?.GetFlag(CommonOptions.Debug) ?? IsGiven(flags, CommonOptions.Debug)) console.Error.WriteLine(PrintableText.Lines(Secrets.Mask(error.ToString())));
        }
        if (!SummaryOnOut || !job.HasSummary) return;
        if (context?.Find(CommonOptions.Output) == "json") console.Out.WriteLine(RunResultFile.ToJson(result));
        else if (error is null) RunSummary.Write(console.Out, result);
    }

    /// <summary>Whether a switch is on by the flags alone, as long as there are no settings; a run inside another is handed the other's switches, those that are off too.</summary>
    private static bool IsGiven(IReadOnlyDictionary<string, IReadOnlyList<string>> flags, string name) => flags.TryGetValue(name, out var values) && bool.TryParse(values[^1], out var isOn) && isOn;
}
