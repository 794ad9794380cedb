using Apache.Arrow;
using Apache.Arrow.Ipc;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Columns;

namespace Pipeline.Engine.Spark.Rows;

/// <summary>Rows of the caller as an Arrow stream in a private file, which the driver's JVM, always on this machine, reads.</summary>
internal sealed class ArrowFile : IDisposable
{
    private const int RowsPerBatch = 10_000;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-rows-");

    /// <summary>The file's path.</summary>
    public string Path => System.IO.Path.Combine(folder.FullName, "rows.arrow");

    /// <summary>Writes the rows.</summary>
    /// <exception cref="ArgumentException">A row has not the schema's columns, or a value is not of its column's type.</exception>
    public void Write(StructType schema, IEnumerable<object?[]> rows)
    {
        var arrowSchema = new Schema(ArrowColumns.Fields(schema), null);
        using var file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write);
        using var writer = new ArrowStreamWriter(file, arrowSchema);
        writer.WriteStart();
        var any = false;
        foreach (var chunk in rows.Chunk(RowsPerBatch))
        {
            writer.WriteRecordBatch(Batch(schema, arrowSchema, chunk));
            any = true;
        }
        if (!any) writer.WriteRecordBatch(Batch(schema, arrowSchema, []));
        writer.WriteEnd();
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);

    private static RecordBatch Batch(StructType schema, Schema arrowSchema, object?[][] rows)
    {
        foreach (var row in rows)
            if (row.Length != schema.Count) throw new ArgumentException($"A row has {row.Length} values, and the schema has {schema.Count} columns: {string.Join(", ", schema.FieldNames)}.", nameof(rows));
        return new RecordBatch(arrowSchema, schema.Select((field, place) => ArrowColumns.Build(field.DataType, new Column(rows, place), field.Name)), rows.Length);
    }

    /// <summary>One column of rows.</summary>
    private sealed class Column(object?[][] rows, int place) : IReadOnlyList<object?>
    {
        public int Count => rows.Length;

        public object? this[int index] => rows[index][place];

        public IEnumerator<object?> GetEnumerator() => rows.Select(row => row[place]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
