using System.Globalization;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Rendering;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

/// <summary>A dialect: the spellings of <c>FunctionTable</c>, and what is no function.</summary>
public abstract class SqlDialect : ISqlDialect
{
    private protected SqlDialect()
    {
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Identifier(string name);

    /// <inheritdoc/>
    public abstract string TypeName(DataType type);

    /// <inheritdoc/>
    public string Literal(object? value, DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return value switch
        {
            null => type is NullType ? "NULL" : $"CAST(NULL AS {TypeName(type)})",
            string text => Text(text),
            bool flag => flag ? "true" : "false",
            _ => Value(value, type),
        };
    }

    /// <summary>The name of a table, its parts quoted.</summary>
    internal string QualifiedName(string name) => string.Join('.', name.Split('.').Select(part => Identifier(part.Trim('`', '"'))));

    internal abstract string Text(string text);

    internal abstract string Value(object value, DataType type);

    internal abstract Spelling Spelling(Function function);

    internal abstract Fragment Cast(Expr value, DataType target, ExprRenderer renderer);

    internal abstract string Lambda(IReadOnlyList<string> parameters, string body);

    internal abstract string Range(long start, long end, long step);

    internal abstract string Join(JoinKind kind);

    internal abstract string Sampled(string relation, string alias, double percent, long? seed);

    /// <summary>The hint as it stands after SELECT, or nothing.</summary>
    internal abstract string Hint(string hint);

    /// <summary>The select items of a generator's parts under their names.</summary>
    internal abstract IEnumerable<string> Generated(Call generator, IReadOnlyList<(int Part, string Name)> parts, ExprRenderer renderer);

    /// <summary>The select items of an unpivot: the name and the value.</summary>
    internal abstract IEnumerable<string> Unpivoted(IReadOnlyList<(string Name, string Value)> columns, string nameColumn, string valueColumn);

    private protected static string Whole(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
