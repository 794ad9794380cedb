using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Rejected rows as the quarantine keeps them.</summary>
internal static class QuarantineRows
{
    /// <summary>Rows of the quarantine table, in the order of <see cref="Quarantine.Schema"/>.</summary>
    /// <remarks>
    /// row_id is SHA-256 over the place in the producer's file and the content, or over key and content where the producer named no file, and the row's place in its message where that holds several: the same whenever the same row comes again.
    /// </remarks>
    public static DataFrame Select(DataFrame staged, string dataset, string table, string batchId, string? batchReason, DateTime at)
    {
        var content = Coalesce(Col(StagedColumns.Raw), Col(StagedColumns.RawBase64), Lit(""));
        var place = Coalesce(ConcatWs("|", SurrogateKey.Unpacked(Col(StagedColumns.File)), Col(StagedColumns.Line)), Lit(""));
        var line = Col(StagedColumns.Line).TryCast("bigint");
        return staged.Select(
            Sha2(ConcatWs("|", Lit(dataset), place, Coalesce(Col(StagedColumns.Key), Lit("")), content, Col(StagedColumns.Item).Cast("string")), 256).As(Quarantine.RowId),
            Lit(dataset).As("dataset"),
            Lit(table).As("table_name"),
            Lit(batchId).As("batch_id"),
            Lit(at).Cast("timestamp").As("quarantined_at"),
            Col(StagedColumns.Topic).As("source_topic"),
            Col(StagedColumns.Partition).As("source_partition"),
            Col(StagedColumns.Offset).As("source_offset"),
            Col(StagedColumns.File).As("source_file"),
            line.As("source_line"),
            When(line.IsNull(), Col(StagedColumns.Line)).As("source_cell"),
            Col(StagedColumns.Key).As("message_key"),
            Col(StagedColumns.Raw).As("raw_text"),
            Col(StagedColumns.RawBase64).As("raw_base64"),
            Col(StagedColumns.Broken).As(Quarantine.RulesBroken),
            Lit(batchReason is not null).As("is_whole_batch"),
            Lit(QuarantineStatus.Waiting).As("status"),
            Lit(at).Cast("timestamp").As("status_at"),
            Lit(batchReason).Cast("string").As("status_reason"),
            Lit(null).Cast("string").As("fixed_text"),
            Lit(null).Cast("string").As("replay_batch_id"),
            Col(StagedColumns.Item).As("source_item"),
            Lit(null).Cast("string").As("fixes"));
    }

    /// <summary>Rows, one an id, whose id is not yet in quarantine from another batch.</summary>
    public static DataFrame New(SparkSession spark, DataFrame rejects, string path, string batchId)
    {
        var once = rejects.DropDuplicates(Quarantine.RowId);
        if (!DeltaTable.IsDeltaTable(spark, path)) return once;
        var known = spark.Read().Format("delta").Load(path).Filter(Col("batch_id") != Lit(batchId)).Select(Col(Quarantine.RowId).As("known_row_id"));
        return once.Join(known, Col(Quarantine.RowId) == Col("known_row_id"), "left_anti");
    }

    /// <summary>Number of rejects that came before in another batch and were repaired since: the table has them.</summary>
    public static long CountRepaired(SparkSession spark, DataFrame rejects, string path, string batchId)
    {
        if (!DeltaTable.IsDeltaTable(spark, path)) return 0;
        var repaired = spark.Read().Format("delta").Load(path)
            .Filter((Col("status") == Lit(QuarantineStatus.Replayed)) & (Col("batch_id") != Lit(batchId))).Select(Col(Quarantine.RowId).As("repaired_row_id"));
        return rejects.Select(Quarantine.RowId).Join(repaired, Col(Quarantine.RowId) == Col("repaired_row_id"), "left_semi").Count();
    }

    /// <summary>Appends rejects that the quarantine lacked; where another writer was first, those that it lacks by then.</summary>
    /// <param name="spark">The session.</param>
    /// <param name="fresh">Rows that <see cref="New"/> gave, kept by the engine.</param>
    /// <param name="count">Their number.</param>
    /// <param name="readVersion">The quarantine's version before <see cref="New"/> read it; null where there was none.</param>
    /// <param name="path">The quarantine.</param>
    /// <param name="batchId">The batch.</param>
    /// <param name="options">Writer options.</param>
    /// <returns>Rows that are in quarantine by this batch.</returns>
    /// <exception cref="DataException">The writer wrote another number of rows.</exception>
    /// <exception cref="TransientException">Other writers were first each time.</exception>
    public static long Append(SparkSession spark, DataFrame fresh, long count, long? readVersion, string path, string batchId, IReadOnlyDictionary<string, string> options)
    {
        for (var attempt = 1; count > 0; attempt++)
        {
            switch (DeltaTable.Append(fresh, path, new AppendTerms { Key = [Quarantine.RowId], ReadVersion = readVersion, Rows = count, Options = options }))
            {
                case RowsAppended or AppendRepeated:
                    return count;
                case AppendNarrowed narrowed:
                    return narrowed.Rows;
                case AppendMiscounted miscounted:
                    throw BatchBalance.Miscounted(batchId, path, count, miscounted);
                case AppendConflict conflict when attempt == BatchBalance.Attempts:
                    throw new TransientException($"Cannot write the rejected rows of batch '{batchId}' to '{path}': other writers were first {attempt} times in a row. {conflict.Message} Run the same command again.");
                default:
                    readVersion = Version(spark, path);
                    using (var again = new PersistedRows(New(spark, fresh, path, batchId).Persist())) count = again.Rows.Count();
                    // What is left is read from the table once more by the append: the rows that another writer added are in neither.
                    fresh = New(spark, fresh, path, batchId);
                    break;
            }
        }
        return 0;
    }

    /// <summary>The version of a table, or null where there is none.</summary>
    public static long? Version(SparkSession spark, string path) => DeltaTable.IsDeltaTable(spark, path) ? DeltaTable.ForPath(spark, path).LatestVersion() : null;

    /// <summary>Makes the quarantine say what a batch that was loaded again found: rejects that are not there yet are added, rows that still waited and are good now count as replayed.</summary>
    public static void Reconcile(SparkSession spark, DataFrame rejects, string path, string batchId, DateTime at)
    {
        var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["userMetadata"] = batchId };
        var before = Version(spark, path);
        if (before is null)
        {
            _ = Append(spark, rejects, rejects.Count(), null, path, batchId, options);
            return;
        }
        var target = DeltaTable.ForPath(spark, path);
        var own = target.ToDF().Filter(Col("batch_id") == Lit(batchId));
        using var added = new PersistedRows(rejects.Join(own.Select(Col(Quarantine.RowId).As("own_row_id")), Col(Quarantine.RowId) == Col("own_row_id"), "left_anti").Persist());
        using var mended = new PersistedRows(own.Filter(Col("status").IsIn(QuarantineStatus.Waiting, QuarantineStatus.Fixed))
            .Join(rejects.Select(Col(Quarantine.RowId).As("bad_row_id")), Col(Quarantine.RowId) == Col("bad_row_id"), "left_anti")
            .Select(Col(Quarantine.RowId).As("mended_row_id"), Lit(at).Cast("timestamp").As("mended_at")).Persist());
        _ = Append(spark, added.Rows, added.Rows.Count(), before, path, batchId, options);
        if (mended.Rows.Count() > 0)
            target.Merge(mended.Rows.Alias("s"), Col(Quarantine.RowId) == Col("mended_row_id"))
                .WhenMatched()
                .Update(new Dictionary<string, Column>
                {
                    ["status"] = Lit(QuarantineStatus.Replayed),
                    ["status_at"] = Col("mended_at"),
                    ["status_reason"] = Lit("Good when its batch was loaded again."),
                    ["replay_batch_id"] = Lit(batchId),
                })
                .Option("userMetadata", batchId)
                .Execute();
    }
}
