using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using Pipeline.Tests.Support.Processes;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Support.Loading;

/// <summary>A lake with one table of things, <c>id=value</c>, and writers that load batches of them in this process.</summary>
public sealed class LoaderLake : IDisposable
{
    /// <summary>The data set's name and its table's.</summary>
    public const string Things = "things";

    private const string Corrupt = "_corrupt_record";
    private readonly IEngine engine;
    private readonly TemporaryFolder folder;
    private readonly bool ownsFolder;
    private static int replays;
    private readonly Dictionary<string, BatchWriter> writers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KnownBatches> streams = new(StringComparer.Ordinal);

    /// <summary>An empty lake, and a writer on the embedded engine.</summary>
    public LoaderLake() : this(EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1 }))
    {
    }

    /// <summary>An empty lake, and a writer on an engine, which is disposed with it.</summary>
    public LoaderLake(IEngine engine) : this(engine, new TemporaryFolder(), ownsFolder: true)
    {
    }

    private LoaderLake(IEngine engine, TemporaryFolder folder, bool ownsFolder)
    {
        this.engine = engine;
        this.folder = folder;
        this.ownsFolder = ownsFolder;
        Engine = new HookedEngine(engine);
        Spark = SparkSession.ForEngine(Engine);
        Lake = new LakeLayout(folder["lake"]);
    }

    public HookedEngine Engine { get; }

    public SparkSession Spark { get; }

    public LakeLayout Lake { get; }

    /// <summary>Whether a key that stands twice in one version of a file is refused, as population's are.</summary>
    public bool RefusesRepeatedKeys { get; init; }

    /// <summary>Share of bad rows over which a batch is bad as a whole.</summary>
    public double MaxBadShare { get; init; } = 0.9;

    /// <summary>Whether the contract has a column more, <c>color</c>, as a later one has.</summary>
    public bool HasColor { get; init; }

    public TableContract Contract => new(Things, "one thing",
    [
        new ColumnContract("id", "ID", new TextRule(), "Key") { IsRequired = true },
        new ColumnContract("value", "VALUE", new NumberRule(), "Value"),
        .. HasColor ? new[] { new ColumnContract("color", "COLOR", new TextRule(), "Color") { IsOptional = true } } : [],
    ])
    {
        Key = ["id"],
        RefusesRepeatedKeys = RefusesRepeatedKeys,
    };

    /// <summary>Rows of the table as <c>id=value</c>, in order.</summary>
    public IReadOnlyList<string> Rows => Lines(Lake.Table(Things), static row => string.Create(CultureInfo.InvariantCulture, $"{row.Get("id")}={row.Get("value")}"));

    /// <summary>Rules that the rows in quarantine broke, each with the row's value.</summary>
    public IReadOnlyList<string> Quarantined => Lines(Lake.Quarantine(Things), static row => string.Join(',', ((System.Collections.IEnumerable)row.Get("rules_broken")!).Cast<Row>().Select(static rule => rule.Get("rule"))));

    /// <summary>Rows of <c>batches</c> as <c>read=written+quarantined+duplicate</c>, by batch.</summary>
    public IReadOnlyList<string> History => [.. Batches.Select(static batch => $"{batch.RowsRead}={batch.RowsWritten}+{batch.RowsQuarantined}+{batch.RowsDuplicate}")];

    public IReadOnlyList<BatchRecord> Batches => BatchRows.Find(Spark, Lake, Col("status") != Lit(BatchStatus.RestoredFrom));

    /// <summary>The table's newest version.</summary>
    public long Version => DeltaTable.ForPath(Spark, Lake.Table(Things)).LatestVersion();

    /// <summary>Another process at work on the same lake, on an engine of its own.</summary>
    public LoaderLake Another(IEngine? other = null, bool hasColor = false) =>
        new(other ?? EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1 }), folder, ownsFolder: false) { RefusesRepeatedKeys = RefusesRepeatedKeys, MaxBadShare = MaxBadShare, HasColor = hasColor };

    /// <summary>What each job does with the table at its start: the columns that it got.</summary>
    public IReadOnlyList<string> Evolve() => TableEvolution.Evolve(Spark, Lake.Table(Things), TableEvolution.ColumnsOf(Contract), allowsMore: false);

    /// <summary>Loads a batch of a stream: rows as <c>id=value</c>.</summary>
    public LoadedBatch Stream(long number, params string[] rows) => Stream("checkpoint", number, rows);

    /// <summary>Loads a batch of the stream of a checkpoint.</summary>
    public LoadedBatch Stream(string checkpoint, long number, params string[] rows) => Load(Messages(number * 1000, rows), new BatchSource(checkpoint, number, Things, "stream-ingest", "run-1"));

    /// <summary>Does with a batch what stream-ingest does, which knows a batch by its number and its offsets: the messages from an offset on.</summary>
    public async Task<LoadedBatch> StreamAsync(string checkpoint, long number, long offset, params string[] rows)
    {
        var messages = Messages(offset, rows);
        var source = new BatchSource(checkpoint, number, Things, "stream-ingest", "run-1");
        if (!streams.TryGetValue(checkpoint, out var known)) streams[checkpoint] = known = await KnownBatches.ReadAsync(new LoaderRun(this), Things, source, Staged, CancellationToken.None);
        return Load(messages, known.Identify(Staged(messages), source));
    }

    /// <summary>Loads a file: rows as <c>id=value</c>.</summary>
    public LoadedBatch File(string name, params string[] rows) => Loading("file").Load(Records(name, rows), BatchSource.OfFile(Things, name, "batch-etl", "run-2"));

    /// <summary>Puts the bad rows of a file that is not loaded in batches, such as a reference, into quarantine; answers how many there are.</summary>
    public long Reject(string name, params string[] rows) => new RejectedRows(new LoaderRun(this), Things).Keep(StagedRows.Broken(Records(name, rows)), name).Count;

    /// <summary>A new process: what the loader remembers of earlier batches is gone.</summary>
    public void Restart()
    {
        writers.Clear();
        streams.Clear();
        Engine.BeforeAppend = null;
        Engine.AfterAppend = null;
        Engine.Change = static append => append;
    }

    /// <summary>Has the process die after the table's commit, before the batch's record.</summary>
    public void DieAfterTable() => Engine.AfterAppend = static table =>
    {
        if (table == Things) throw new DeathException();
    };

    /// <summary>What stream-ingest does at its start.</summary>
    public async Task<IReadOnlyList<BatchRecord>> StartAsync()
    {
        Restart();
        var adopted = await BatchHistory.AdoptAsync(Spark, Lake, Things, CancellationToken.None);
        await Restores.RecordAsync(Spark, Lake, "stream-ingest", "run-3", Things, Things, Lake.Table(Things), CancellationToken.None);
        _ = RepairedRows.Reopen(Spark, Lake, Things);
        return adopted;
    }

    /// <summary>Takes the table back to an earlier version.</summary>
    public void Restore(long version) => DeltaTable.ForPath(Spark, Lake.Table(Things)).RestoreToVersion(version);

    /// <summary>What <c>--replay-after-restore</c> does.</summary>
    public void ReplayAfterRestore()
    {
        foreach (var batch in Restores.TakenBack(Spark, Lake, Things))
            _ = new BatchWriter(Lake, Contract, Things, new LoadingOptions(1)).LoadAgain(Staged(RawArchive.Read(Spark, Lake, batch)), batch, "run-4");
    }

    /// <summary>What <c>pipeline quarantine fix</c> does: the open row of a key should have had this value.</summary>
    public void Fix(string id, string value)
    {
        var text = JsonSerializer.Serialize(new Dictionary<string, string> { ["ID"] = id, ["VALUE"] = value });
        var isMeant = Col("raw_text").Contains($"\"ID\":\"{id}\"") & QuarantineReplay.IsOpen;
        var target = DeltaTable.ForPath(Spark, Lake.Quarantine(Things));
        var rows = target.ToDF().Filter(isMeant).Select(Col("row_id").As("fixed_id")).Persist();
        target.Merge(rows.Alias("s"), Col("row_id") == Col("fixed_id"))
            .WhenMatched().Update(new Dictionary<string, Column> { ["fixed_text"] = Lit(text), ["status"] = Lit(QuarantineStatus.Fixed), ["status_reason"] = Lit(null).Cast("string") }).Execute();
    }

    /// <summary>What <c>pipeline quarantine discard</c> does with the open rows of a key.</summary>
    public void Discard(string id)
    {
        var isMeant = Col("raw_text").Contains($"\"ID\":\"{id}\"") & QuarantineReplay.IsOpen;
        var target = DeltaTable.ForPath(Spark, Lake.Quarantine(Things));
        var rows = target.ToDF().Filter(isMeant).Select(Col("row_id").As("discarded_id")).Persist();
        target.Merge(rows.Alias("s"), Col("row_id") == Col("discarded_id")).WhenMatched()
            .Update(new Dictionary<string, Column> { ["status"] = Lit(QuarantineStatus.Discarded), ["status_reason"] = Lit("Given up.") }).Execute();
    }

    /// <summary>Rows of the table with the batch that each came by, by their key.</summary>
    public IReadOnlyDictionary<string, (string Value, string Batch)> Table => DeltaTable.IsDeltaTable(Spark, Lake.Table(Things))
        ? Spark.Read().Format("delta").Load(Lake.Table(Things)).Select("id", "value", "batch_id").Collect()
            .ToDictionary(static row => row.GetAs<string>(0), static row => (Convert.ToString(row.Get(1), CultureInfo.InvariantCulture)!, row.GetAs<string>(2)), StringComparer.Ordinal)
        : new Dictionary<string, (string, string)>(StringComparer.Ordinal);

    /// <summary>What <c>pipeline quarantine replay</c> does, with the open rows of a condition or all.</summary>
    public IReadOnlyList<LoadedBatch> Replay(Column? condition = null)
    {
        var staging = new RowStaging(Staged, (records, corrupt) => ContractParser.Parse(MessageReader.FromRecords(records, Contract, corrupt), Contract));
        var run = string.Create(CultureInfo.InvariantCulture, $"run-{Interlocked.Increment(ref replays)}-of-replays");
        return new QuarantineReplay(Lake, Dataset, staging).Run(Spark, condition ?? Lit(true), "quarantine replay", run);
    }

    /// <summary>Rows in quarantine as <c>id status</c>, of the key as it came; in order.</summary>
    public IReadOnlyList<string> Statuses => Lines(Lake.Quarantine(Things), static row => $"{JsonDocument.Parse((string)row.Get("raw_text")!).RootElement.GetProperty("ID").GetString()} {row.Get("status")}");

    /// <summary>What <c>pipeline batches replay --missing</c> does.</summary>
    public async Task ReplayMissingAsync()
    {
        _ = await BatchHistory.AdoptAsync(Spark, Lake, Things, CancellationToken.None);
        _ = RepairedRows.Reopen(Spark, Lake, Things);
        foreach (var batch in Restores.Missing(Spark, Lake, Things))
            _ = new BatchWriter(Lake, Contract, Things, new LoadingOptions(1)).LoadAgain(Staged(RawArchive.Read(Spark, Lake, batch)), batch, "run-5");
        _ = Replay(RepairedRows.IsReopened);
    }

    /// <summary>Adds rows of the table to it once more, as a program would that knows nothing of keys.</summary>
    public void Damage(string id)
    {
        var row = Spark.Read().Format("delta").Load(Lake.Table(Things)).Filter(Col("id") == Lit(id)).Persist();
        row.Write().Format("delta").Mode("append").Save(Lake.Table(Things));
    }

    public void Dispose()
    {
        engine.Dispose();
        if (ownsFolder) folder.Dispose();
    }

    private BatchWriter Loading(string writer)
    {
        if (!writers.TryGetValue(writer, out var batches)) writers[writer] = batches = new BatchWriter(Lake, Contract, Things, new LoadingOptions(MaxBadShare));
        return batches;
    }

    private DataFrame Staged(DataFrame messages) => ContractParser.Parse(MessageReader.FromKafka(messages, Contract), Contract);

    private DatasetContract Dataset => new(Things, Things, Things, 1, 1, new SourceFile(Things, ',', Contract), ImmutableDictionary<string, SourceFile>.Empty);

    private LoadedBatch Load(DataFrame messages, BatchSource source) =>
        Loading(source.ApplicationId).Load(Staged(messages), source, () => Task.Run(() => RawArchive.Write(Lake, messages, Things, source)));

    private DataFrame Records(string name, string[] rows)
    {
        var schema = new StructType(new StructField("ID", new StringType()), new StructField("VALUE", new StringType()), new StructField(Corrupt, new StringType()),
            new StructField(StagedColumns.File, new StringType()), new StructField(StagedColumns.Line, new StringType()), new StructField(StagedColumns.Version, new StringType()));
        var records = Spark.CreateDataFrame(
            rows.Select((row, index) => new object?[] { Id(row), Value(row), null, name, (index + 2).ToString(CultureInfo.InvariantCulture), "v1" }), schema);
        return ContractParser.Parse(MessageReader.FromRecords(records, Contract, Corrupt), Contract);
    }

    private DataFrame Messages(long offset, string[] rows) => Spark.CreateDataFrame(
        rows.Select((row, index) => new object?[]
        {
            null, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["ID"] = Id(row), ["VALUE"] = Value(row) }), null, Things, 0, offset + index, DateTime.UnixEpoch,
        }), RawArchive.Schema);

    private List<string> Lines(string path, Func<Row, string> line) =>
        DeltaTable.IsDeltaTable(Spark, path) ? [.. Spark.Read().Format("delta").Load(path).Collect().Select(line).Order(StringComparer.Ordinal)] : [];

    private static string Id(string row) => row.Split('=')[0];

    private static string Value(string row) => row.Split('=')[1];

    /// <summary>The run of the lake's streams.</summary>
    private sealed class LoaderRun(LoaderLake lake) : ILoadingRun
    {
        public string RunId => lake.ownsFolder ? "run-1" : "run-2";

        public DateTimeOffset StartedAt => DateTimeOffset.UnixEpoch;

        public string Job => "stream-ingest";

        public DatasetContract Dataset => lake.Dataset;

        public SparkSession Spark => lake.Spark;

        public LakeLayout Lake => lake.Lake;

        public ILogger Log => NullLogger.Instance;

        public IReadOnlyDictionary<string, string> Kafka => ImmutableDictionary<string, string>.Empty;

        public void Warn(string message)
        {
        }
    }
}

/// <summary>The process has died here.</summary>
public sealed class DeathException() : Exception("The process has died.");
