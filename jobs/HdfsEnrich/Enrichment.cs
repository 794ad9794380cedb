using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.HdfsEnrich;

/// <summary>Brings the enriched table up to the main table: batches that it lacks are added, batches that the main table no longer has, or has with other rows, are taken out.</summary>
/// <remarks>What is added depends on what the enriched table held: where another job changed it before the commit, it is looked at again.</remarks>
public sealed class Enrichment(JobContext context, IDatasetFlow flow, IEnrichmentFlow enrichment)
{
    /// <summary>How often the enriched table is looked at again where another job was first.</summary>
    private const int Attempts = 20;

    private static readonly StructType BatchIds = new(new StructField("wanted_batch_id", new StringType()));
    private readonly string mainTable = flow.Dataset.Main.Contract.Name;
    private readonly string source = context.Lake.Table(flow.Dataset.Main.Contract.Name);
    private readonly string table = enrichment.Table;
    private readonly string target = context.Lake.Table(enrichment.Table);

    // One of each table: it remembers what it has read of the log.
    private readonly DeltaLog sourceLog = DeltaLog.For(context.Lake.Table(flow.Dataset.Main.Contract.Name), context.Lake.StorageOptions);
    private readonly DeltaLog targetLog = DeltaLog.For(context.Lake.Table(enrichment.Table), context.Lake.StorageOptions);

    /// <summary>Runs it in one commit.</summary>
    /// <param name="references">Parsed reference tables by name.</param>
    /// <param name="full">Whether to make the table again.</param>
    /// <returns>Rows added, and one sentence of what was done.</returns>
    /// <exception cref="UsageException">There is no main table yet.</exception>
    /// <exception cref="DataException">A join would multiply or lose rows, or the writer wrote another number of them.</exception>
    /// <exception cref="TransientException">Other jobs changed the enriched table each time.</exception>
    public EnrichmentResult Run(IReadOnlyDictionary<string, DataFrame> references, bool full)
    {
        var spark = context.Spark;
        if (!DeltaTable.IsDeltaTable(spark, source))
            throw new UsageException($"There is no table '{mainTable}' in the lake '{context.Lake.Root}'. Run stream-ingest or batch-etl for '{flow.Dataset.Name}' first.");
        using var step = context.Step($"enrich {table}");
        for (var attempt = 1; ; attempt++)
        {
            if (TryRun(spark, references, full, step) is { } done) return done;
            if (attempt == Attempts) throw new TransientException(FormattableString.Invariant($"Cannot write to '{table}': other jobs were first {attempt} times in a row. Run the same command again."));
        }
    }

    /// <summary>One attempt; null where another job changed the enriched table after it was looked at.</summary>
    private EnrichmentResult? TryRun(SparkSession spark, IReadOnlyDictionary<string, DataFrame> references, bool full, IStep step)
    {
        // One version of it, whatever a stream adds meanwhile: the rows that are counted are those that are written.
        var from = EnrichedSource.OfAsync(sourceLog).GetAwaiter().GetResult();
        var rows = spark.Read().Format("delta").Option("versionAsOf", from.Version).Load(source);
        var isThere = DeltaTable.IsDeltaTable(spark, target);
        long? before = isThere ? DeltaTable.ForPath(spark, target).LatestVersion() : null;
        // The batches to add, where the table is not created again.
        var lacking = full || !isThere || !enrichment.IsIncremental ? null : FindLacking(spark, rows, from, references);
        if (lacking is { Count: 0 }) return UpToDate(step, before);
        var pending = lacking is null ? rows : Of(lacking, rows);

        // Not kept by the engine: counting reads the few columns that the joins need, and keeping would hold every value in memory.
        var enriched = enrichment.Enrich(pending, references);
        var written = enriched.Count();
        var wanted = enrichment.ExpectedRows(pending, references).Collect().Single().GetAs<long>(0);
        if (written != wanted)
            throw new DataException(FormattableString.Invariant(
                $"The join with {string.Join(" and ", references.Keys.Order(StringComparer.Ordinal))} made {written} rows of {wanted}: it multiplies or loses rows. Nothing was written; look for keys that stand twice in the references."));
        if (lacking is not null && written == 0) return UpToDate(step, before);
        if (isThere && !full && !enrichment.IsIncremental && IsSame(enriched, spark.Read().Format("delta").Load(target))) return UpToDate(step, before);
        if (lacking is null) enriched.Write().Format("delta").Mode(SaveMode.Overwrite).Option("userMetadata", from.ToText(context.RunId)).Option("overwriteSchema", true).Save(target);
        else if (!Append(enriched, before, written, from)) return null;
        var after = DeltaTable.ForPath(spark, target).LatestVersion();
        context.TableTouched(table, target, before, after);
        var added = spark.Read().Format("delta").Option("versionAsOf", after).Load(target);
        WarnOfUnmatched(lacking is null ? added : Of(lacking, added));
        var batches = lacking?.Count ?? rows.Select("batch_id").Distinct().Count();
        step.Done(FormattableString.Invariant($"{Counted.Of(written, "row")} from {Counted.Of(batches, "batch", "batches")}{(lacking is null ? ", created again" : "")}"));
        return new EnrichmentResult(written, FormattableString.Invariant($"{Counted.Of(written, "row")} of '{table}' from {Counted.Of(batches, "batch", "batches")}, version {after}."));
    }

    /// <summary>Adds batches that the table lacked at a version; false where it was changed since.</summary>
    private bool Append(DataFrame enriched, long? before, long written, EnrichedSource from)
    {
        var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["userMetadata"] = from.ToText(context.RunId) };
        return DeltaTable.Append(enriched, target, new AppendTerms { Key = ["batch_id"], ReadVersion = before, Rows = written, Options = options }) switch
        {
            RowsAppended => true,
            AppendConflict or AppendNarrowed => false,
            AppendMiscounted found => throw new DataException(FormattableString.Invariant($"{written} rows were to be written to '{table}', but the data files have {found.Rows}. Make it again with --full, and report this if it stays.")),
            var other => throw new InvalidOperationException($"The append to '{target}' was answered '{other}'."),
        };
    }

    private EnrichmentResult UpToDate(IStep step, long? version)
    {
        step.Done("nothing new");
        context.TableTouched(table, target, version, version);
        return new EnrichmentResult(0, $"'{table}' is up to date with '{mainTable}': nothing to add.");
    }

    private static bool IsSame(DataFrame made, DataFrame stored) =>
        made.Schema().FieldNames.SequenceEqual(stored.Schema().FieldNames) && made.ExceptAll(stored).IsEmpty() && stored.ExceptAll(made).IsEmpty();

    /// <summary>Batches of the main table that the enriched one lacks, in one look at both; null, with a warning, where it must be created again.</summary>
    private List<object?[]>? FindLacking(SparkSession spark, DataFrame rows, EnrichedSource from, IReadOnlyDictionary<string, DataFrame> references)
    {
        var earlier = EnrichedSource.FindAsync(targetLog).GetAwaiter().GetResult();
        if (earlier is not null && !earlier.HasOnlyGrownAsync(sourceLog, from).GetAwaiter().GetResult())
        {
            context.Warn($"Rows of '{mainTable}' were changed or taken back since '{table}' was made from it: the table is created again.");
            return null;
        }
        var done = spark.Read().Format("delta").Load(target);
        var apart = rows.Select(Col("batch_id").As("main_batch_id")).Distinct()
            .Join(done.Select(Col("batch_id").As("done_batch_id")).Distinct(), Col("main_batch_id") == Col("done_batch_id"), "full_outer")
            .Filter(Col("main_batch_id").IsNull() | Col("done_batch_id").IsNull())
            .Select("main_batch_id")
            .Collect().Select(static row => row.Get(0)).ToLookup(static id => id is not null);
        if (apart[false].Count() is > 0 and var gone)
        {
            context.Warn(FormattableString.Invariant($"{gone} batches of '{table}' are no longer in '{mainTable}' (it was restored): the table is created again."));
            return null;
        }
        if (!enrichment.Enrich(rows, references).Columns().SequenceEqual(done.Columns()))
        {
            context.Warn($"'{table}' was made with other columns than this version of the suite gives it: the table is created again.");
            return null;
        }
        return [.. apart[true].Select(static id => new[] { id })];
    }

    /// <summary>Rows of these batches.</summary>
    private static DataFrame Of(List<object?[]> batches, DataFrame rows) =>
        rows.Join(rows.SparkSession.CreateDataFrame(batches, BatchIds), Col("batch_id") == Col("wanted_batch_id"), "left_semi");

    private void WarnOfUnmatched(DataFrame added)
    {
        foreach (var reference in enrichment.Unmatched(added).OrderBy(Col("reference").Asc(), Col("n").Desc(), Col("detail").Asc()).Collect().GroupBy(row => row.GetAs<string>("reference")))
        {
            var most = reference.Take(5).Select(row => FormattableString.Invariant($"{row.Get("detail")} ({row.Get("n")})"));
            var total = reference.Sum(row => row.GetAs<long>("n"));
            context.Warn(FormattableString.Invariant($"{total} rows have no match in {reference.Key}: {string.Join(", ", most)}{(reference.Count() > 5 ? ", …" : "")}. They are kept, with nulls."));
        }
    }
}

/// <summary>What an enrichment did.</summary>
/// <param name="Rows">Rows added to the enriched table.</param>
/// <param name="Message">One sentence for people and result.json.</param>
public sealed record EnrichmentResult(long Rows, string Message);
