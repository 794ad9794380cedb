using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql.Rendering;

internal sealed partial class SqlRenderer
{
    /// <summary>The text of a SELECT with these columns, each under a name of its own.</summary>
    private string Write(Select select, ImmutableArray<Plan.Attribute> output)
    {
        if (select.Whole is { } whole) return whole;
        var text = new StringBuilder("SELECT ").Append(select.Hint);
        if (select.IsDistinct) text.Append("DISTINCT ");
        text.Append(Items(select, output));
        if (select.From is { } from) text.Append(CultureInfo.InvariantCulture, $"\nFROM {from}");
        if (select.Where.Count > 0) text.Append(CultureInfo.InvariantCulture, $"\nWHERE {Conjunction(select.Where)}");
        if (select.GroupBy is { IsEmpty: false } keys) text.Append(CultureInfo.InvariantCulture, $"\nGROUP BY {Grouped(select.Grouping, keys)}");
        // A constant orders nothing, and a number would be taken for a column's place.
        var order = select.OrderBy.Where(key => key.Value is not Literal).ToArray();
        if (order.Length > 0) text.Append(CultureInfo.InvariantCulture, $"\nORDER BY {string.Join(", ", order.Select(expressions.Key))}");
        if (select.Limit is { } limit) text.Append(CultureInfo.InvariantCulture, $"\nLIMIT {limit}");
        if (select.Offset > 0) text.Append(CultureInfo.InvariantCulture, $"\nOFFSET {select.Offset}");
        return text.ToString();
    }

    private string Items(Select select, ImmutableArray<Plan.Attribute> output)
    {
        var names = UniqueNames(output);
        if (IsAll(select, output, names)) return "*";
        return string.Join(", ", output.Select((column, i) =>
        {
            var identifier = dialect.Identifier(names[i]);
            var value = Text(select.Columns[column.Id]);
            return IsNamed(select.Columns[column.Id], names[i]) ? value : $"{value} AS {identifier}";
        }));
    }

    /// <summary>Whether SELECT * gives these columns, in this order and by these names.</summary>
    private bool IsAll(Select select, ImmutableArray<Plan.Attribute> output, ImmutableArray<string> names)
    {
        if (select.IsGrouped || select.Starred.Length != output.Length) return false;
        for (var i = 0; i < output.Length; i++)
            if (!select.Columns[output[i].Id].Equals(select.Starred[i]) || !IsNamed(select.Starred[i], names[i])) return false;
        return true;
    }

    /// <summary>Whether a value is a relation's column of this very name.</summary>
    private bool IsNamed(Expr value, string name) => value is Physical && Text(value).EndsWith($".{dialect.Identifier(name)}", StringComparison.Ordinal);

    private string Conjunction(List<Expr> conditions) => conditions.Count == 1
        ? Text(conditions[0])
        : string.Join(" AND ", conditions.Select(condition => expressions.Render(condition).AsOperand));

    private string Grouped(GroupingKind kind, ImmutableArray<Expr> keys)
    {
        var list = string.Join(", ", keys.Select(key => key is Literal literal ? $"CAST({Text(key)} AS {dialect.TypeName(literal.Type!)})" : Text(key)));
        return kind switch
        {
            GroupingKind.Rollup => $"ROLLUP ({list})",
            GroupingKind.Cube => $"CUBE ({list})",
            _ => list,
        };
    }

    private Select Wrap(Select select, PlanNode node)
    {
        if (select.Whole is not null && !select.IsPlainFrom)
            throw new NotSupportedException($"No other query can stand on '{Shorten(select.Whole)}'. Collect its rows and make a frame of them with CreateDataFrame.");
        return Subquery(Write(select, node.Output), node.Output, UniqueNames(node.Output));
    }

    private Select Subquery(string sql, ImmutableArray<Plan.Attribute> output, ImmutableArray<string> names)
    {
        var alias = NextAlias();
        return Named($"(\n{sql}\n) AS {alias}", alias, output, names);
    }

    private Select Relation(string name, ImmutableArray<Plan.Attribute> output, ImmutableArray<string> names = default)
    {
        var alias = NextAlias();
        return Named($"{name} AS {alias}", alias, output, names.IsDefault ? UniqueNames(output) : names);
    }

    private Select Named(string from, string alias, ImmutableArray<Plan.Attribute> output, ImmutableArray<string> names)
    {
        var columns = names.Select((name, i) => (Expr)new Physical($"{alias}.{dialect.Identifier(name)}") { Type = output[i].Type }).ToImmutableArray();
        var select = new Select { From = from, Starred = columns };
        for (var i = 0; i < output.Length; i++) select.Columns[output[i].Id] = columns[i];
        return select;
    }

    /// <summary>The columns' names, a number behind those that stood before.</summary>
    private static ImmutableArray<string> UniqueNames(ImmutableArray<Plan.Attribute> output)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. output.Select(column =>
        {
            var name = column.Name;
            for (var i = 2; !taken.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{column.Name}_{i}");
            return name;
        })];
    }


    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
