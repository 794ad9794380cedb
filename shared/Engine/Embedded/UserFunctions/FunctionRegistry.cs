using System.Collections.Concurrent;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.UserFunctions.Identity;

namespace Pipeline.Engine.Embedded.UserFunctions;

/// <summary>The C# functions that a database knows. Thread-safe.</summary>
/// <remarks>DuckDB keeps a function for as long as the database lives: in the order of a hundred bytes, and what the delegate holds.</remarks>
internal sealed class FunctionRegistry
{
    private readonly ConcurrentDictionary<string, Lazy<bool>> registered = new(StringComparer.Ordinal);

    /// <summary>Registers a function at its first use.</summary>
    public void Register(Connection connection, UserFunction function) => _ = registered.GetOrAdd(function.SqlName, _ => new Lazy<bool>(() =>
    {
        // What a job may do on this engine it may do on Spark: the same is refused, and captured values are the same copies.
        ScalarFunction.Register(connection, FunctionCommand.Detach(function));
        return true;
    })).Value;

    /// <summary>The statement that gives a registered function another name in a schema: its arguments are converted there as Spark converts them.</summary>
    /// <param name="qualifiedName">The name, with its schema.</param>
    /// <param name="function">The function.</param>
    public static string Named(string qualifiedName, UserFunction function)
    {
        var names = function.Parameters.Select(static (_, i) => $"a{i + 1}").ToArray();
        var arguments = names.Select((name, i) => function.Parameters[i].IsNested ? name : $"TRY_CAST({name} AS {DuckDbTypes.ToSql(function.Parameters[i].Type)})");
        return $"CREATE OR REPLACE MACRO {qualifiedName}({string.Join(", ", names)}) AS {function.SqlName}({string.Join(", ", arguments)})";
    }
}
