using Apache.Arrow;
using Apache.Arrow.Types;
using Pipeline.Engine.UserFunctions.Calls;
using Pipeline.Engine.UserFunctions.Columns;
using Pipeline.Engine.UserFunctions.Identity;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>A task of a function over the rows of a partition, or over each of its groups.</summary>
internal sealed class TableTask : IWorkerTask
{
    private readonly TaskHeader header;
    private readonly Sql.Engines.TableFunction function;
    private readonly TableCall call;
    private readonly StructType answerType;
    private readonly Schema answerSchema;

    private TableTask(TaskHeader header, Sql.Engines.TableFunction function)
    {
        this.header = header;
        this.function = function;
        call = new TableCall(function);
        answerType = new StructType([.. ArrowColumns.Fields(function.Output)]);
        answerSchema = new Schema([new Field("_0", answerType, true)], null);
    }

    /// <summary>Loads the function of a task.</summary>
    /// <exception cref="FunctionLoadException">It is not here.</exception>
    public static TableTask Of(TaskHeader header)
    {
        if (header.Functions is not [{ Commands: [var command] }]) throw new ProtocolException("A task over rows has more than one function.");
        return new TableTask(header, FunctionLoader.LoadTable(command));
    }

    public void Run(WireReader input, WireWriter output)
    {
        using var answer = new ArrowAnswer(output, answerSchema);
        try
        {
            var answers = header.EvalType == EvalTypes.Partition ? OfPartition(input.Stream) : header.Dialect.SendsGroupsApart ? OfGroups(input) : OfGroups(input.Stream);
            foreach (var batch in answers)
                using (batch)
                using (var wrapped = Wrapped(batch))
                    answer.Write(wrapped);
        }
        catch (UserFunctionException error)
        {
            throw TaskException.Of(error, header);
        }
    }

    /// <summary>The batches of a partition: one struct column with the row's columns.</summary>
    private IEnumerable<RecordBatch> OfPartition(Stream input)
    {
        using var batches = ArrowInput.Batches(input, Unwrapped).GetEnumerator();
        // The function may leave batches unread, and what follows the stream comes behind all of them.
        foreach (var answer in call.Run(Rest(batches))) yield return answer;
        while (batches.MoveNext())
        {
        }
    }

    private static IEnumerable<RecordBatch> Rest(IEnumerator<RecordBatch> batches)
    {
        while (batches.MoveNext()) yield return batches.Current;
    }

    /// <summary>Spark 3.5: one stream, a batch for each group.</summary>
    private IEnumerable<RecordBatch> OfGroups(Stream input)
    {
        foreach (var group in ArrowInput.Batches(input, static batch => batch)) yield return OfGroup(group);
    }

    /// <summary>Spark 4: a stream for each group, 1 before each and 0 behind the last.</summary>
    private IEnumerable<RecordBatch> OfGroups(WireReader input)
    {
        while (input.ReadInt() is var mark and not 0)
        {
            if (mark != 1) throw new ProtocolException($"A group begins with {mark}.");
            using var group = ArrowInput.Whole(input.Stream);
            yield return OfGroup(group);
        }
    }

    private RecordBatch OfGroup(RecordBatch group)
    {
        // Places in the batch: how many follow, how many of them are keys, the keys, the columns.
        var places = header.Functions[0].Columns;
        if (places.Length < 2 || places[0] != places.Length - 1) throw new ProtocolException("The places of a group's columns do not add up.");
        var keys = places[2..(2 + places[1])];
        var columns = places[(2 + places[1])..].Select(group.Column).ToArray();
        // Behind the function's columns stand the keys once more, as the query has them.
        if (columns.Length != function.Input.Count + keys.Length) throw new ProtocolException($"A group has {columns.Length} columns, and the function takes {function.Input.Count}.");
        // Not disposed: its columns are the group's.
        var rows = new RecordBatch(new Schema(ArrowColumns.Fields(function.Input), null), columns[..function.Input.Count], group.Length);
        return call.RunGroup(rows, [.. keys.Select(place => KeyOf(group.Column(place)))]);
    }

    private static object? KeyOf(IArrowArray column) =>
        column.Length > 0 && ArrowTypes.ToSpark(column.Data.DataType) is { } type ? ArrowValues.Reader(type, column, "key")(0) : null;

    private RecordBatch Unwrapped(RecordBatch batch)
    {
        if (batch.ColumnCount != 1 || batch.Column(0) is not StructArray row) throw new ProtocolException("The rows of a partition do not come as one struct.");
        if (row.Fields.Count != function.Input.Count) throw new ProtocolException($"A row has {row.Fields.Count} columns, and the function takes {function.Input.Count}.");
        return new RecordBatch(new Schema(ArrowColumns.Fields(function.Input), null), row.Fields, batch.Length);
    }

    private RecordBatch Wrapped(RecordBatch batch) => new(answerSchema, [new StructArray(answerType, batch.Length, batch.Arrays, ArrowBuffer.Empty, 0)], batch.Length);
}
