using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;
using Window = Pipeline.Engine.Sql.Expressions.Window;

namespace Pipeline.Suite.Loading;

/// <summary>Tells what becomes of staged rows that break no rule: new, a duplicate of a known row, or in conflict with one.</summary>
/// <remarks>Only the part of the table in which the rows' keys can stand is read: each key column between the least and the greatest value of the current rows.</remarks>
internal sealed class RowClassifier(TableContract contract, string tablePath)
{
    /// <summary>What becomes of a row that is not new.</summary>
    public const string Outcome = "_fate";

    /// <summary>A row that the table, or an earlier row, has with the same values.</summary>
    public const string IsDuplicate = "duplicate";

    /// <summary>A row whose key the table, or an earlier row, has with other values.</summary>
    public const string IsConflict = "conflict";

    /// <summary>A row whose key stands on another line of the same version of a file, where the contract refuses that.</summary>
    public const string IsRepeated = "repeated";

    private const string Number = "_number";
    private const string Rank = "_rank";
    private const string Place = "_place";

    /// <summary>Where a row of a table that refuses repeated keys came from: the table's columns, and the staged ones.</summary>
    private static readonly (string Name, string Staged)[] Origin = [("source_file", StagedColumns.File), ("source_line", StagedColumns.Line), ("source_version", StagedColumns.Version)];

    /// <summary>Columns of a table that refuses repeated keys: where its rows came from.</summary>
    public static IEnumerable<StructField> OriginColumns => Origin.Select(static column => new StructField(column.Name, new StringType()));

    /// <summary>The table's columns but batch_id; a contract without a key gets one.</summary>
    private readonly string[] names = [.. contract.Columns.Select(column => column.Name), .. contract.Key.IsEmpty ? [SurrogateKey.ColumnName] : System.Array.Empty<string>()];
    private readonly string[] originNames = contract.RefusesRepeatedKeys ? [.. Origin.Select(static column => column.Name)] : [];
    private readonly string[] keyNames = contract.Key.IsEmpty ? [SurrogateKey.ColumnName] : [.. contract.Key];

    /// <summary>The order in which rows came: lines are numbers, a workbook's cells are not.</summary>
    private static Column[] StagedOrder =>
    [
        Col(StagedColumns.Topic), Col(StagedColumns.Partition), Col(StagedColumns.Offset), Col(StagedColumns.File),
        Col(StagedColumns.Line).TryCast("bigint"), Col(StagedColumns.Line), Col(StagedColumns.Item), Col(StagedColumns.Raw),
    ];

    /// <summary>Staged rows with their number in the batch, and with what tells them apart beside the contract's columns.</summary>
    /// <remarks>The number holds once the rows are kept by the engine.</remarks>
    public DataFrame Identify(DataFrame staged, string dataset)
    {
        var numbered = staged.WithColumn(Number, MonotonicallyIncreasingId());
        if (contract.Key.IsEmpty) return SurrogateKey.Add(numbered, dataset);
        return contract.RefusesRepeatedKeys ? numbered.WithColumns(Origin.Select(static column => KeyValuePair.Create(column.Name, Col(column.Staged)))) : numbered;
    }

    /// <summary>Numbers and outcomes of the good rows that are not new, kept by the engine, one entry a row; null where there can be none.</summary>
    /// <remarks>
    /// Only numbers are kept: most rows are new, and whole they would be kept a second time. A row whose key the table has is compared with the table; of rows that share another key the first is new
    /// and the others are compared with it. A table that was damaged may have a key twice: a row is then a duplicate where it equals one of those rows.
    /// Where repeated keys are refused, a key on another line of the same version of a file is repeated, whatever its values.
    /// </remarks>
    /// <param name="good">Identified rows that break no rule; kept by the engine, for they are read more than once.</param>
    /// <param name="batchId">The batch: rows that it has in the table are not compared with.</param>
    /// <param name="near">The condition that holds for every row of the table whose key can be one of these rows', given what stands before its columns' names; null where there is no table.</param>
    /// <returns>Columns <see cref="Number"/> and <see cref="Outcome"/>.</returns>
    public DataFrame? Classify(DataFrame good, string batchId, out Func<string, Column>? near)
    {
        var spark = good.SparkSession;
        near = DeltaTable.IsDeltaTable(spark, tablePath) ? KeyRangeFilter(good) : null;
        var known = near is null ? null : spark.Read().Format("delta").Load(tablePath).Filter((Col("batch_id") != Lit(batchId)) & near(""));
        using var sharing = new PersistedRows(SharingAKey(good).Persist());
        var comparisons = new List<DataFrame>();
        if (known is not null) comparisons.Add(Compare(good, known, Ranks.InTable));
        if (sharing.Rows.Count() > 0) comparisons.Add(Compare(sharing.Rows.Filter(Col(Place) > Lit(1)), sharing.Rows.Filter(Col(Place) == Lit(1)), Ranks.InBatch));
        if (comparisons.Count == 0) return null;
        var outcome = When(Col(Rank).IsIn(Ranks.InBatch.Repeated, Ranks.InTable.Repeated), Lit(IsRepeated))
            .When(Col(Rank).IsIn(Ranks.InBatch.Duplicate, Ranks.InTable.Duplicate), Lit(IsDuplicate))
            .Otherwise(Lit(IsConflict));
        return comparisons.Aggregate(static (left, right) => left.Union(right))
            .GroupBy(Number).Agg(Min(Col(Rank)).As(Rank))
            .Select(Col(Number), outcome.As(Outcome))
            .Persist();
    }

    /// <summary>Columns that tell a row of the table from all others.</summary>
    public IReadOnlyList<string> KeyNames => keyNames;

    /// <summary>Rows whose key stands elsewhere with other values, with that as the rule that they break.</summary>
    public DataFrame Conflicts(DataFrame rows, DataFrame outcomes)
    {
        var rule = When(Col(Outcome) == Lit(IsRepeated), Lit("repeated_key")).Otherwise(Lit("key_conflict"));
        var conflicts = outcomes.Filter(Col(Outcome).IsIn(IsConflict, IsRepeated)).Select(Col(Number).As("_its_number"), Col(Outcome));
        return rows.Join(conflicts, Col(Number) == Col("_its_number"), "inner")
            .WithColumn(StagedColumns.Broken, Functions.Array(RepeatedKeys.Rule(keyNames, rule)))
            .Select([.. rows.Columns().Select(name => Col(name))]);
    }

    /// <summary>The batch by which the table has the key of a row, one entry a value of a column of the rows: <c>holder_id</c> and <c>holder</c>. Of several batches it is the preferred one, else the first by its id.</summary>
    /// <param name="good">Identified rows that break no rule.</param>
    /// <param name="idColumn">The column.</param>
    /// <param name="preferred">The batch that counts where it is among them.</param>
    public DataFrame Holders(DataFrame good, string idColumn, string preferred)
    {
        var known = good.SparkSession.Read().Format("delta").Load(tablePath).Filter(KeyRangeFilter(good)(""))
            .Select([.. keyNames.Select(name => Col(name).As(Known(name))), Col("batch_id").As("_holder")]);
        var isPreferred = Max(When(Col("_holder") == Lit(preferred), Lit(1)).Otherwise(0)) == Lit(1);
        return good.Join(known, SameKey, "inner").GroupBy(idColumn).Agg(Min(Col("_holder")).As("_first"), When(isPreferred, Lit(1)).Otherwise(0).As("_is_preferred"))
            .Select(Col(idColumn).As("holder_id"), When(Col("_is_preferred") == Lit(1), Lit(preferred)).Otherwise(Col("_first")).As("holder"));
    }

    /// <summary>The table's columns of new rows, under a batch's id.</summary>
    /// <param name="good">Identified rows that break no rule.</param>
    /// <param name="outcomes">Of those that are not new; null where all are.</param>
    /// <param name="batchId">The batch.</param>
    public DataFrame NewRows(DataFrame good, DataFrame? outcomes, string batchId) =>
        (outcomes is null ? good : Without(good, outcomes)).Select([.. names.Concat(originNames).Select(name => Col(name)), Lit(batchId).As("batch_id")]);

    /// <summary>Rows without an outcome.</summary>
    public DataFrame Unclassified(DataFrame good, DataFrame outcomes) => Without(good, outcomes);

    private static DataFrame Without(DataFrame rows, DataFrame others) =>
        rows.Join(others.Select(Col(Number).As("_other_number")), Col(Number) == Col("_other_number"), "left_anti");

    /// <summary>Rows whose key more than one of them has, with their place among those, by the order in which they came.</summary>
    private DataFrame SharingAKey(DataFrame good)
    {
        Column[] key = [.. keyNames.Select(name => Col(name))];
        var shared = good.GroupBy(key).Agg(Count(Lit(1)).As("_n")).Filter(Col("_n") > Lit(1L)).Select([.. keyNames.Select(name => Col(name).As(Known(name)))]);
        return good.Join(shared, SameKey, "left_semi").WithColumn(Place, RowNumber().Over(Window.PartitionBy(key).OrderBy(StagedOrder)));
    }

    /// <summary>The condition that holds for every row of the table whose key can be one of these rows', given what stands before its columns' names: by it engines leave out files and row groups whose statistics lie elsewhere.</summary>
    private Func<string, Column> KeyRangeFilter(DataFrame good)
    {
        // Made by hashing: the current rows lie all over the table.
        if (contract.Key.IsEmpty) return static _ => Lit(true);
        var ranges = good.Agg(Count(Lit(1)).As("n"), [.. contract.Key.SelectMany(name => new[] { Min(Col(name)).As("min_" + name), Max(Col(name)).As("max_" + name), Count(Col(name)).As("count_" + name) })]).Collect().Single();
        var n = ranges.GetAs<long>("n");
        return prefix =>
        {
            var near = Lit(true);
            foreach (var column in contract.Key.Select(contract.Column))
            {
                var (min, max) = (ranges.Get("min_" + column.Name), ranges.Get("max_" + column.Name));
                var hasNulls = ranges.GetAs<long>("count_" + column.Name) < n;
                var key = Col(prefix + column.Name);
                near &= (min, hasNulls) switch
                {
                    (null, _) => key.IsNull(),
                    (_, true) => key.IsNull() | ((key >= Bound(min)) & (key <= Bound(max))),
                    _ => (key >= Bound(min)) & (key <= Bound(max)),
                };

                Column Bound(object? value) => Lit(value).Cast(column.Type.SimpleString);
            }
            return near;
        };
    }

    /// <summary>Ranks of what the rows whose key known ones have are by each of these.</summary>
    private DataFrame Compare(DataFrame rows, DataFrame known, Ranks ranks)
    {
        var theirs = known.Select([.. names.Concat(originNames).Select(name => Col(name).As(Known(name)))]);
        var rest = names.Except(keyNames).Select(Same).ToList();
        var sameRow = rest.Count == 0 ? Lit(true) : rest.Aggregate((left, right) => left & right);
        var repeated = contract.RefusesRepeatedKeys
            ? (Col("source_file") == Col(Known("source_file"))) & (Col("source_version") == Col(Known("source_version"))) & (Col("source_line") != Col(Known("source_line")))
            : Lit(false);
        return rows
            .Join(theirs, SameKey, "inner")
            .Select(Col(Number), When(repeated, Lit(ranks.Repeated)).When(sameRow, Lit(ranks.Duplicate)).Otherwise(Lit(ranks.Conflict)).As(Rank));
    }

    private Column SameKey => keyNames.Select(Same).Aggregate((left, right) => left & right);

    private static Column Same(string name) => Col(name).EqNullSafe(Col(Known(name)));

    private static string Known(string name) => "_known_" + name;

    /// <summary>Which finding about a row holds where there are several: the one of the lowest rank.</summary>
    private sealed record Ranks(int Duplicate, int Repeated, int Conflict)
    {
        public static Ranks InTable { get; } = new(Duplicate: 2, Repeated: 3, Conflict: 4);

        /// <summary>A key twice in one file is said first; else the table's row counts, and a row of the batch only where the table has none.</summary>
        public static Ranks InBatch { get; } = new(Duplicate: 5, Repeated: 1, Conflict: 6);
    }
}
