using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Identity;
using Pipeline.Engine.UserFunctions.Worker;

namespace Pipeline.Engine.Spark.UserFunctions;

/// <summary>The C# functions of one session: each is registered with Spark at its first use, as a Python function whose interpreter is this program.</summary>
/// <remarks>Source: Spark, <c>UserDefinedPythonFunction</c> and <c>UDFRegistration.registerPython</c>; both are the same in 3.5 and 4.1.</remarks>
internal sealed class FunctionRegistry(SparkRuntime runtime, JvmObject session)
{
    private readonly HashSet<string> registered = new(StringComparer.Ordinal);

    /// <summary>Registers a function under its own name; nothing where that was done.</summary>
    /// <exception cref="EngineException">The function cannot be sent, this program cannot be a worker, or this version of Spark is not known.</exception>
    public void Register(JvmScope scope, UserFunction function)
    {
        if (registered.Contains(function.SqlName)) return;
        Register(scope, function.SqlName, function);
        _ = registered.Add(function.SqlName);
    }

    /// <summary>Registers a function under a name, in place of an earlier one.</summary>
    public void Register(JvmScope scope, string name, UserFunction function)
    {
        var udf = Make(scope, new Spec(function.Name, FunctionCommand.Of(function), function.ResultType, EvalTypes.Scalar, function.IsDeterministic));
        _ = scope.Call(scope.Object(session, "udf"), "registerPython", name, udf);
    }

    /// <summary>What a function from rows to rows makes of a Dataset, as a Dataset.</summary>
    /// <exception cref="EngineException">As <see cref="Register(JvmScope, UserFunction)"/>.</exception>
    public JvmObject Map(JvmScope scope, JvmObject dataset, TableFunctionQuery query)
    {
        var function = query.Function;
        var isGrouped = !query.Keys.IsEmpty;
        var udf = Make(scope, new Spec(function.Name, FunctionCommand.Of(function), function.Output, isGrouped ? EvalTypes.Group : EvalTypes.Partition, IsDeterministic: true));
        var column = scope.Object(udf, "apply", Columns(scope, dataset, function.Input.FieldNames));
        // Spark 3 takes the expression, and Spark 4 the column.
        var isOld = runtime.Version.StartsWith("3.", StringComparison.Ordinal);
        var call = isOld ? scope.Object(column, "expr") : column;
        if (isGrouped) return scope.Object(scope.Object(dataset, "groupBy", Columns(scope, dataset, query.Keys)), "flatMapGroupsInPandas", call);
        return isOld ? scope.Object(dataset, "pythonMapInArrow", call, false) : scope.Object(dataset, "mapInArrow", call, false, null);
    }

    private static JvmObject Columns(JvmScope scope, JvmObject dataset, IEnumerable<string> names)
    {
        var list = scope.New("java.util.ArrayList");
        foreach (var name in names) _ = scope.Call(list, "add", scope.Object(dataset, "col", $"`{name.Replace("`", "``", StringComparison.Ordinal)}`"));
        return scope.StaticObject("org.apache.spark.api.python.PythonUtils", "toSeq", list);
    }

    /// <summary>What Spark takes for a Python function.</summary>
    private JvmObject Make(JvmScope scope, Spec spec)
    {
        if (!SparkDialect.TryFind(runtime.Version, out var dialect))
            throw new EngineException($"Cannot register the C# function '{spec.Name}': this is Spark {runtime.Version}, and the way functions are called is known for Spark {SparkDialect.KnownVersions}. Run on one of those, or on the embedded engine.");
        var worker = runtime.FindWorker(scope, session, dialect);
        var environment = scope.New("java.util.HashMap");
        foreach (var (key, value) in worker.Environment) _ = scope.Call(environment, "put", key, value);
        var (includes, broadcasts) = (scope.New("java.util.ArrayList"), scope.New("java.util.ArrayList"));
        var body = scope.New("org.apache.spark.api.python.SimplePythonFunction", spec.Command, environment, includes, worker.Executable, dialect.Word, broadcasts, null);
        var type = scope.Object(session, "parseDataType", spec.Type.Json);
        return scope.New("org.apache.spark.sql.execution.python.UserDefinedPythonFunction", spec.Name, body, type, spec.EvalType, spec.IsDeterministic);
    }

    private sealed record Spec(string Name, byte[] Command, DataType Type, int EvalType, bool IsDeterministic);
}
