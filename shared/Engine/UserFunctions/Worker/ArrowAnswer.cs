using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>The Arrow stream that a task answers: begun with its first batch, and ended in any case when disposed, so that an error can follow.</summary>
internal sealed class ArrowAnswer(WireWriter output, Schema schema) : IDisposable
{
    private ArrowStreamWriter? writer;

    public void Write(RecordBatch batch)
    {
        if (writer is null)
        {
            output.Write(Marks.StartArrow);
            writer = new ArrowStreamWriter(output.Stream, schema, leaveOpen: true);
        }
        writer.WriteRecordBatch(batch);
        output.Flush();
    }

    public void Dispose()
    {
        writer?.WriteEnd();
        writer?.Dispose();
    }
}

/// <summary>Arrow streams that a task is given.</summary>
internal static class ArrowInput
{
    /// <summary>The batches of a stream to its end; each is gone when the next one is asked for.</summary>
    public static IEnumerable<RecordBatch> Batches(Stream input, Func<RecordBatch, RecordBatch> view)
    {
        // Asked for a batch again after its end, the reader would take what follows the stream.
        using var reader = new ArrowStreamReader(input, leaveOpen: true);
        while (reader.ReadNextRecordBatch() is { } batch)
            using (batch) yield return view(batch);
    }

    /// <summary>All rows of a stream as one batch.</summary>
    public static RecordBatch Whole(Stream input)
    {
        using var reader = new ArrowStreamReader(input, leaveOpen: true);
        var batches = new List<RecordBatch>();
        while (reader.ReadNextRecordBatch() is { } batch) batches.Add(batch);
        switch (batches)
        {
            case [var only]:
                return only;
            case []:
                return new RecordBatch(reader.Schema, reader.Schema.FieldsList.Select(static field => ArrowArrayFactory.BuildArray(new ArrayData(field.DataType, 0, 0, 0, [ArrowBuffer.Empty, ArrowBuffer.Empty]))), 0);
        }
        try
        {
            var columns = Enumerable.Range(0, batches[0].ColumnCount).Select(place => ArrowArrayConcatenator.Concatenate([.. batches.Select(batch => batch.Column(place))])).ToArray();
            return new RecordBatch(reader.Schema, columns, batches.Sum(static batch => batch.Length));
        }
        finally
        {
            foreach (var batch in batches) batch.Dispose();
        }
    }
}
