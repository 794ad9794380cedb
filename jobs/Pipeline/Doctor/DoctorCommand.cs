using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Doctor;

/// <summary><c>pipeline doctor</c>: tries what a job with these settings would need, and says what is wrong before a job does.</summary>
internal sealed class DoctorCommand : IJob
{
    private static readonly StructType Columns = new(new StructField("check", new StringType()), new StructField("state", new StringType()), new StructField("detail", new StringType()));

    public string Name => "doctor";

    public string Purpose => "Tries what a job with these settings needs (engine, lake, Kafka, PostgreSQL, Spark) and says what is wrong and what to do.";

    public IReadOnlyList<string> Examples =>
    [
        "pipeline doctor",
        "pipeline doctor --lake hdfs://namenode:8020/lake --bootstrap-servers broker:9093 --kafka-config client.properties",
        "pipeline doctor --master local[2] --to postgres://etl@db.example.org/metrics",
    ];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("bootstrap-servers", "Kafka brokers to try, host:port separated by commas", Environment: "KAFKA_BOOTSTRAP_SERVERS") { ValueName = "SERVERS" },
        new("to", "Where metrics would go: sqlite:PATH, or postgres://user@host/database") { ValueName = "TARGET" },
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var isJson = context.Get(CommonOptions.Output) == "json";
        var results = new List<CheckResult>();
        await foreach (var finding in Checks.RunAsync(context, cancellationToken))
        {
            results.Add(finding);
            if (!isJson) context.Output.WriteLine($"{Mark(finding.State)} {finding.Check,-10} {PrintableText.OneLine(finding.Detail)}");
        }
        if (isJson) RowWriter.JsonLines(context.Output, results.Select(static finding => new Row(Columns, [finding.Check, StateName(finding.State), finding.Detail])), cancellationToken);
        var wrong = results.Where(static finding => finding.State == CheckState.Wrong).ToList();
        if (wrong.Count == 0) return JobOutcome.Done($"{results.Count} checks, none failed.");
        var message = $"{wrong.Count} of {results.Count} checks failed: {string.Join(", ", wrong.Select(static finding => finding.Check))}. What to do stands at each of them.";
        throw wrong.TrueForAll(static finding => finding.IsTransient) ? new TransientException(message) : new UsageException(message);
    }

    private static string Mark(CheckState state) => state switch
    {
        CheckState.Good => "✓",
        CheckState.NotAsked => "·",
        CheckState.Doubtful => "!",
        _ => "✗",
    };

    private static string StateName(CheckState state) => state switch
    {
        CheckState.Good => "good",
        CheckState.NotAsked => "not_asked",
        CheckState.Doubtful => "doubtful",
        _ => "wrong",
    };
}
