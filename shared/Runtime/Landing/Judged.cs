using Pipeline.Sql;
using Pipeline.Sql.Delta;
using static Pipeline.Sql.Functions;

namespace Pipeline.Runtime.Landing;

/// <summary>Rows of a batch and what becomes of them; what the engine keeps for that goes when disposed.</summary>
internal sealed class Judged : IDisposable
{
    private readonly RowJudge judge;
    private readonly DataFrame rows;
    private readonly DataFrame? fates;
    private readonly Dictionary<string, long> counts;
    private readonly BatchFacts facts;
    private readonly bool isWholeBad;

    private readonly Func<string, Column>? near;

    private Judged(RowJudge judge, DataFrame rows, BatchFacts facts, DataFrame? fates, Func<string, Column>? near, bool isWholeBad)
    {
        this.near = near;
        (this.judge, this.rows, this.facts, this.fates, this.isWholeBad) = (judge, rows, facts, fates, isWholeBad);
        counts = fates is null ? [] : fates.GroupBy(RowJudge.Fate).Count().Collect().ToDictionary(static row => row.GetAs<string>(0), static row => row.GetAs<long>(1));
        New = isWholeBad ? 0 : counts.Count == 0 ? facts.Read - facts.Bad : judge.Unjudged(StagedRows.Good(rows), fates!).Count();
    }

    /// <summary>Rows that the table does not have: counted, so that it tells whether each row has exactly one outcome.</summary>
    public long New { get; }

    /// <summary>Whether each row is new, a duplicate or rejected, and none of them is two of these.</summary>
    public bool IsBalanced => facts.Read == New + Duplicates + Rejected;

    /// <summary>Rows that it has.</summary>
    public long Duplicates => counts.GetValueOrDefault(RowJudge.IsDuplicate);

    /// <summary>Rows that break a rule, whose key the table has with other values, or that repeat a key of their file; of a bad batch all.</summary>
    public long Rejected => isWholeBad ? facts.Read : facts.Bad + Conflicts;

    /// <summary>Those, in the columns of the staged rows.</summary>
    public DataFrame Rejects => isWholeBad ? rows : Conflicts == 0 ? StagedRows.Broken(rows) : StagedRows.Broken(rows).Union(judge.Conflicts(rows, fates!));

    private long Conflicts => counts.GetValueOrDefault(RowJudge.IsConflict) + counts.GetValueOrDefault(RowJudge.IsRepeated);

    /// <summary>Judges identified rows that the engine keeps; of a bad batch none is judged.</summary>
    public static Judged Of(RowJudge judge, DataFrame rows, BatchFacts facts, bool isWholeBad, string batchId)
    {
        Func<string, Column>? near = null;
        var fates = isWholeBad ? null : judge.Judge(StagedRows.Good(rows), batchId, out near);
        return new Judged(judge, rows, facts, fates, near, isWholeBad);
    }

    /// <summary>What an append of new rows depends on: their keys were not in the table at a version.</summary>
    public AppendTerms Terms(long? readVersion, long count, IReadOnlyDictionary<string, string> options) =>
        new() { Key = judge.KeyNames, ReadVersion = readVersion, Rows = count, Options = options, Within = near };

    /// <summary>The new rows as the table has them.</summary>
    public DataFrame NewRows(string batchId) => judge.NewRows(StagedRows.Good(rows), counts.Count == 0 ? null : fates, batchId);

    /// <summary>The new rows as the table has them, but for those that have in a column one of some values.</summary>
    public DataFrame NewRowsWithout(string column, DataFrame values, string valueColumn, string batchId) =>
        judge.NewRows(StagedRows.Good(rows).Join(values.Select(Col(valueColumn)), Col(column) == Col(valueColumn), "left_anti"), counts.Count == 0 ? null : fates, batchId);

    public void Dispose() => fates?.Unpersist();
}
