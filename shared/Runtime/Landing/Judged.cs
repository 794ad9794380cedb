using Pipeline.Schemas;
using Pipeline.Sql;
using static Pipeline.Sql.Functions;

namespace Pipeline.Runtime.Landing;

/// <summary>Rows of a batch with their fates, kept by the engine until disposed.</summary>
internal sealed class Judged : IDisposable
{
    private readonly RowJudge judge;
    private readonly DataFrame rows;
    private readonly DataFrame? judged;
    private readonly Dictionary<string, long> fates;

    private Judged(RowJudge judge, DataFrame rows, DataFrame? judged)
    {
        this.judge = judge;
        this.rows = rows;
        this.judged = judged;
        fates = judged is null ? [] : judged.GroupBy(RowJudge.Fate).Count().Collect().ToDictionary(static row => row.GetAs<string>(0), static row => row.GetAs<long>(1));
    }

    /// <summary>Rows that the table does not have.</summary>
    public long New => fates.GetValueOrDefault(RowJudge.IsNew);

    /// <summary>Rows that it has.</summary>
    public long Duplicates => fates.GetValueOrDefault(RowJudge.IsDuplicate);

    /// <summary>Rows whose key it has with other values, or that repeat a key of their file.</summary>
    public long Conflicts => fates.GetValueOrDefault(RowJudge.IsConflict) + fates.GetValueOrDefault(RowJudge.IsRepeated);

    /// <summary>Rows that break a rule or are in conflict, in the columns of the staged rows.</summary>
    public DataFrame Rejects => judged is null ? rows : judge.Rejects(rows, judged);

    /// <summary>Judges staged rows; of a bad batch none is judged.</summary>
    public static Judged Of(RowJudge judge, DataFrame rows, bool isBad, string batchId) =>
        new(judge, rows, isBad ? null : judge.Judge(rows.Filter(Size(Col(StagedColumns.Broken)) == Lit(0)), batchId).Persist());

    /// <summary>The new rows as the table has them.</summary>
    public DataFrame NewRows(string batchId) => judge.NewRows(judged!, batchId);

    /// <summary>The new rows as the table has them, but for those that have in a column one of some values.</summary>
    public DataFrame NewRowsWithout(string column, DataFrame values, string valueColumn, string batchId) =>
        judge.NewRows(judged!.Join(values.Select(Col(valueColumn)), Col(column) == Col(valueColumn), "left_anti"), batchId);

    public void Dispose() => judged?.Unpersist();
}
