using System.Collections.Immutable;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql.Rendering;

/// <summary>A SELECT that is being built: nodes are merged into it as long as the meaning stays.</summary>
internal sealed class Select
{
    /// <summary>What stands after FROM; null for none.</summary>
    public required string? From { get; init; }

    /// <summary>A whole query that nothing has been added to yet.</summary>
    public string? Whole { get; init; }

    /// <summary>Whether FROM is one relation or a chain of joins that another join can be added to.</summary>
    public bool IsPlainFrom { get; set; } = true;

    /// <summary>What each column is, by number.</summary>
    public Dictionary<long, Expr> Columns { get; init; } = [];

    /// <summary>The relation's columns in order, where SELECT * would give just these.</summary>
    public ImmutableArray<Expr> Starred { get; init; } = [];

    public List<Expr> Where { get; } = [];

    public ImmutableArray<Expr>? GroupBy { get; set; }

    public GroupingKind Grouping { get; set; }

    public ImmutableArray<SortKey> OrderBy { get; set; } = [];

    public long? Limit { get; set; }

    public long Offset { get; set; }

    public bool IsDistinct { get; set; }

    public string Hint { get; set; } = "";

    /// <summary>Select items as text, where a generator makes them.</summary>
    public ImmutableArray<string> Generated { get; set; } = [];

    public bool HasLimit => Limit is not null || Offset > 0;

    public bool IsGrouped => GroupBy is not null;

    /// <summary>Whether it is its FROM and nothing more.</summary>
    public bool IsBare => IsPlainFrom && Where.Count == 0 && !IsGrouped && OrderBy.IsEmpty && !HasLimit && !IsDistinct && Hint.Length == 0 && Generated.IsEmpty
        && Columns.Values.All(value => value is Physical);

    /// <summary>Whether an expression over the columns would stand on a window function or an aggregate of this SELECT.</summary>
    public bool IsComputedLate(IEnumerable<Expr> expressions) =>
        expressions.SelectMany(Rewriter.References).Any(id => Rewriter.HasWindow(Columns[id]) || (IsGrouped && Rewriter.HasAggregate(Columns[id])));
}
