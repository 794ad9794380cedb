using System.Globalization;
using Apache.Arrow;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Columns;

namespace Pipeline.Engine.UserFunctions.Calls;

/// <summary>Calls a C# function from rows to rows, with the same checks and errors on every engine. One thread at a time.</summary>
/// <remarks>An engine gives rows or batches and takes rows or batches, whatever the function itself takes and answers.</remarks>
public sealed class TableCall
{
    private const int RowsPerBatch = 10_000;

    private readonly TableFunction function;
    private readonly Schema output;

    /// <summary>Calls of a function.</summary>
    public TableCall(TableFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        this.function = function;
        output = new Schema(ArrowColumns.Fields(function.Output), null);
    }

    /// <summary>What the function makes of a partition's rows: values of its <see cref="TableFunction.Output"/>.</summary>
    /// <exception cref="UserFunctionException">The function threw, or answered what is not of the declared columns.</exception>
    public IEnumerable<object?[]> Run(IEnumerable<Row> rows)
    {
        if (function.Kind is not TableFunctionKind.Batches) return OfRows(rows);
        return RunBatches(Batches(rows.Select(static row => row.Values), function.Input)).SelectMany(Values);
    }

    /// <summary>What the function makes of a partition's batches: batches of its <see cref="TableFunction.Output"/>. A batch that is given stays the caller's, one that is answered is the caller's.</summary>
    /// <exception cref="UserFunctionException">The function threw, or answered what is not of the declared columns.</exception>
    public IEnumerable<RecordBatch> Run(IEnumerable<RecordBatch> batches) =>
        function.Kind is TableFunctionKind.Batches ? RunBatches(batches) : Batches(OfRows(batches.SelectMany(batch => RowsOf(batch, function.Input))), function.Output);

    /// <summary>What the function makes of a group.</summary>
    /// <param name="group">All rows of the group; it stays the caller's.</param>
    /// <param name="keys">The values of its keys, for errors.</param>
    public RecordBatch RunGroup(RecordBatch group, IReadOnlyList<object?> keys)
    {
        try
        {
            return Checked(((Func<RecordBatch, RecordBatch>)function.Body)(group));
        }
        catch (Exception error)
        {
            throw Failed(error, $"group {string.Join(", ", function.Keys.Zip(keys, static (name, value) => $"{name} = {Text(value)}"))}");
        }
    }

    /// <summary>The values of an answered batch, a row at a time.</summary>
    public IEnumerable<object?[]> Values(RecordBatch batch) => RowsOf(batch, function.Output).Select(static row => row.Values);

    /// <summary>A batch of rows.</summary>
    public static RecordBatch Batch(StructType columns, IReadOnlyList<object?[]> rows)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        var arrays = columns.Select((column, place) => ArrowColumns.Build(column.DataType, [.. rows.Select(row => row[place])], column.Name));
        return new RecordBatch(new Schema(ArrowColumns.Fields(columns), null), [.. arrays], rows.Count);
    }

    /// <summary>Rows of a batch whose columns are in the schema's order.</summary>
    public static IEnumerable<Row> RowsOf(RecordBatch batch, StructType columns)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(columns);
        var readers = columns.Select((column, place) => ArrowValues.Reader(column.DataType, batch.Column(place), column.Name)).ToArray();
        for (var row = 0; row < batch.Length; row++)
        {
            var at = row;
            yield return new Row(columns, System.Array.ConvertAll(readers, read => read(at)));
        }
    }

    private static IEnumerable<RecordBatch> Batches(IEnumerable<object?[]> rows, StructType columns) => rows.Chunk(RowsPerBatch).Select(chunk => Batch(columns, chunk));

    private IEnumerable<object?[]> OfRows(IEnumerable<Row> rows)
    {
        var input = new Input<Row>(rows, static _ => 1);
        using var answers = Guard(input, () => Answers(input)).GetEnumerator();
        while (Guard(input, answers.MoveNext)) yield return answers.Current;
    }

    private IEnumerable<object?[]> Answers(Input<Row> input)
    {
        switch (function.Body)
        {
            case Action<Row> each:
                foreach (var row in input) each(row);
                return [[input.Count]];
            case Action<IEnumerable<Row>> all:
                all(input);
                return [[input.Count]];
            case Func<IEnumerable<Row>, IEnumerable<GenericRow>> map:
                return Held(map(input), static row => row.Values);
            default:
                return Held(((Func<IEnumerable<Row>, IEnumerable<Row>>)function.Body)(input), static row => row.Values);
        }
    }

    /// <summary>Rows held to the declared columns.</summary>
    private IEnumerable<object?[]> Held<T>(IEnumerable<T> answers, Func<T, object?[]> values) where T : class =>
        (answers ?? throw new InvalidCastException("it answered null in place of rows.")).Select(row => AnswerValues.Row(function.Output, values(row ?? throw new InvalidCastException("one of the rows that it answered is null."))));

    private IEnumerable<RecordBatch> RunBatches(IEnumerable<RecordBatch> batches)
    {
        var input = new Input<RecordBatch>(batches, static batch => batch.Length);
        using var answers = Guard(input, () => ((Func<IEnumerable<RecordBatch>, IEnumerable<RecordBatch>>)function.Body)(input)).GetEnumerator();
        while (Guard(input, answers.MoveNext)) yield return Guard(input, () => Checked(answers.Current));
    }

    /// <summary>The batch, its columns held to the declared ones.</summary>
    private RecordBatch Checked(RecordBatch? batch)
    {
        if (batch is null) throw new InvalidCastException("it answered null in place of a batch.");
        if (batch.ColumnCount != function.Output.Count)
            throw new InvalidCastException(string.Create(CultureInfo.InvariantCulture, $"it answered a batch of {batch.ColumnCount} columns, and {function.Output.Count} are declared: {function.Output.SimpleString}."));
        return new RecordBatch(output, function.Output.Select((column, place) => Checked(column, batch.Column(place), batch.Length)), batch.Length);
    }

    private static IArrowArray Checked(StructField column, IArrowArray array, int rows)
    {
        var given = ArrowTypes.ToSpark(array.Data.DataType);
        if (given is null || given.SimpleString != column.DataType.SimpleString)
            throw new InvalidCastException($"'{column.Name}' is {column.DataType.SimpleString}, and the answered column is {given?.SimpleString ?? $"Arrow's {array.Data.DataType.Name}"}.");
        if (array.Length != rows) throw new InvalidCastException(string.Create(CultureInfo.InvariantCulture, $"'{column.Name}' has {array.Length} rows, and its batch {rows}."));
        if (!column.IsNullable && array.NullCount > 0) throw new InvalidCastException($"'{column.Name}' is NULL, and its column is declared without NULL.");
        // Written again where the layout may be another one than Spark's for the type: wide offsets, names and nullability of fields.
        if (array is not (LargeStringArray or LargeBinaryArray or StructArray or ListArray or MapArray)) return array;
        var read = ArrowValues.Reader(column.DataType, array, column.Name);
        return ArrowColumns.Build(column.DataType, [.. Enumerable.Range(0, rows).Select(read)], column.Name);
    }

    private T Guard<TInput, T>(Input<TInput> input, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception error) when (!ReferenceEquals(error, input.Failure))
        {
            throw Failed(error, string.Create(CultureInfo.InvariantCulture, $"{(input.Count == 0 ? "before the first row" : $"row {input.Count - 1}")} of the partition"));
        }
    }

    private UserFunctionException Failed(Exception error, string place) => new(function.Name, place, error);

    private static string Text(object? value) => value switch
    {
        null => "NULL",
        string text => $"'{text}'",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>What the function reads: counted, and an error of the engine told from one of the function.</summary>
    private sealed class Input<T>(IEnumerable<T> items, Func<T, int> rows) : IEnumerable<T>
    {
        private bool isRead;

        /// <summary>Rows that were read.</summary>
        public long Count { get; private set; }

        /// <summary>The error of the rows themselves, or null.</summary>
        public Exception? Failure { get; private set; }

        public IEnumerator<T> GetEnumerator()
        {
            if (isRead) throw new InvalidOperationException("The rows of a partition are read once. Keep those that are needed again (ToList).");
            isRead = true;
            using var source = items.GetEnumerator();
            while (Next(source))
            {
                Count += rows(source.Current);
                yield return source.Current;
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        private bool Next(IEnumerator<T> source)
        {
            try
            {
                return source.MoveNext();
            }
            catch (Exception error)
            {
                Failure = error;
                throw;
            }
        }
    }
}
