using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Rows of a batch and what becomes of them; what the engine keeps for that goes when disposed.</summary>
internal sealed class ClassifiedBatch : IDisposable
{
    private readonly RowClassifier classifier;
    private readonly DataFrame rows;
    private readonly DataFrame? outcomes;
    private readonly Dictionary<string, long> counts;
    private readonly BatchFacts facts;
    private readonly bool isWholeBad;

    private readonly Func<string, Column>? near;

    private ClassifiedBatch(RowClassifier classifier, DataFrame rows, BatchFacts facts, DataFrame? outcomes, Func<string, Column>? near, bool isWholeBad)
    {
        this.near = near;
        (this.classifier, this.rows, this.facts, this.outcomes, this.isWholeBad) = (classifier, rows, facts, outcomes, isWholeBad);
        counts = outcomes is null ? [] : outcomes.GroupBy(RowClassifier.Outcome).Count().Collect().ToDictionary(static row => row.GetAs<string>(0), static row => row.GetAs<long>(1));
        New = isWholeBad ? 0 : counts.Count == 0 ? facts.Read - facts.Bad : classifier.Unclassified(StagedRows.Good(rows), outcomes!).Count();
    }

    /// <summary>Rows that the table does not have: counted, so that it tells whether each row has exactly one outcome.</summary>
    public long New { get; }

    /// <summary>Whether each row is new, a duplicate or rejected, and none of them is two of these.</summary>
    public bool IsBalanced => facts.Read == New + Duplicates + Rejected;

    /// <summary>Rows that it has.</summary>
    public long Duplicates => counts.GetValueOrDefault(RowClassifier.IsDuplicate);

    /// <summary>Rows that break a rule, whose key the table has with other values, or that repeat a key of their file; of a bad batch all.</summary>
    public long Rejected => isWholeBad ? facts.Read : facts.Bad + Conflicts;

    /// <summary>Those, in the columns of the staged rows.</summary>
    public DataFrame Rejects => isWholeBad ? rows : Conflicts == 0 ? StagedRows.Broken(rows) : StagedRows.Broken(rows).Union(classifier.Conflicts(rows, outcomes!));

    private long Conflicts => counts.GetValueOrDefault(RowClassifier.IsConflict) + counts.GetValueOrDefault(RowClassifier.IsRepeated);

    /// <summary>Judges identified rows that the engine keeps; of a bad batch none is classified.</summary>
    public static ClassifiedBatch Of(RowClassifier classifier, DataFrame rows, BatchFacts facts, bool isWholeBad, string batchId)
    {
        Func<string, Column>? near = null;
        var outcomes = isWholeBad ? null : classifier.Classify(StagedRows.Good(rows), batchId, out near);
        return new ClassifiedBatch(classifier, rows, facts, outcomes, near, isWholeBad);
    }

    /// <summary>What an append of new rows depends on: their keys were not in the table at a version.</summary>
    public AppendTerms Terms(long? readVersion, long count, IReadOnlyDictionary<string, string> options) =>
        new() { Key = classifier.KeyNames, ReadVersion = readVersion, Rows = count, Options = options, Within = near };

    /// <summary>The new rows as the table has them.</summary>
    public DataFrame NewRows(string batchId) => classifier.NewRows(StagedRows.Good(rows), counts.Count == 0 ? null : outcomes, batchId);

    /// <summary>The new rows as the table has them, but for those that have in a column one of some values.</summary>
    public DataFrame NewRowsWithout(string column, DataFrame values, string valueColumn, string batchId) =>
        classifier.NewRows(StagedRows.Good(rows).Join(values.Select(Col(valueColumn)), Col(column) == Col(valueColumn), "left_anti"), counts.Count == 0 ? null : outcomes, batchId);

    /// <summary>The batch by which the table has each good row's key, by the values of a column (<see cref="RowClassifier.Holders"/>).</summary>
    public DataFrame Holders(string column, string preferred) => classifier.Holders(StagedRows.Good(rows), column, preferred);

    public void Dispose() => outcomes?.Unpersist();
}
