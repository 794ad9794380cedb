using System.Collections.Immutable;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Engines;

/// <summary>A C# function that SQL can call: the delegate, what it takes and answers, and the name that an engine registers it under. Immutable.</summary>
/// <remarks>
/// The null rule is the same on every engine: an argument of a value type that is not nullable (<c>long</c>) makes the result NULL without a call where it is NULL;
/// a nullable one (<c>long?</c>) and a reference type (<c>string</c>) see the null. An engine may call the delegate from several threads at once, and more than once for a row.
/// </remarks>
public sealed record UserFunction
{
    private static long numbers;

    /// <summary>The name that column names, plans and errors show.</summary>
    public required string Name { get; init; }

    /// <summary>The name in an engine's SQL. No other function of this process has it, unless the user chose it.</summary>
    public required string SqlName { get; init; }

    /// <summary>The code.</summary>
    public required Delegate Body { get; init; }

    /// <summary>The parameters in order.</summary>
    public required ImmutableArray<FunctionParameter> Parameters { get; init; }

    /// <summary>The type of the result, which may always be NULL.</summary>
    public required DataType ResultType { get; init; }

    /// <summary>Whether two calls with the same arguments give the same result. An engine may repeat, merge or leave out calls of a function that says so.</summary>
    public required bool IsDeterministic { get; init; }

    /// <summary>The function of a delegate.</summary>
    /// <param name="body">A delegate of at most ten parameters.</param>
    /// <param name="options">What the delegate's signature does not tell, or null.</param>
    /// <exception cref="ArgumentException">A parameter or the result has a .NET type that no column has, or a declared type does not fit.</exception>
    public static UserFunction Of(Delegate body, UdfOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        options ??= new UdfOptions();
        var name = options.Name ?? NameOf(body);
        var invoke = body.GetType().GetMethod("Invoke")!;
        var parameters = invoke.GetParameters();
        if (options.ParameterTypes is { } declared && declared.Count != parameters.Length)
            throw new ArgumentException($"The function '{name}' takes {parameters.Length} arguments, and the options declare {declared.Count} types.", nameof(options));
        return new UserFunction
        {
            Name = name,
            SqlName = FormattableString.Invariant($"pipeline_udf_{Word(name)}_{Interlocked.Increment(ref numbers)}"),
            Body = body,
            Parameters = [.. parameters.Select((parameter, i) => FunctionParameter.Of(parameter.ParameterType, options.ParameterTypes?[i], $"Parameter {i + 1} of the function '{name}'"))],
            ResultType = FunctionParameter.Of(invoke.ReturnType, options.ReturnType, $"The result of the function '{name}'").Type,
            IsDeterministic = options.IsDeterministic,
        };
    }

    /// <summary>A method's own name; the name of a lambda's method is the compiler's and means nothing.</summary>
    private static string NameOf(Delegate body) => body.Method.Name.Contains('<', StringComparison.Ordinal) ? "udf" : body.Method.Name;

    private static string Word(string name) => string.Concat(name.Select(static letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '_'));
}

/// <summary>What a delegate's signature does not tell of a C# function.</summary>
public sealed record UdfOptions
{
    /// <summary>The name that column names, plans and errors show; null is the method's name, or <c>udf</c> for a lambda.</summary>
    public string? Name { get; init; }

    /// <summary>Whether two calls with the same arguments give the same result. Say false for a function that reads a clock, draws random numbers or has effects.</summary>
    public bool IsDeterministic { get; init; } = true;

    /// <summary>The column type of the result, where the one of its .NET type is not the right one: <c>decimal(10,2)</c> for <see cref="decimal"/>, <c>timestamp_ntz</c> for <see cref="DateTime"/>.</summary>
    public DataType? ReturnType { get; init; }

    /// <summary>The column types of the parameters, as <see cref="ReturnType"/>; null for all of them or for one takes that of the .NET type.</summary>
    public IReadOnlyList<DataType?>? ParameterTypes { get; init; }
}

/// <summary>A parameter of a C# function.</summary>
/// <param name="ClrType">Its .NET type.</param>
/// <param name="Type">The type of the column that it takes; an argument of another type is cast.</param>
public sealed record FunctionParameter(Type ClrType, DataType Type)
{
    /// <summary>Whether the function is called with null; otherwise a NULL argument makes the result NULL.</summary>
    public bool SeesNull => !ClrType.IsValueType || Nullable.GetUnderlyingType(ClrType) is not null;

    /// <summary>The parameter of a .NET type.</summary>
    /// <param name="clrType">The .NET type.</param>
    /// <param name="declared">The column type that the caller declared, or null.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="ArgumentException">No column has values of this type, or the declared type has others.</exception>
    public static FunctionParameter Of(Type clrType, DataType? declared, string what)
    {
        var bare = Nullable.GetUnderlyingType(clrType) ?? clrType;
        var type = Natural(bare)
            ?? throw new ArgumentException($"{what} is of .NET's type '{clrType}', which no column has. Use bool, sbyte, short, int, long, float, double, decimal, string, byte[], DateOnly or DateTime, nullable or not.");
        if (declared is null) return new FunctionParameter(clrType, type);
        if (declared.GetType() != type.GetType() && (type is not TimestampType || declared is not TimestampNTZType))
            throw new ArgumentException($"{what} is declared as {declared.SimpleString}, and .NET's type '{clrType}' holds {type.SimpleString}. Declare that type, or change the function's signature.");
        return new FunctionParameter(clrType, declared);
    }

    /// <summary>The column type that a .NET type has unless another is declared; null where there is none.</summary>
    private static DataType? Natural(Type type) =>
        type == typeof(long) ? new LongType()
        : type == typeof(int) ? new IntegerType()
        : type == typeof(string) ? new StringType()
        : type == typeof(double) ? new DoubleType()
        : type == typeof(bool) ? new BooleanType()
        : type == typeof(decimal) ? new DecimalType(38, 18)
        : type == typeof(DateOnly) ? new DateType()
        : type == typeof(DateTime) ? new TimestampType()
        : type == typeof(byte[]) ? new BinaryType()
        : type == typeof(short) ? new ShortType()
        : type == typeof(sbyte) ? new ByteType()
        : type == typeof(float) ? new FloatType()
        : null;
}
