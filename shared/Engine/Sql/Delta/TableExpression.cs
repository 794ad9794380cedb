using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Rendering;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Delta;

/// <summary>Expressions in Spark's SQL that a Delta table keeps in its log, such as a CHECK constraint, for an engine that has to compute them itself.</summary>
public static class TableExpression
{
    /// <summary>The condition in an engine's dialect: boolean, its columns by their plain names.</summary>
    /// <param name="text">The condition in Spark's SQL.</param>
    /// <param name="columns">The table's columns.</param>
    /// <param name="dialect">The engine's dialect.</param>
    /// <exception cref="ArgumentException">The text is no condition over these columns, or has something whose meaning in the engine is not known to be Spark's.</exception>
    public static string Condition(string text, StructType columns, ISqlDialect dialect) => ToSql(text, columns, dialect, static (expression, scope) => Resolver.Condition(expression, scope, "the table"));

    /// <summary>The value of a column in an engine's dialect, the other columns by their plain names.</summary>
    /// <param name="text">The expression in Spark's SQL.</param>
    /// <param name="type">The column's type.</param>
    /// <param name="columns">The table's columns.</param>
    /// <param name="dialect">The engine's dialect.</param>
    /// <exception cref="ArgumentException">As for <see cref="Condition"/>.</exception>
    public static string Value(string text, DataType type, StructType columns, ISqlDialect dialect) =>
        ToSql(text, columns, dialect, (expression, scope) => Typing.Convert(Resolver.Resolve(expression, scope), type, always: true));

    private static string ToSql(string text, StructType columns, ISqlDialect dialect, Func<Expr, Scope, Expr> resolve)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var known = dialect as SqlDialect ?? throw new ArgumentException($"The dialect '{dialect?.Name}' is none of those that expressions are written in.", nameof(dialect));
        if (string.IsNullOrWhiteSpace(text) || SqlParser.TryParse(text) is not { } parsed) throw new ArgumentException($"'{text}' is not an expression that is understood here.");
        if (Rewriter.Parts(parsed).FirstOrDefault(static part => part is RawSql or EngineCall or UserCall) is { } foreign)
            throw new ArgumentException($"'{text}' has {(foreign is EngineCall call ? $"the function '{call.Function}'" : "a part")} that is not known here.");
        var input = SourceNode.Of(new SourceView("table", columns, false));
        try
        {
            var resolved = resolve(parsed, Scope.Of(input));
            if (Rewriter.HasAggregate(resolved) || Rewriter.HasWindow(resolved) || Rewriter.IsVolatile(resolved)) throw new ArgumentException($"'{text}' does not go by one row's values alone.");
            return SqlRenderer.Condition(resolved, known, column => known.Identifier(column.Name));
        }
        catch (NotSupportedException error)
        {
            throw new ArgumentException($"'{text}': {error.Message}", error);
        }
    }
}
