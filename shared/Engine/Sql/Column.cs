using System.Collections.Immutable;
using Pipeline.Engine.Sql.Expressions;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

/// <summary>An expression over the columns of a frame. Immutable; it means nothing until a frame takes it.</summary>
/// <remarks>
/// The operators build expressions: <c>df["age"] &gt; 21 &amp; df["name"] != "x"</c>. <c>==</c> too, so compare references with <c>is null</c>.
/// A string stands for the column of that name wherever a <see cref="Column"/> is asked for; on the right of an operator it is text.
/// </remarks>
public sealed partial class Column
{
    /// <summary>The column of this name; <c>alias.name</c> and <c>struct.field</c> are followed.</summary>
    public Column(string name) : this(Named(name))
    {
    }

    internal Column(Expr node) => Node = node;

    internal Expr Node { get; }

    /// <summary>The column of this name.</summary>
    public static implicit operator Column(string name) => new(name);

    /// <summary>Equal; NULL where a side is NULL.</summary>
    public static Column operator ==(Column left, object? right) => left.With("=", right);

    /// <summary>Not equal; NULL where a side is NULL.</summary>
    public static Column operator !=(Column left, object? right) => left.With("<>", right);

    /// <summary>Less than.</summary>
    public static Column operator <(Column left, object? right) => left.With("<", right);

    /// <summary>Greater than.</summary>
    public static Column operator >(Column left, object? right) => left.With(">", right);

    /// <summary>At most.</summary>
    public static Column operator <=(Column left, object? right) => left.With("<=", right);

    /// <summary>At least.</summary>
    public static Column operator >=(Column left, object? right) => left.With(">=", right);

    /// <summary>Both hold.</summary>
    public static Column operator &(Column left, object? right) => left.With("and", right);

    /// <summary>One or both hold.</summary>
    public static Column operator |(Column left, object? right) => left.With("or", right);

    /// <summary>Does not hold.</summary>
    public static Column operator !(Column column) => new(new Call("not", column.Node));

    /// <summary>The negative.</summary>
    public static Column operator -(Column column) => new(new Call("negative", column.Node));

    /// <summary>Sum.</summary>
    public static Column operator +(Column left, object? right) => left.With("+", right);

    /// <summary>Difference.</summary>
    public static Column operator -(Column left, object? right) => left.With("-", right);

    /// <summary>Product.</summary>
    public static Column operator *(Column left, object? right) => left.With("*", right);

    /// <summary>Quotient as double (decimal where a side is decimal); NULL where the right is 0.</summary>
    public static Column operator /(Column left, object? right) => left.With("/", right);

    /// <summary>Remainder with the sign of the left; NULL where the right is 0.</summary>
    public static Column operator %(Column left, object? right) => left.With("%", right);

    /// <summary>Sum, with a value on the left.</summary>
    public static Column operator +(double left, Column right) => Functions.Lit(left) + right;

    /// <summary>Difference, with a value on the left.</summary>
    public static Column operator -(double left, Column right) => Functions.Lit(left) - right;

    /// <summary>Product, with a value on the left.</summary>
    public static Column operator *(double left, Column right) => Functions.Lit(left) * right;

    /// <summary>Quotient, with a value on the left.</summary>
    public static Column operator /(double left, Column right) => Functions.Lit(left) / right;

    /// <summary>Sum, with a value on the left.</summary>
    public static Column operator +(int left, Column right) => Functions.Lit(left) + right;

    /// <summary>Difference, with a value on the left.</summary>
    public static Column operator -(int left, Column right) => Functions.Lit(left) - right;

    /// <summary>Product, with a value on the left.</summary>
    public static Column operator *(int left, Column right) => Functions.Lit(left) * right;

    /// <summary>Quotient, with a value on the left.</summary>
    public static Column operator /(int left, Column right) => Functions.Lit(left) / right;

    /// <summary>Equal to a value.</summary>
    public Column EqualTo(object? other) => With("=", other);

    /// <summary>Not equal to a value.</summary>
    public Column NotEqual(object? other) => With("<>", other);

    /// <summary>Greater than a value.</summary>
    public Column Gt(object? other) => With(">", other);

    /// <summary>Less than a value.</summary>
    public Column Lt(object? other) => With("<", other);

    /// <summary>At least a value.</summary>
    public Column Geq(object? other) => With(">=", other);

    /// <summary>At most a value.</summary>
    public Column Leq(object? other) => With("<=", other);

    /// <summary>Equal, where NULL equals NULL; never NULL.</summary>
    public Column EqNullSafe(object? other) => With("<=>", other);

    /// <summary>Both hold.</summary>
    public Column And(Column other) => With("and", other);

    /// <summary>One or both hold.</summary>
    public Column Or(Column other) => With("or", other);

    /// <summary>Sum.</summary>
    public Column Plus(object? other) => With("+", other);

    /// <summary>Difference.</summary>
    public Column Minus(object? other) => With("-", other);

    /// <summary>Product.</summary>
    public Column Multiply(object? other) => With("*", other);

    /// <summary>Quotient, as the operator <c>/</c>.</summary>
    public Column Divide(object? other) => With("/", other);

    /// <summary>Remainder, as the operator <c>%</c>.</summary>
    public Column Mod(object? other) => With("%", other);

    /// <summary>Bitwise AND of whole numbers.</summary>
    public Column BitwiseAND(object? other) => With("&", other);

    /// <summary>Bitwise OR of whole numbers.</summary>
    public Column BitwiseOR(object? other) => With("|", other);

    /// <summary>Bitwise XOR of whole numbers.</summary>
    public Column BitwiseXOR(object? other) => With("^", other);

    /// <summary>Under another name in the result.</summary>
    public Column As(string alias) => new(new Aliased(Node, [alias]));

    /// <summary>Under several names, for a generator that makes several columns.</summary>
    public Column As(params string[] aliases) => new(new Aliased(Node, [.. aliases]));

    /// <summary>Under another name in the result.</summary>
    public Column Alias(string alias) => As(alias);

    /// <summary>Under another name in the result.</summary>
    public Column Name(string alias) => As(alias);

    /// <summary>Converted to the type; NULL where that fails.</summary>
    public Column Cast(DataType to) => new(new CastTo(Node, to));

    /// <summary>Converted to the type in Spark's spelling, such as <c>int</c> or <c>decimal(10,2)</c>; NULL where that fails.</summary>
    public Column Cast(string to) => Cast(DdlParser.ParseType(to));

    /// <summary>As <see cref="Cast(DataType)"/>: a cast never fails here.</summary>
    public Column TryCast(DataType to) => Cast(to);

    /// <summary>As <see cref="Cast(string)"/>: a cast never fails here.</summary>
    public Column TryCast(string to) => Cast(to);

    /// <summary>Ascending, NULL first.</summary>
    public Column Asc() => Sorted(true, true);

    /// <summary>Ascending, NULL first.</summary>
    public Column AscNullsFirst() => Sorted(true, true);

    /// <summary>Ascending, NULL last.</summary>
    public Column AscNullsLast() => Sorted(true, false);

    /// <summary>Descending, NULL last.</summary>
    public Column Desc() => Sorted(false, false);

    /// <summary>Descending, NULL first.</summary>
    public Column DescNullsFirst() => Sorted(false, true);

    /// <summary>Descending, NULL last.</summary>
    public Column DescNullsLast() => Sorted(false, false);

    /// <summary>This function or aggregate over a window.</summary>
    public Column Over(WindowSpec window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return new(new Windowed(Node, window.Partitioning, window.Ordering, window.Frame));
    }

    /// <summary>This aggregate over all rows.</summary>
    public Column Over() => Over(WindowSpec.Empty);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Column other && Node.Equals(other.Node);

    /// <inheritdoc/>
    public override int GetHashCode() => Node.GetHashCode();

    /// <summary>The expression as Spark's SQL would name it.</summary>
    public override string ToString() => Naming.NameOf(Node);

    internal static Expr ExprOf(object? value) => value switch
    {
        Column column => column.Node,
        _ => LiteralValue.Of(value),
    };

    internal static ImmutableArray<Expr> Nodes(IEnumerable<Column> columns) => [.. columns.Select(column => column.Node)];

    private static Expr Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name == "*") return new Star(null);
        return name.EndsWith(".*", StringComparison.Ordinal) ? new Star(name[..^2]) : new NamedColumn(name);
    }

    internal Column With(string function, object? other) => new(new Call(function, Node, ExprOf(other)));

    private Column Sorted(bool isAscending, bool nullsFirst) => new(new SortKey(Node, isAscending, nullsFirst));
}
