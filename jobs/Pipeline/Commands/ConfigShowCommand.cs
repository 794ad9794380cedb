using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline config show [JOB]</c>: the settings in force, and with --origin where each comes from.</summary>
internal sealed class ConfigShowCommand(IReadOnlyList<IJob> jobs) : IJob
{
    public string Name => "config show";

    public string Purpose => "Shows the settings that a job would run with; secrets as ***.";

    public IReadOnlyList<string> Examples => ["pipeline config show", "pipeline config show stream-ingest --origin", "pipeline config show metrics-export --config prod.yml --origin"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("job", "A job's name; without it the common settings", isRequired: false),
        JobOption.Flag("origin", "Tell where each value comes from: flag, environment variable, file or default"),
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var settings = context.Settings;
        if (context.Find("job") is { } name)
        {
            var job = jobs.FirstOrDefault(job => job.Name == name)
                ?? throw new UsageException($"There is no job '{name}'.{NearestName.Suggestion(name, jobs.Select(static job => job.Name))} There are: {string.Join(", ", jobs.Select(static job => job.Name))}.");
            settings = context.SettingsOf(job);
        }
        var lines = settings.All.Where(value => settings != context.Settings || CommonOptions.All.Contains(value.Option))
            .Select(static value => (value.Option.Name, value.Printable, value.Origin))
            .Concat(settings.PrintableKafka.Select(static entry => ($"kafka.{entry.Key}", entry.Value, "--kafka-config, section kafka or environment")))
            .Concat(settings.PrintableSpark.Select(static entry => ($"spark section: {entry.Key}", entry.Value, "section spark or environment")))
            .ToList();
        var width = lines.Max(static line => line.Item1.Length);
        foreach (var (key, value, origin) in lines)
            context.Output.WriteLine(context.GetFlag("origin") ? $"{key.PadRight(width)} = {value}  ({origin})" : $"{key.PadRight(width)} = {value}");
        return Task.FromResult(JobOutcome.Done("Shown."));
    }
}
