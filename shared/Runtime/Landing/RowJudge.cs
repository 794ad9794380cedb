using Pipeline.Schemas;
using Pipeline.Sql;
using Pipeline.Sql.Delta;
using static Pipeline.Sql.Functions;

namespace Pipeline.Runtime.Landing;

/// <summary>Tells what becomes of staged rows that break no rule: new, a duplicate of a known row, or in conflict with one.</summary>
/// <remarks>Only the part of the table in which the rows' keys can stand is read: each key column between the least and the greatest value of the rows at hand.</remarks>
internal sealed class RowJudge(TableContract contract, string tablePath)
{
    /// <summary>Column that the judged rows have more.</summary>
    public const string Fate = "_fate";

    /// <summary>The first row of a key that the table does not have.</summary>
    public const string IsNew = "new";

    /// <summary>A row that the table, or an earlier row, has with the same values.</summary>
    public const string IsDuplicate = "duplicate";

    /// <summary>A row whose key the table, or an earlier row, has with other values.</summary>
    public const string IsConflict = "conflict";

    /// <summary>A row whose key stands on another line of the same version of a file, where the contract refuses that.</summary>
    public const string IsRepeated = "repeated";

    /// <summary>Where a row of a table that refuses repeated keys came from: the table's columns, and the staged ones.</summary>
    private static readonly (string Name, string Staged)[] Origin = [("source_file", StagedColumns.File), ("source_line", StagedColumns.Line), ("source_version", StagedColumns.Version)];

    /// <summary>The table's columns but batch_id; a contract without a key gets one.</summary>
    private readonly string[] names = [.. contract.Columns.Select(column => column.Name), .. contract.Key.IsEmpty ? [RowIdentity.ColumnName] : System.Array.Empty<string>()];
    private readonly string[] originNames = contract.RefusesRepeatedKeys ? [.. Origin.Select(static column => column.Name)] : [];
    private readonly string[] keyNames = contract.Key.IsEmpty ? [RowIdentity.ColumnName] : [.. contract.Key];

    /// <summary>The order in which rows came: lines are numbers, a workbook's cells are not.</summary>
    private static Column[] StagedOrder =>
    [
        Col(StagedColumns.Topic), Col(StagedColumns.Partition), Col(StagedColumns.Offset), Col(StagedColumns.File),
        Col(StagedColumns.Line).TryCast("bigint"), Col(StagedColumns.Line), Col(StagedColumns.Item), Col(StagedColumns.Raw),
    ];

    /// <summary>Staged rows with what tells them apart beside the contract's columns.</summary>
    public DataFrame Identify(DataFrame staged, string dataset)
    {
        if (contract.Key.IsEmpty) return RowIdentity.Add(staged, dataset);
        return contract.RefusesRepeatedKeys ? staged.WithColumns(Origin.Select(static column => KeyValuePair.Create(column.Name, Col(column.Staged)))) : staged;
    }

    /// <summary>Good rows with their fate.</summary>
    /// <remarks>Where repeated keys are refused, a key on another line of the same version of a file is repeated, whatever its values.</remarks>
    /// <param name="good">Staged rows that break no rule; kept by the engine, for they are read more than once.</param>
    /// <param name="batchId">The batch: rows that it has in the table are not compared with.</param>
    public DataFrame Judge(DataFrame good, string batchId)
    {
        var spark = good.SparkSession;
        var order = Sql.Expressions.Window.PartitionBy([.. keyNames.Select(name => Col(name))]).OrderBy(StagedOrder);
        var ranked = good.WithColumn("_place", RowNumber().Over(order));
        var first = ranked.Filter(Col("_place") == Lit(1));
        var again = ranked.Filter(Col("_place") > Lit(1));
        var judgedFirst = DeltaTable.IsDeltaTable(spark, tablePath)
            ? Compare(first, spark.Read().Format("delta").Load(tablePath).Filter((Col("batch_id") != Lit(batchId)) & Near(good)))
            : first.WithColumn(Fate, Lit(IsNew));
        return judgedFirst.Union(Compare(again, first));
    }

    /// <summary>Rows that break a rule, and rows whose key stands elsewhere with other values.</summary>
    public DataFrame Rejects(DataFrame rows, DataFrame judged)
    {
        var rule = When(Col(Fate) == Lit(IsRepeated), Lit("repeated_key")).Otherwise(Lit("key_conflict"));
        var conflicts = judged.Filter(Col(Fate).IsIn(IsConflict, IsRepeated)).WithColumn(StagedColumns.Broken, Functions.Array(RepeatedKeys.Rule(keyNames, rule))).Select([.. rows.Columns().Select(name => Col(name))]);
        return rows.Filter(Size(Col(StagedColumns.Broken)) > Lit(0)).Union(conflicts);
    }

    /// <summary>The table's columns of new rows, under a batch's id.</summary>
    public DataFrame NewRows(DataFrame judged, string batchId) =>
        judged.Filter(Col(Fate) == Lit(IsNew)).Select([.. names.Concat(originNames).Select(name => Col(name)), Lit(batchId).As("batch_id")]);

    /// <summary>The condition that holds for every row of the table whose key can be one of these rows': by it engines leave out files and row groups whose statistics lie elsewhere.</summary>
    private Column Near(DataFrame good)
    {
        // Made by hashing: the rows at hand lie all over the table.
        if (contract.Key.IsEmpty) return Lit(true);
        var ranges = good.Agg(Count(Lit(1)).As("n"), [.. contract.Key.SelectMany(name => new[] { Min(Col(name)).As("min_" + name), Max(Col(name)).As("max_" + name), Count(Col(name)).As("count_" + name) })]).Collect().Single();
        var n = ranges.GetAs<long>("n");
        var near = Lit(true);
        foreach (var column in contract.Key.Select(contract.Column))
        {
            var (min, max) = (ranges.Get("min_" + column.Name), ranges.Get("max_" + column.Name));
            var hasNulls = ranges.GetAs<long>("count_" + column.Name) < n;
            var key = Col(column.Name);
            near &= (min, hasNulls) switch
            {
                (null, _) => key.IsNull(),
                (_, true) => key.IsNull() | ((key >= Bound(min)) & (key <= Bound(max))),
                _ => (key >= Bound(min)) & (key <= Bound(max)),
            };

            Column Bound(object? value) => Lit(value).Cast(column.Type.SimpleString);
        }
        return near;
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
}
