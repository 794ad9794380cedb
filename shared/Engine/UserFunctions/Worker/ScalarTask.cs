using System.Globalization;
using Apache.Arrow;
using Pipeline.Engine.UserFunctions.Calls;
using Pipeline.Engine.UserFunctions.Columns;
using Pipeline.Engine.UserFunctions.Identity;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>A task of scalar functions: batches of columns in, a column for each function out, of the same length and in the same order.</summary>
internal sealed class ScalarTask : IWorkerTask
{
    private const string TimeZone = "spark.sql.session.timeZone";

    private readonly TaskHeader header;
    private readonly (int[] Columns, ArrowFunction[] Chain)[] functions;
    private readonly Schema schema;

    private ScalarTask(TaskHeader header, (int[] Columns, ArrowFunction[] Chain)[] functions)
    {
        this.header = header;
        this.functions = functions;
        schema = new Schema(functions.Select(static (function, i) => new Field(string.Create(CultureInfo.InvariantCulture, $"_{i}"), function.Chain[^1].Type, true)), null);
    }

    /// <summary>Loads the functions of a task.</summary>
    /// <exception cref="FunctionLoadException">One of them is not here.</exception>
    public static ScalarTask Of(TaskHeader header)
    {
        var zone = header.Conf.GetValueOrDefault(TimeZone, "UTC");
        return new ScalarTask(header, [.. header.Functions.Select(function => (function.Columns, Chain(function, zone)))]);
    }

    public void Run(WireReader input, WireWriter output)
    {
        using var answers = new ArrowAnswer(output, schema);
        foreach (var batch in ArrowInput.Batches(input.Stream, static batch => batch))
            using (var answer = Answer(batch)) answers.Write(answer);
    }

    private RecordBatch Answer(RecordBatch batch)
    {
        var columns = new List<IArrowArray>(functions.Length);
        foreach (var (places, chain) in functions)
        {
            IArrowArray[] arguments = [.. places.Select(batch.Column)];
            foreach (var function in chain) arguments = [Evaluate(function, arguments, batch.Length)];
            columns.Add(arguments[0]);
        }
        return new RecordBatch(schema, columns, batch.Length);
    }

    private IArrowArray Evaluate(ArrowFunction function, IArrowArray[] arguments, int rows)
    {
        try
        {
            return function.Evaluate(arguments, rows);
        }
        catch (UserFunctionException error)
        {
            throw TaskException.Of(error, header);
        }
    }

    private static ArrowFunction[] Chain(TaskFunction function, string zone) => [.. function.Commands.Select(command => new ArrowFunction(FunctionLoader.Load(command), zone))];
}

/// <summary>What an executor wants done: data in, data out.</summary>
internal interface IWorkerTask
{
    /// <summary>Runs it to the end of its data. What was begun to be answered is ended in any case, so that an error can follow.</summary>
    /// <exception cref="TaskException">The function threw.</exception>
    void Run(WireReader input, WireWriter output);
}

/// <summary>A task has failed; the message is what Spark shows.</summary>
internal sealed class TaskException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>The failure of a function.</summary>
    public static TaskException Of(UserFunctionException error, TaskHeader header) =>
        new(error.ToText(string.Create(CultureInfo.InvariantCulture, $"partition {header.Partition}")), error);
}
