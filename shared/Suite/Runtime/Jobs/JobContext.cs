using Microsoft.Extensions.Logging;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Live;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Runtime.Settings;
using Pipeline.Suite.Schemas;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>All that a run of a job may use and tell: settings, data set, engine, lake, log, counts. Lives as long as the run; not thread-safe.</summary>
public sealed class JobContext : ILoadingRun, IDisposable
{
    /// <summary>The option of every job that reads a topic.</summary>
    private const string KafkaServers = "bootstrap-servers";

    private readonly DatasetContract? dataset;
    private readonly IProgressReporter progress;
    private readonly HostConsole console;
    private readonly List<TableTouch> tables = [];
    private readonly SessionSource session;
    private readonly bool ownsSession;

    internal JobContext(string runId, IJob job, JobSettings settings, DatasetContract? dataset, ILogger log, IProgressReporter progress, HostConsole console, LakeLayout lake, SessionSource? shared)
    {
        RunId = runId;
        Job = job.Name;
        Settings = settings;
        this.dataset = dataset;
        Log = log;
        this.progress = progress;
        this.console = console;
        Lake = lake;
        Monitor = new RunMonitor(
            new LiveStatus
            {
                RunId = runId,
                Job = job.Name,
                Dataset = dataset?.Name,
                Lake = Secrets.Mask(lake.Root),
                SuiteVersion = JobHost.SuiteVersion,
                State = "starting",
                StartedAt = StartedAt,
                Counts = Counts.ToRunCounts(),
                Batches = new Dictionary<string, long>(),
                Rejected = [],
                Partitions = [],
                Warnings = [],
            },
            TimeProvider.System);
        ownsSession = shared is null;
        session = shared ?? new SessionSource(() => StartEngine(job));
    }

    /// <summary>The run's id, unique and sortable by time.</summary>
    public string RunId { get; }

    /// <summary>The job's name.</summary>
    public string Job { get; }

    /// <summary>When the run started, UTC.</summary>
    public DateTimeOffset StartedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>The settings, checked, each with its origin.</summary>
    public JobSettings Settings { get; }

    /// <summary>The data set that the run is about.</summary>
    /// <exception cref="UsageException">The command takes none and asks all the same.</exception>
    public DatasetContract Dataset => dataset ?? throw new UsageException($"'{Job}' needs a data set: give --dataset {string.Join('|', Datasets.All.Select(static each => each.Name))}.");

    /// <summary>Name of the data set, or null where the run is about none.</summary>
    public string? DatasetName => dataset?.Name;

    /// <summary>The engine, once a job has asked for it.</summary>
    public EngineInfo? Engine => session.Info;

    /// <summary>The run's lock on its job and data set; null for a job that changes nothing.</summary>
    internal RunLock? Lock { get; set; }

    /// <summary>Fails where another run has taken this run's lock, as it may after a long standstill; to be asked before a commit.</summary>
    /// <exception cref="LockLostException">Another run has the lock.</exception>
    public void RequireLock() => Lock?.RequireAsync().GetAwaiter().GetResult();

    /// <summary>Cancelled when the engine has gone without being asked to.</summary>
    internal CancellationToken EngineLost => session.Lost;

    /// <summary>Whether the session is this run's own and not one of a program that goes on with it.</summary>
    public bool OwnsEngine => ownsSession;

    /// <summary>The session on the engine that --master names; started when it is first asked for, ended with the run.</summary>
    /// <exception cref="EngineException">The engine cannot start.</exception>
    public SparkSession Spark => session.Session;

    /// <summary>The log, on stderr.</summary>
    public ILogger Log { get; }

    /// <summary>Results for people and pipes, on stdout.</summary>
    public TextWriter Output => console.Out;

    /// <summary>What the process is given to read.</summary>
    public TextReader Input => console.OpenIn();

    /// <summary>Whether <see cref="Input"/> is somebody who types.</summary>
    public bool IsInputTerminal => console.IsInputTerminal;

    /// <summary>Columns of the terminal that shows <see cref="Output"/>; null where it goes to a file or pipe.</summary>
    public int? Width => console.Width;

    /// <summary>Tells a user on stderr what is no part of the result, such as how many rows there were; nothing where --quiet is given.</summary>
    public void Note(string text)
    {
        if (!GetFlag(CommonOptions.Quiet)) console.Error.WriteLine(PrintableText.OneLine(text));
    }

    /// <summary>The value of a setting, never null.</summary>
    /// <exception cref="UsageException">It has none.</exception>
    public string Get(string name) => Settings.Get(name);

    /// <summary>The value of a setting, or null where it has none.</summary>
    public string? Find(string name) => Settings.Find(name);

    /// <summary>A whole number.</summary>
    public long GetInt(string name) => Settings.GetInt(name);

    /// <summary>A number.</summary>
    public double GetNumber(string name) => Settings.GetNumber(name);

    /// <summary>A length of time.</summary>
    public TimeSpan GetDuration(string name) => Settings.GetDuration(name);

    /// <summary>A switch.</summary>
    public bool GetFlag(string name) => Settings.GetFlag(name);

    /// <summary>The lake: where tables, quarantine, checkpoints and runs lie.</summary>
    public LakeLayout Lake { get; }

    /// <summary>Rows by outcome so far.</summary>
    public RowCounts Counts { get; } = new();

    /// <summary>What the run tells of itself while it goes on; for <see cref="LiveServer"/>.</summary>
    public RunMonitor Monitor { get; }

    /// <summary>Why rows were rejected so far.</summary>
    internal RejectionCounts Rejected { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Kafka => Settings.Kafka;

    /// <summary>What became of messages that the run sent; null where it sent none.</summary>
    public SentMessages? Messages { get; set; }

    /// <summary>What went on but deserves a look.</summary>
    public IList<string> Warnings { get; } = [];

    /// <summary>Batches of this run, in order.</summary>
    public IList<RunBatch> Batches { get; } = [];

    /// <summary>Tables that the run touched; one entry a table.</summary>
    public IReadOnlyList<TableTouch> Tables => tables;

    /// <summary>Files and databases that were written: path or address without secrets.</summary>
    public IList<string> Outputs { get; } = [];

    /// <summary>Notes that a table was touched; a second note for the same table keeps the first's version before.</summary>
    public void TableTouched(string name, string uri, long? versionBefore, long? versionAfter)
    {
        var index = tables.FindIndex(table => table.Name == name && table.Uri == uri);
        if (index < 0) tables.Add(new TableTouch(name, uri, versionBefore, versionAfter));
        else tables[index] = tables[index] with { VersionAfter = versionAfter };
    }

    /// <summary>Starts a step of the run: a line on stderr when it ends, with its time; a spinner or bar on a terminal.</summary>
    /// <returns>Dispose it when the step is over; <see cref="IStep.Done"/> before gives its last words.</returns>
    public IStep Step(string title, long? total = null) => progress.Start(title, total);

    /// <summary>Runs another job as a part of this one: the same engine, lake, master, log and progress, and its own result.json.</summary>
    /// <param name="job">The job.</param>
    /// <param name="settings">Values by option name, beside the common ones that are taken over from this run.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How it ended; an error is told on stderr and not thrown.</returns>
    public Task<RunResult> RunJobAsync(IJob job, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var flags = Inherited()
            .Where(entry => !settings.ContainsKey(entry.Key))
            .Concat(settings.Select(static entry => KeyValuePair.Create(entry.Key, (IReadOnlyList<string>)[entry.Value])))
            .ToDictionary(StringComparer.Ordinal);
        var run = new JobRun(job, ResolverFor(job), console, session) { SummaryOnOut = false, Progress = progress, ParentRunId = RunId };
        return run.RunAsync(flags, static () => null, cancellationToken);
    }

    /// <summary>The settings that another job would get with this run's common options; what it needs may be missing.</summary>
    public JobSettings SettingsOf(IJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        var given = Inherited().Where(entry => Settings.IsGiven(entry.Key) && Settings.All.First(value => value.Option.Name == entry.Key).Origin.StartsWith("--", StringComparison.Ordinal));
        return ResolverFor(job).Resolve(job, given.ToDictionary(StringComparer.Ordinal), requireAll: false);
    }

    private SettingsResolver ResolverFor(IJob job) => new(console.Environment, KnownSections.With([job]));

    private IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Inherited()
    {
        string[] names = [CommonOptions.Master, CommonOptions.Dataset, CommonOptions.Lake, CommonOptions.Config, CommonOptions.KafkaConfig, CommonOptions.VersionsTo, CommonOptions.Quiet, CommonOptions.Verbose, CommonOptions.NoColor, CommonOptions.Debug];
        return names.Where(name => Settings.Options.Any(option => option.Name == name))
            .Select(name => KeyValuePair.Create(name, Settings.GetAll(name)))
            .Where(static entry => entry.Value.Count > 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (ownsSession) session.Dispose();
    }

    /// <summary>Adds a warning for result.json and the log.</summary>
    public void Warn(string message)
    {
        Warnings.Add(message);
        Log.LogWarning("{Message}", message);
    }

    /// <summary>Starts the engine that the settings name.</summary>
    /// <exception cref="KafkaSettingsException">A Kafka setting is one that Spark's clients cannot have: said before the half minute that Spark takes to start.</exception>
    private IEngine StartEngine(IJob job)
    {
        var master = Settings.Get(CommonOptions.Master);
        if (!EngineFactory.IsEmbedded(master) && job.Options.Any(static option => option.Name == KafkaServers)) _ = JavaClientProperties.Of(Settings.Kafka, "the Kafka settings");
        return EngineFactory.Create(new EngineSettings(master, job.Name, Settings.Spark), console.StorageOptions);
    }
}
