using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline tag TABLE --version N --name X</c>: a name that keeps a version from 'pipeline vacuum'.</summary>
internal sealed class TagCommand : IJob
{
    public string Name => "tag";

    public string Purpose => "Gives a version of a table a name, so that no 'pipeline vacuum' takes its files; Spark's own VACUUM does not know tags.";

    public IReadOnlyList<string> Examples =>
        ["pipeline tag water_samples --version 3 --name before-2024-reload", "pipeline tag water_samples --name published --note \"Report of May\"", "pipeline tag water_samples --name published --remove"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("table", "Name of a table, as 'pipeline query' knows it"),
        new("name", "The tag: letters, digits, '.', '-' and '_'") { IsRequired = true, ValueName = "TAG" },
        new("version", "The version; without it the latest") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
        new("note", "Why") { ValueName = "TEXT" },
        JobOption.Flag("remove", "Take the tag away; the version stays until a vacuum"),
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var (table, name) = (context.Get("table"), context.Get("name"));
        var log = await TableLog.OpenAsync(context, table, cancellationToken);
        if (context.GetFlag("remove"))
        {
            if (context.Find("version") is not null || context.Find("note") is not null) throw new UsageException("--remove goes by --name alone: leave out --version and --note.");
            return await TableTags.RemoveAsync(log, name, cancellationToken)
                ? JobOutcome.Done($"Took the tag '{name}' from '{table}'.")
                : JobOutcome.Done($"There is no tag '{name}' on '{table}': nothing to do.");
        }
        var latest = (await log.LoadExistingAsync(cancellationToken)).Version;
        var version = context.Find("version") is null ? latest : context.GetInt("version");
        var known = (await TableTags.ListAsync(log, cancellationToken)).FirstOrDefault(tag => tag.Name == name);
        if (known?.Version == version) return JobOutcome.Done(string.Create(CultureInfo.InvariantCulture, $"Version {version} of '{table}' is tagged '{name}' already: nothing to do."));
        await TableTags.AddAsync(log, name, version, context.Find("note"), cancellationToken);
        return JobOutcome.Done(string.Create(CultureInfo.InvariantCulture, $"Tagged version {version} of '{table}' as '{name}'."));
    }
}
