using Apache.Arrow;
using Apache.Arrow.Types;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.UserFunctions.Calls;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>A C# function from Arrow columns to an Arrow column. One thread at a time.</summary>
internal sealed class ArrowFunction
{
    private readonly FunctionBatch batch;
    private readonly IArrowType type;

    public ArrowFunction(UserFunction function, string timeZone)
    {
        batch = new FunctionBatch(function);
        type = ArrowEncoder.TypeOf(function.ResultType, timeZone);
    }

    /// <summary>The type of the result.</summary>
    public IArrowType Type => type;

    /// <summary>The function.</summary>
    public UserFunction Function => batch.Function;

    /// <summary>The results for a batch's rows.</summary>
    /// <exception cref="UserFunctionException">The function threw.</exception>
    /// <exception cref="FunctionCallException">The columns are not the parameters', or a result does not fit its type.</exception>
    public IArrowArray Evaluate(IReadOnlyList<IArrowArray> columns, int rows)
    {
        var parameters = Function.Parameters;
        if (columns.Count != parameters.Length)
            throw new FunctionCallException($"The C# function '{Function.Name}' takes {parameters.Length} arguments, and the query gives it {columns.Count}.");
        batch.Reserve(rows);
        for (var i = 0; i < parameters.Length; i++)
        {
            try
            {
                ArrowDecoder.Decode(columns[i], parameters[i], batch.Arguments(i), batch.ArgumentNulls(i));
            }
            catch (Exception error) when (error is InvalidCastException or OverflowException or EngineException)
            {
                throw new FunctionCallException($"Cannot call the C# function '{Function.Name}' with argument {i + 1}: {error.Message}", error);
            }
        }
        batch.Run(rows);
        try
        {
            return ArrowEncoder.Encode(batch.Results, batch.ResultNulls, rows, Function.ResultType, type);
        }
        catch (Exception error) when (error is InvalidCastException or OverflowException or ArgumentException)
        {
            throw new FunctionCallException($"Cannot take a result of the C# function '{Function.Name}': {error.Message}", error);
        }
    }
}

/// <summary>A C# function could not be called, or its result not be taken: the query's fault, not the function's.</summary>
internal sealed class FunctionCallException : Exception
{
    public FunctionCallException(string message, Exception? inner = null) : base(message, inner)
    {
    }
}
