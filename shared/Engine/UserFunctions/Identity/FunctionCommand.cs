using System.Buffers;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.UserFunctions.Identity;

/// <summary>What a worker is told of a function: which method of which build of which assembly, its types, and what it captured. JSON, and nothing in it names code that was not shipped.</summary>
/// <remarks>Written on the driver by <c>Of</c>, read in the worker by <see cref="FunctionLoader"/>.</remarks>
public static class FunctionCommand
{
    internal const int FormatVersion = 1;

    /// <summary>The command of a function.</summary>
    /// <exception cref="EngineException">The delegate is none that another process can call; the message says what to change.</exception>
    public static byte[] Of(UserFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Of(function.Name, function.Body, json => WriteSignature(json, function));
    }

    /// <summary>The command of a function from rows to rows.</summary>
    /// <exception cref="EngineException">The delegate is none that another process can call; the message says what to change.</exception>
    public static byte[] Of(TableFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return Of(function.Name, function.Body, json => WriteSignature(json, function));
    }

    /// <summary>The function as a worker would have it, for an engine that calls it in this process: with copies of the captured values, and refused where it could not be sent.</summary>
    /// <exception cref="EngineException">The delegate is none that another process can call; the message says what to change.</exception>
    public static UserFunction Detach(UserFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return FunctionLoader.Load(Of(function)) with { SqlName = function.SqlName };
    }

    /// <summary>As <see cref="Detach(UserFunction)"/>.</summary>
    /// <exception cref="EngineException">The delegate is none that another process can call; the message says what to change.</exception>
    public static TableFunction Detach(TableFunction function) => FunctionLoader.LoadTable(Of(function));

    private static byte[] Of(string name, Delegate body, Action<Utf8JsonWriter> writeSignature)
    {
        var method = body.Method;
        CheckMethod(name, body, method);
        var captured = CapturedFields(name, body, method);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", FormatVersion);
            json.WriteString("name", name);
            json.WriteString("assembly", method.Module.Assembly.GetName().Name);
            json.WriteString("module", method.Module.ModuleVersionId);
            json.WriteNumber("token", method.MetadataToken);
            json.WriteString("method", SignatureOf(method));
            writeSignature(json);
            json.WriteStartObject("captured");
            foreach (var field in captured)
            {
                json.WritePropertyName(field.Name);
                CapturedValue.Write(json, field.FieldType, field.GetValue(body.Target));
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteSignature(Utf8JsonWriter json, UserFunction function)
    {
        json.WriteBoolean("deterministic", function.IsDeterministic);
        json.WriteStartArray("parameters");
        foreach (var parameter in function.Parameters) WriteTyped(json, parameter.ClrType, parameter.Type.Json);
        json.WriteEndArray();
        json.WritePropertyName("result");
        WriteTyped(json, function.Body.GetType().GetMethod("Invoke")!.ReturnType, function.ResultType.Json);
    }

    private static void WriteSignature(Utf8JsonWriter json, TableFunction function)
    {
        json.WriteString("kind", function.Kind.ToString());
        json.WriteBoolean("answersValues", function.Body is Func<IEnumerable<Row>, IEnumerable<GenericRow>>);
        json.WriteString("input", function.Input.Json);
        json.WriteString("output", function.Output.Json);
        json.WriteStartArray("keys");
        foreach (var key in function.Keys) json.WriteStringValue(key);
        json.WriteEndArray();
    }

    /// <summary>Type, name, parameters and result of a method, as they are compared.</summary>
    internal static string SignatureOf(MethodInfo method) => $"{method.DeclaringType}: {method}";

    private static void WriteTyped(Utf8JsonWriter json, Type clrType, string type)
    {
        json.WriteStartObject();
        json.WriteString("clr", FunctionTypes.NameOf(clrType));
        json.WriteString("type", type);
        json.WriteEndObject();
    }

    private static void CheckMethod(string name, Delegate body, MethodInfo method)
    {
        if (!body.HasSingleTarget) throw Refused(name, "it is several delegates in one. Register each by itself");
        if (method.DeclaringType is null || method.Module.Assembly.IsDynamic)
            throw Refused(name, "its code was made at run time (a compiled expression tree or a dynamic method), and no file has it. Write it as a lambda or a method");
        if (method.IsGenericMethod || method.DeclaringType.IsGenericType)
            throw Refused(name, $"'{method.DeclaringType}.{method.Name}' is generic. Call the generic method in a lambda that is not");
        var location = method.Module.Assembly.Location;
        var folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        if (location.Length == 0 || Path.GetDirectoryName(location) != folder)
            throw Refused(name, $"its assembly '{method.Module.Assembly.GetName().Name}' is not a file in the program's own folder '{folder}', which is all that the executors get. Reference the assembly from the program");
    }

    private static IReadOnlyList<FieldInfo> CapturedFields(string name, Delegate body, MethodInfo method)
    {
        if (body.Target is not { } target) return [];
        if (method.IsStatic) throw Refused(name, $"it is an extension method of an object of the type '{target.GetType()}', which cannot be sent. Call the method in a lambda");
        if (!method.DeclaringType!.IsDefined(typeof(CompilerGeneratedAttribute), false))
            throw Refused(name, $"it captures 'this', an object of the type '{target.GetType()}'. Make the method static, or copy the fields that it needs into local variables before the lambda");
        var fields = UsedFields.Of(method);
        foreach (var field in fields)
        {
            if (CapturedValue.Allows(field.FieldType)) continue;
            if (field.Name.EndsWith("this", StringComparison.Ordinal))
                throw Refused(name, $"it captures 'this', an object of the type '{field.FieldType}'. Copy the fields that it needs into local variables before the lambda");
            if (field.FieldType.IsDefined(typeof(CompilerGeneratedAttribute), false))
                throw Refused(name, $"it captures variables of an outer block ({string.Join(", ", OuterNames(field.FieldType))}). Copy those that it needs into variables of the block that the lambda is in");
            throw Refused(name, $"it captures '{field.Name}' of the type '{field.FieldType}'. Only numbers, texts, dates and arrays of them can be sent");
        }
        return fields;
    }

    private static IEnumerable<string> OuterNames(Type display) => display.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(static field => $"'{field.Name}'");

    private static EngineException Refused(string function, string why) => new($"Cannot send the C# function '{function}' to executors: {why}.");
}
