using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.UserFunctions.Identity;
using Pipeline.Engine.UserFunctions.Worker;

namespace Pipeline.Engine.Spark.UserFunctions;

/// <summary>The C# functions of one session: each is registered with Spark at its first use, as a Python function whose interpreter is this program.</summary>
/// <remarks>Source: Spark, <c>UserDefinedPythonFunction</c> and <c>UDFRegistration.registerPython</c>; both are the same in 3.5 and 4.1.</remarks>
internal sealed class FunctionRegistry(SparkRuntime runtime, JvmObject session)
{
    private const int ScalarOverArrow = 200;
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
        if (!SparkDialect.TryFind(runtime.Version, out var dialect))
            throw new EngineException($"Cannot register the C# function '{function.Name}': this is Spark {runtime.Version}, and the way functions are called is known for Spark {SparkDialect.KnownVersions}. Run on one of those, or on the embedded engine.");
        var command = FunctionCommand.Of(function);
        var worker = runtime.FindWorker(scope, session, dialect);
        var environment = scope.New("java.util.HashMap");
        foreach (var (key, value) in worker.Environment) _ = scope.Call(environment, "put", key, value);
        var (includes, broadcasts) = (scope.New("java.util.ArrayList"), scope.New("java.util.ArrayList"));
        var body = scope.New("org.apache.spark.api.python.SimplePythonFunction", command, environment, includes, worker.Executable, dialect.Word, broadcasts, null);
        var type = scope.Object(session, "parseDataType", function.ResultType.Json);
        var udf = scope.New("org.apache.spark.sql.execution.python.UserDefinedPythonFunction", function.Name, body, type, ScalarOverArrow, function.IsDeterministic);
        _ = scope.Call(scope.Object(session, "udf"), "registerPython", name, udf);
    }
}
