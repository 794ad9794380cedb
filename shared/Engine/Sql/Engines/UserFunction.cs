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
        var result = FunctionParameter.Of(invoke.ReturnType, options.ReturnType, $"The result of the function '{name}'");
        if (result.IsOpen) throw new ArgumentException($"The result of the function '{name}' is a row, and its columns are not declared. Give them: Udf(function, new StructType(…)).", nameof(options));
        return new UserFunction
        {
            Name = name,
            SqlName = FormattableString.Invariant($"pipeline_udf_{Word(name)}_{Interlocked.Increment(ref numbers)}"),
            Body = body,
            Parameters = [.. parameters.Select((parameter, i) => FunctionParameter.Of(parameter.ParameterType, options.ParameterTypes?[i], $"Parameter {i + 1} of the function '{name}'"))],
            ResultType = result.Type,
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

    /// <summary>
    /// The column type of the result, where the one of its .NET type is not the right one: <c>decimal(10,2)</c> for <see cref="decimal"/>, <c>timestamp_ntz</c> for <see cref="DateTime"/>.
    /// A result with a <see cref="Row"/> in it needs it.
    /// </summary>
    public DataType? ReturnType { get; init; }

    /// <summary>The column types of the parameters, as <see cref="ReturnType"/>; null for all of them or for one takes that of the .NET type.</summary>
    public IReadOnlyList<DataType?>? ParameterTypes { get; init; }
}
