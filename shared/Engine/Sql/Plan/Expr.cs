using System.Collections.Immutable;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>An expression as data. Columns hold it unresolved; a plan node holds it resolved, with types where they are known.</summary>
internal abstract record Expr
{
    /// <summary>The type of its value; null before it is resolved, or where only the engine knows.</summary>
    public DataType? Type { get; init; }
}

/// <summary>A column by name, perhaps with an alias or a field's parent before the point.</summary>
internal sealed record NamedColumn(string Name) : Expr;

/// <summary>A column taken from a frame: <c>df["id"]</c>.</summary>
internal sealed record FrameColumn(PlanNode Frame, Attribute Attribute) : Expr;

/// <summary>All columns, or those under an alias.</summary>
internal sealed record Star(string? Qualifier) : Expr;

/// <summary>A column of a node's input, resolved.</summary>
internal sealed record AttributeRef(Attribute Attribute) : Expr;

/// <summary>A value.</summary>
internal sealed record Literal(object? Value) : Expr;

/// <summary>An operator or function by its name in <see cref="Dialects.FunctionTable"/>.</summary>
internal sealed record Call(string Function, ImmutableArray<Expr> Arguments) : Expr
{
    public Call(string function, params ReadOnlySpan<Expr> arguments) : this(function, ImmutableArray.Create(arguments))
    {
    }

    /// <summary>Whether an aggregate takes each value once.</summary>
    public bool IsDistinct { get; init; }
}

/// <summary>A function of the engine that the table does not know, called by its name as it is.</summary>
internal sealed record EngineCall(string Function, ImmutableArray<Expr> Arguments) : Expr;

/// <summary>A C# function: the engine knows it by <see cref="UserFunction.SqlName"/> before the text that calls it runs.</summary>
internal sealed record UserCall(UserFunction Function, ImmutableArray<Expr> Arguments) : Expr;

/// <summary>A conversion; null where it fails, as Spark's without ANSI mode.</summary>
internal sealed record CastTo(Expr Value, DataType Target) : Expr;

/// <summary>CASE WHEN.</summary>
internal sealed record Case(ImmutableArray<CaseBranch> Branches, Expr? Otherwise) : Expr;

/// <summary>One WHEN … THEN of a <see cref="Case"/>.</summary>
internal sealed record CaseBranch(Expr When, Expr Then);

/// <summary>A value under a name; several names where a generator makes several columns.</summary>
internal sealed record Aliased(Expr Value, ImmutableArray<string> Names) : Expr;

/// <summary>A key of an order.</summary>
internal sealed record SortKey(Expr Value, bool IsAscending, bool NullsFirst) : Expr;

/// <summary>A function over a window.</summary>
internal sealed record Windowed(Expr Function, ImmutableArray<Expr> PartitionBy, ImmutableArray<SortKey> OrderBy, Frame? Frame) : Expr;

/// <summary>Rows or range of a window; <see cref="long.MinValue"/> and <see cref="long.MaxValue"/> are unbounded.</summary>
internal sealed record Frame(bool IsRows, long Start, long End);

/// <summary>A function of elements: parameters and what it answers.</summary>
internal sealed record Lambda(ImmutableArray<string> Parameters, Expr Body) : Expr;

/// <summary>A parameter of the <see cref="Lambda"/> around it.</summary>
internal sealed record LambdaVariable(string Name) : Expr;

/// <summary>Text of the engine's SQL, as it is.</summary>
internal sealed record RawSql(string Text) : Expr;

/// <summary>A column in the text of a query: what an <see cref="AttributeRef"/> becomes while it is rendered.</summary>
internal sealed record Physical(string Sql) : Expr;
