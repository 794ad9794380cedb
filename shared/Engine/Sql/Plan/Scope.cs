using System.Collections.Immutable;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>The columns among which an expression's names are looked up.</summary>
internal abstract class Scope(ImmutableArray<Attribute> columns, string description)
{
    public ImmutableArray<Attribute> Columns { get; } = columns;

    public static Scope Of(PlanNode input) => new InputScope(input);

    public static Scope Of(PlanNode left, PlanNode right, ImmutableDictionary<long, long> renumbered, ImmutableArray<Attribute> columns) =>
        new JoinScope(left, right, renumbered, columns);

    /// <summary>The column of this name.</summary>
    /// <exception cref="ArgumentException">There is none, or several.</exception>
    public Expr Find(string name)
    {
        var plain = Unquoted(name);
        var found = Matching(plain);
        if (found.Length == 1) return Ref(found[0]);
        if (found.Length > 1)
            throw new ArgumentException($"Column '{plain}' is ambiguous: {found.Length} columns of {description} have that name. Take it from its frame (df[\"{plain}\"]), give the sides an Alias, or rename one.");
        if (Split(name) is { } parts && FindDotted(parts) is { } inside) return inside;
        throw NotHere(plain);
    }

    /// <summary>The column that a frame gave out, where it stands now.</summary>
    public abstract Expr Find(FrameColumn column);

    public IEnumerable<Attribute> Expand(string? qualifier)
    {
        if (qualifier is null) return Columns;
        var found = Columns.Where(column => string.Equals(column.Qualifier, Unquoted(qualifier), StringComparison.OrdinalIgnoreCase)).ToArray();
        return found.Length > 0 ? found : throw new ArgumentException($"Cannot take '{qualifier}.*': {description} has no columns under the alias '{qualifier}'.");
    }

    public ArgumentException NotHere(string name) =>
        new($"Column '{name}' is not in {description}. It has: {string.Join(", ", Columns.Select(column => column.Name))}.");

    protected static AttributeRef Ref(Attribute column) => new(column) { Type = column.Type };

    protected Expr? Present(long id)
    {
        foreach (var column in Columns)
            if (column.Id == id) return Ref(column);
        return null;
    }

    private Attribute[] Matching(string name) => [.. Columns.Where(column => column.IsNamed(name))];

    private Expr? FindDotted(string[] parts)
    {
        var qualified = Columns.Where(column => string.Equals(column.Qualifier, parts[0], StringComparison.OrdinalIgnoreCase) && column.IsNamed(parts[1])).ToArray();
        if (qualified.Length > 1)
            throw new ArgumentException($"Column '{string.Join('.', parts)}' is ambiguous: {qualified.Length} columns of {description} have that name. Give the sides of the join different aliases.");
        Expr? value = qualified.Length == 1 ? Ref(qualified[0]) : null;
        var next = 2;
        if (value is null)
        {
            var owners = Matching(parts[0]);
            if (owners.Length != 1) return null;
            value = Ref(owners[0]);
            next = 1;
        }
        foreach (var field in parts.Skip(next)) value = Resolver.Field(value, field);
        return value;
    }

    private static string Unquoted(string name) =>
        name.Length > 1 && name[0] == '`' && name[^1] == '`' && name.IndexOf('`', 1) == name.Length - 1 ? name[1..^1] : name;

    /// <summary>The parts of a name at points that stand outside backquotes; null where it has one part only.</summary>
    private static string[]? Split(string name)
    {
        var parts = new List<string>();
        var start = 0;
        var isQuoted = false;
        for (var i = 0; i <= name.Length; i++)
        {
            if (i < name.Length && name[i] == '`') isQuoted = !isQuoted;
            if (i < name.Length && (name[i] != '.' || isQuoted)) continue;
            parts.Add(Unquoted(name[start..i]));
            start = i + 1;
        }
        return parts.Count > 1 ? [.. parts] : null;
    }

    private sealed class InputScope(PlanNode input) : Scope(input.Output, "the frame")
    {
        public override Expr Find(FrameColumn column)
        {
            var id = input.Trace(column.Frame, column.Attribute.Id);
            return (id >= 0 ? Present(id) : null) ?? Gone(column);
        }

        private Expr Gone(FrameColumn column) => input.Output.Any(other => other.IsNamed(column.Attribute.Name))
            ? throw new ArgumentException($"Column '{column.Attribute.Name}' was taken from another frame than the current one, where a column of that name was created again. Use Col(\"{column.Attribute.Name}\"), or take it from the current frame.")
            : throw NotHere(column.Attribute.Name);
    }

    private sealed class JoinScope(PlanNode left, PlanNode right, ImmutableDictionary<long, long> renumbered, ImmutableArray<Attribute> columns)
        : Scope(columns, "the two sides of the join")
    {
        public override Expr Find(FrameColumn column)
        {
            var (onLeft, onRight) = JoinNode.TraceSides(left, right, renumbered, column.Frame, column.Attribute.Id);
            if (onLeft >= 0 && onRight >= 0)
            {
                var isLeft = ReferenceEquals(left, column.Frame);
                var isRight = ReferenceEquals(right, column.Frame);
                if (isLeft == isRight)
                    throw new ArgumentException($"Column '{column.Attribute.Name}' stands on both sides of this self join. Give each side an Alias and name the columns by it: left.Alias(\"a\").Join(right.Alias(\"b\"), Col(\"a.{column.Attribute.Name}\") == Col(\"b.{column.Attribute.Name}\")).");
                if (isLeft) onRight = -1;
                else onLeft = -1;
            }
            var id = onLeft >= 0 ? onLeft : onRight;
            return (id >= 0 ? Present(id) : null) ?? throw NotHere(column.Attribute.Name);
        }
    }
}
