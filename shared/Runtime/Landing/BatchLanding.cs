using Pipeline.Lake;
using Pipeline.Schemas;
using Pipeline.Sql;
using Pipeline.Sql.Delta;
using static Pipeline.Sql.Functions;

namespace Pipeline.Runtime.Landing;

/// <summary>Takes batches of staged rows into the lake: good rows to the table, bad ones to quarantine, and a row of metadata to <c>batches</c>.</summary>
/// <remarks>
/// Each write carries Delta's transaction (application, batch number), so a batch that died half-way is run again whole and writes only what is missing.
/// What a batch wrote before it died never counts as a duplicate of itself: rows of its own batch id are left out of every comparison.
/// </remarks>
public sealed class BatchLanding(LakeLayout lake, TableContract contract, string dataset, LandingOptions options)
{
    private const string Fate = "_fate";
    private const string IsNew = "new";
    private const string IsDuplicate = "duplicate";
    private const string IsConflict = "conflict";
    private const string IsRepeated = "repeated";

    /// <summary>Where a row of a table that refuses repeated keys came from: the table's columns, and the staged ones.</summary>
    private static readonly (string Name, string Staged)[] Origin = [("source_file", StagedColumns.File), ("source_line", StagedColumns.Line), ("source_version", StagedColumns.Version)];

    private readonly string tablePath = lake.Table(contract.Name);
    private readonly string quarantinePath = lake.Quarantine(contract.Name);

    /// <summary>The table's columns but batch_id; a contract without a key gets one.</summary>
    private readonly string[] names = [.. contract.Columns.Select(column => column.Name), .. contract.Key.IsEmpty ? [RowIdentity.ColumnName] : System.Array.Empty<string>()];
    private readonly string[] originNames = contract.RefusesRepeatedKeys ? [.. Origin.Select(column => column.Name)] : [];
    private readonly string[] keyNames = contract.Key.IsEmpty ? [RowIdentity.ColumnName] : [.. contract.Key];

    /// <summary>Lands one batch.</summary>
    /// <param name="staged">The contract's columns, <see cref="StagedColumns.Provenance"/> and <see cref="StagedColumns.Broken"/>; rows of one message are told apart by <see cref="StagedColumns.Item"/>.</param>
    /// <param name="source">Which batch it is.</param>
    /// <returns>Counts by fate.</returns>
    /// <exception cref="DataContractException">The counts do not balance: a defect, never the data's fault.</exception>
    public LandedBatch Land(DataFrame staged, BatchSource source)
    {
        var spark = staged.SparkSession;
        var batchId = source.BatchId(dataset);
        var receivedAt = DateTime.UtcNow;
        var before = Version(spark);
        var rows = Prepared(staged).Persist();
        try
        {
            var facts = BatchFacts.Of(rows);
            if (facts.Read == 0) return new LandedBatch(batchId, 0, 0, 0, 0, false, null, null, null);
            var isBad = facts.BadShare > options.MaxBadShare;
            var reason = isBad ? FormattableString.Invariant($"{facts.Bad} of {facts.Read} rows are bad: a share over {options.MaxBadShare:0.##}") : null;

            var judged = isBad ? null : Judge(spark, rows.Filter(Size(Col(StagedColumns.Broken)) == Lit(0)), batchId).Persist();
            try
            {
                var fates = judged is null ? new Dictionary<string, long>() : CountBy(judged, Fate);
                var rejects = QuarantineRows.Select(isBad ? rows : Rejects(rows, judged!), dataset, contract.Name, source, reason, receivedAt);
                var fresh = QuarantineRows.New(spark, rejects, quarantinePath, batchId).Persist();
                var quarantined = fresh.Count();
                var rejected = isBad ? facts.Read : facts.Bad + fates.GetValueOrDefault(IsConflict) + fates.GetValueOrDefault(IsRepeated);
                var written = fates.GetValueOrDefault(IsNew);
                var duplicate = fates.GetValueOrDefault(IsDuplicate) + rejected - quarantined;

                if (written > 0)
                    Append(judged!.Filter(Col(Fate) == Lit(IsNew)).Select([.. names.Select(name => Col(name)), .. originNames.Select(name => Col(name)), Lit(batchId).As("batch_id")]), tablePath, source, batchId);
                if (quarantined > 0) Append(fresh, quarantinePath, source, batchId);
                fresh.Unpersist();
                if (facts.Read != written + quarantined + duplicate)
                    throw new DataContractException(FormattableString.Invariant($"Batch '{batchId}' does not balance: {facts.Read} rows read, but {written} written, {quarantined} quarantined and {duplicate} duplicate. Its batch row is not written; report this."));

                var landed = new LandedBatch(batchId, facts.Read, written, quarantined, duplicate, isBad, reason, before, written > 0 ? Version(spark) : before);
                AppendBatchRow(spark, landed, facts, source, receivedAt);
                return landed;
            }
            finally
            {
                judged?.Unpersist();
            }
        }
        finally
        {
            rows.Unpersist();
        }
    }

    private long? Version(SparkSession spark) => DeltaTable.IsDeltaTable(spark, tablePath) ? DeltaTable.ForPath(spark, tablePath).LatestVersion() : null;

    private DataFrame Prepared(DataFrame staged)
    {
        if (contract.Key.IsEmpty) return RowIdentity.Add(staged, dataset);
        return contract.RefusesRepeatedKeys ? staged.WithColumns(Origin.Select(column => KeyValuePair.Create(column.Name, Col(column.Staged)))) : staged;
    }

    /// <summary>Good rows with their fate: the first of a key is new, the same row again is a duplicate, another row of the same key is a conflict.</summary>
    /// <remarks>Where repeated keys are refused, a key on another line of the same version of a file is repeated, whatever its values.</remarks>
    private DataFrame Judge(SparkSession spark, DataFrame good, string batchId)
    {
        var order = Sql.Expressions.Window.PartitionBy([.. keyNames.Select(name => Col(name))]).OrderBy(StagedOrder);
        var ranked = good.WithColumn("_place", RowNumber().Over(order));
        var first = ranked.Filter(Col("_place") == Lit(1));
        var again = ranked.Filter(Col("_place") > Lit(1));

        var judgedFirst = DeltaTable.IsDeltaTable(spark, tablePath)
            ? Compare(first, spark.Read().Format("delta").Load(tablePath).Filter(Col("batch_id") != Lit(batchId)))
            : first.WithColumn(Fate, Lit(IsNew));
        return judgedFirst.Union(Compare(again, first));
    }

    /// <summary>Fate of rows against known ones (one row a key).</summary>
    private DataFrame Compare(DataFrame rows, DataFrame known)
    {
        var theirs = known.Select([.. names.Concat(originNames).Select(name => Col(name).As("_known_" + name)), Lit(true).As("_is_known")]);
        var sameKey = keyNames.Select(Same).Aggregate((left, right) => left & right);
        var rest = names.Except(keyNames).Select(Same).ToList();
        var sameRow = rest.Count == 0 ? Lit(true) : rest.Aggregate((left, right) => left & right);
        var repeated = contract.RefusesRepeatedKeys
            ? (Col("source_file") == Col("_known_source_file")) & (Col("source_version") == Col("_known_source_version")) & (Col("source_line") != Col("_known_source_line"))
            : Lit(false);
        return rows
            .Join(theirs, sameKey, "left_outer")
            .Select([.. rows.Columns().Select(name => Col(name)), When(Col("_is_known").IsNull(), Lit(IsNew)).When(repeated, Lit(IsRepeated)).When(sameRow, Lit(IsDuplicate)).Otherwise(Lit(IsConflict)).As(Fate)]);

        static Column Same(string name) => Col(name).EqNullSafe(Col("_known_" + name));
    }

    /// <summary>Rows that break a rule, and rows whose key stands in the table with other values.</summary>
    private DataFrame Rejects(DataFrame rows, DataFrame judged)
    {
        var rule = When(Col(Fate) == Lit(IsRepeated), Lit("repeated_key")).Otherwise(Lit("key_conflict"));
        var conflicts = judged.Filter(Col(Fate).IsIn(IsConflict, IsRepeated)).WithColumn(StagedColumns.Broken, Functions.Array(RepeatedKeys.Rule(keyNames, rule))).Select([.. rows.Columns().Select(name => Col(name))]);
        return rows.Filter(Size(Col(StagedColumns.Broken)) > Lit(0)).Union(conflicts);
    }

    /// <summary>The order in which rows came: lines are numbers, a workbook's cells are not.</summary>
    private static Column[] StagedOrder =>
    [
        Col(StagedColumns.Topic), Col(StagedColumns.Partition), Col(StagedColumns.Offset), Col(StagedColumns.File),
        Col(StagedColumns.Line).TryCast("bigint"), Col(StagedColumns.Line), Col(StagedColumns.Item), Col(StagedColumns.Raw),
    ];

    private static Dictionary<string, long> CountBy(DataFrame rows, string column) =>
        rows.GroupBy(column).Count().Collect().ToDictionary(row => row.GetAs<string>(0), row => row.GetAs<long>(1));

    private static void Append(DataFrame rows, string path, BatchSource source, string batchId) =>
        rows.Write().Format("delta").Mode("append")
            .Option("txnAppId", source.ApplicationId).Option("txnVersion", source.Number)
            .Option("userMetadata", batchId)
            .Save(path);

    private void AppendBatchRow(SparkSession spark, LandedBatch landed, BatchFacts facts, BatchSource source, DateTime receivedAt)
    {
        object?[] row =
        [
            landed.BatchId, dataset, source.Job, source.RunId, source.Number, source.Origin, facts.OffsetsFrom, facts.OffsetsUntil, receivedAt, DateTime.UtcNow,
            landed.Read, landed.Written, landed.Quarantined, landed.Duplicate, 0L, facts.SizeBytes, contract.Name, landed.TableVersion, facts.Checksum,
            landed.IsBad ? BatchStatus.Quarantined : BatchStatus.Committed, landed.Reason,
        ];
        Append(spark.CreateDataFrame([row], Batches.Schema), lake.Batches, source, landed.BatchId);
    }
}
