using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.Json;
using Apache.Arrow;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Identity;

/// <summary>Makes a function of a <see cref="FunctionCommand"/>: from an assembly of this program's own folder, of the very build that the driver has.</summary>
internal static class FunctionLoader
{
    private static readonly Lock Gate = new();
    private static bool resolves;

    /// <summary>The function of a command.</summary>
    /// <exception cref="FunctionLoadException">The command is damaged, or names what is not here.</exception>
    public static UserFunction Load(ReadOnlyMemory<byte> command) => Load(command, Read);

    /// <summary>The function from rows to rows of a command.</summary>
    /// <exception cref="FunctionLoadException">The command is damaged, or names what is not here.</exception>
    public static TableFunction LoadTable(ReadOnlyMemory<byte> command) => Load(command, ReadTable);

    private static T Load<T>(ReadOnlyMemory<byte> command, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse(command);
            var version = json.RootElement.GetProperty("version").GetInt32();
            return version == FunctionCommand.FormatVersion
                ? read(json.RootElement)
                : throw new FunctionLoadException($"The command of a C# function has the version {version}, and this worker reads version {FunctionCommand.FormatVersion}. Driver and executors run different builds of the program; ship one.");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FunctionLoadException($"The command of a C# function is damaged: {error.Message}", error);
        }
    }

    private static UserFunction Read(JsonElement json)
    {
        var name = Text(json, "name");
        var parameters = json.GetProperty("parameters").EnumerateArray().Select(ReadTyped).ToArray();
        var result = ReadTyped(json.GetProperty("result"));
        var method = FindMethod(json, name);
        var type = FunctionTypes.Func([.. parameters.Select(static parameter => parameter.ClrType), result.ClrType]);
        return new UserFunction
        {
            Name = name,
            SqlName = name,
            Body = Delegate.CreateDelegate(type, Target(json, method), method),
            Parameters = [.. parameters],
            ResultType = result.Type,
            IsDeterministic = json.GetProperty("deterministic").GetBoolean(),
        };
    }

    private static TableFunction ReadTable(JsonElement json)
    {
        var name = Text(json, "name");
        if (!Enum.TryParse<TableFunctionKind>(Text(json, "kind"), out var kind)) throw new FunctionLoadException($"The command of the C# function '{name}' is of a kind that this worker does not know.");
        var method = FindMethod(json, name);
        return new TableFunction
        {
            Name = name,
            Body = Delegate.CreateDelegate(BodyOf(kind, json.GetProperty("answersValues").GetBoolean()), Target(json, method), method),
            Kind = kind,
            Input = (StructType)DataType.ParseDataType(Text(json, "input")),
            Output = (StructType)DataType.ParseDataType(Text(json, "output")),
            Keys = [.. json.GetProperty("keys").EnumerateArray().Select(static key => key.GetString() ?? "")],
        };
    }

    private static Type BodyOf(TableFunctionKind kind, bool answersValues) => kind switch
    {
        TableFunctionKind.Batches => typeof(Func<IEnumerable<RecordBatch>, IEnumerable<RecordBatch>>),
        TableFunctionKind.Group => typeof(Func<RecordBatch, RecordBatch>),
        TableFunctionKind.EachRow => typeof(Action<Row>),
        TableFunctionKind.EachPartition => typeof(Action<IEnumerable<Row>>),
        _ => answersValues ? typeof(Func<IEnumerable<Row>, IEnumerable<GenericRow>>) : typeof(Func<IEnumerable<Row>, IEnumerable<Row>>),
    };

    private static FunctionParameter ReadTyped(JsonElement json)
    {
        var name = Text(json, "clr");
        return FunctionTypes.TryFind(name, out var type)
            ? new FunctionParameter(type, DataType.ParseDataType(Text(json, "type")))
            : throw new FunctionLoadException($"The command of a C# function names the type '{name}', which is none that a function may have.");
    }

    private static MethodInfo FindMethod(JsonElement json, string name)
    {
        var assembly = LoadAssembly(Text(json, "assembly"));
        var module = json.GetProperty("module").GetGuid();
        if (assembly.ManifestModule.ModuleVersionId != module)
            throw new FunctionLoadException($"The C# function '{name}' is of another build of the assembly '{assembly.GetName().Name}' than the one beside this worker (module {module}, here {assembly.ManifestModule.ModuleVersionId}). "
                + "Driver and executors run different builds of the program; ship one.");
        var wanted = Text(json, "method");
        var token = json.GetProperty("token").GetInt32();
        MethodBase? found;
        try
        {
            found = assembly.ManifestModule.ResolveMethod(token);
        }
        catch (ArgumentException error)
        {
            throw new FunctionLoadException($"The C# function '{name}' names the method {token:x8}, which the assembly '{assembly.GetName().Name}' does not have.", error);
        }
        return found is MethodInfo method && FunctionCommand.SignatureOf(method) == wanted
            ? method
            : throw new FunctionLoadException($"The C# function '{name}' names the method '{wanted}', and the assembly '{assembly.GetName().Name}' has another one in its place.");
    }

    private static Assembly LoadAssembly(string name)
    {
        if (name.Length == 0 || name != Path.GetFileName(name)) throw new FunctionLoadException($"'{name}' is not the simple name of an assembly.");
        lock (Gate)
        {
            // An assembly that the program's dependency file does not list is found by its name too, in the same folder and nowhere else.
            if (!resolves) AssemblyLoadContext.Default.Resolving += static (context, wanted) => FromOwnFolder(context, wanted.Name ?? "");
            resolves = true;
            return AssemblyLoadContext.Default.Assemblies.FirstOrDefault(loaded => loaded.GetName().Name == name && IsOwn(loaded))
                ?? FromOwnFolder(AssemblyLoadContext.Default, name)
                ?? throw new FunctionLoadException($"The assembly '{name}' of a C# function is not in the folder of this worker, '{AppContext.BaseDirectory}'. Ship the whole folder of the program.");
        }
    }

    private static bool IsOwn(Assembly assembly) => Path.GetDirectoryName(assembly.Location) == Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    private static Assembly? FromOwnFolder(AssemblyLoadContext context, string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{Path.GetFileName(name)}.dll");
        return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
    }

    /// <summary>The object that holds what a lambda captured, its constructor not run; null for a static method.</summary>
    private static object? Target(JsonElement json, MethodInfo method)
    {
        if (method.IsStatic) return null;
        var type = method.DeclaringType!;
        if (!type.IsDefined(typeof(CompilerGeneratedAttribute), false))
            throw new FunctionLoadException($"The method '{FunctionCommand.SignatureOf(method)}' needs an object, and none can be sent.");
        var target = RuntimeHelpers.GetUninitializedObject(type);
        var values = json.GetProperty("captured");
        foreach (var field in UsedFields.Of(method))
        {
            if (!CapturedValue.Allows(field.FieldType) || !values.TryGetProperty(field.Name, out var value))
                throw new FunctionLoadException($"The value of '{field.Name}' that the function captured was not sent.");
            field.SetValue(target, CapturedValue.Read(value, field.FieldType));
        }
        return target;
    }

    private static string Text(JsonElement json, string property) => json.GetProperty(property).GetString() ?? throw new FormatException($"'{property}' is null.");
}

/// <summary>A worker cannot make the function that it was sent.</summary>
internal sealed class FunctionLoadException : Exception
{
    public FunctionLoadException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
