using System.Text;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>CSV files by Spark's rules.</summary>
/// <remarks>A large file that is plain (no quotes, UTF-8, all columns text, PERMISSIVE, and every line with its number of fields where the others are asked for) is read by DuckDB's parallel reader; every other by <see cref="CsvScan"/>. Both give the same rows.</remarks>
internal static class CsvSource
{
    private const long PlainFrom = 8 << 20;

    /// <summary>Plain files have no longer line (<see cref="PlainText"/> takes them for others). DuckDB keeps buffers of 16 times as much.</summary>
    private const int LongestLine = 2 << 20;

    public static SourceView Open(SessionContext session, SourceSpec spec)
    {
        var options = CsvOptions.From(new SourceOptions(spec.Options));
        var files = InputFiles.Resolve(session, spec);
        var schema = spec.Schema ?? CsvSchema.Infer(files, options);
        if (schema.FirstOrDefault(field => field.DataType is ArrayType or MapType or StructType) is { } nested)
            throw new EngineException($"Column '{nested.Name}' is declared as {nested.DataType.SimpleString}; a CSV file has no nested values. Declare it as string and parse it.") { ErrorClass = "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE", SqlState = "0A000" };
        var plain = IsPlain(schema, options) ? files.Where(file => new FileInfo(file.Local).Length >= PlainFrom && IsPlain(file.Local, schema, options)).ToList() : [];
        var others = files.Except(plain).ToList();
        var parts = new List<string>();
        if (plain.Count > 0) parts.Add(ReadCsv(plain, schema, options));
        if (others.Count > 0 || plain.Count == 0) parts.Add($"FROM {ScanFunction.Call(new CsvScan(others, schema, options))}");
        return session.MakeView("csv", string.Join(" UNION ALL ", parts), schema);
    }

    private static bool IsPlain(StructType schema, CsvOptions options) =>
        schema.Count > 1 && schema.All(field => field.DataType is StringType) && options.Mode == ParseMode.Permissive
        && options.Encoding is UTF8Encoding && options.Comment is null && options.Separator.Length == 1 && options.EmptyValue.Length == 0 && !options.TrimStart && !options.TrimEnd;

    /// <summary>Where records that do not fit are asked for, the file must have none: DuckDB's reader does not give them as they are.</summary>
    private static bool IsPlain(string path, StructType schema, CsvOptions options) =>
        options.CorruptIndex(schema) < 0 ? PlainText.Is(path) : PlainText.Is(path, options.Separator[0], schema.Count - 1);

    private static string ReadCsv(List<InputFile> files, StructType schema, CsvOptions options)
    {
        var corrupt = options.CorruptIndex(schema);
        var columns = string.Join(", ", schema.Where((_, i) => i != corrupt).Select(field => $"{DuckDbTypes.Literal(field.Name)}: 'VARCHAR'"));
        var nulls = options.NullValue.Length == 0 ? "['']" : $"['', {DuckDbTypes.Literal(Encoding.UTF8.GetString(options.NullValue))}]";
        var names = string.Join(", ", files.Select(file => DuckDbTypes.FileLiteral(file.Local)));
        var selected = corrupt < 0 ? "" : $"SELECT {string.Join(", ", schema.Select((field, i) => i == corrupt ? $"NULL::VARCHAR AS {DuckDbTypes.Quote(field.Name)}" : DuckDbTypes.Quote(field.Name)))} ";
        return $"{selected}FROM read_csv([{names}], columns = {{{columns}}}, header = {(options.Header ? "true" : "false")}, delim = {DuckDbTypes.Literal(Encoding.UTF8.GetString(options.Separator))}, "
            + $"quote = '', escape = '', nullstr = {nulls}, auto_detect = false, null_padding = true, strict_mode = false, max_line_size = {LongestLine})";
    }
}

/// <summary>A scan of CSV files, record by record.</summary>
internal sealed class CsvScan(IReadOnlyList<InputFile> files, StructType schema, CsvOptions options) : IScanSource
{
    public StructType Schema => schema;

    public IScanReader Start(IReadOnlyList<int> columns) => new Reader(files, schema, options, columns);

    private sealed class Reader : IScanReader
    {
        private readonly IReadOnlyList<InputFile> files;
        private readonly StructType schema;
        private readonly CsvOptions options;
        private readonly int corrupt;
        private readonly int fieldCount;
        private readonly int[] writerOf;
        private readonly int[] fieldOf;
        private readonly VectorWriter unused;
        private readonly bool checksAll;
        private CsvRecords? records;
        private int nextFile;

        public Reader(IReadOnlyList<InputFile> files, StructType schema, CsvOptions options, IReadOnlyList<int> columns)
        {
            (this.files, this.schema, this.options) = (files, schema, options);
            corrupt = options.CorruptIndex(schema);
            fieldCount = schema.Count - (corrupt >= 0 ? 1 : 0);
            writerOf = new int[schema.Count];
            Array.Fill(writerOf, -1);
            for (var i = 0; i < columns.Count; i++) writerOf[columns[i]] = i;
            // The column of raw text takes no field.
            fieldOf = [.. Enumerable.Range(0, schema.Count).Select(column => corrupt >= 0 && column > corrupt ? column - 1 : column)];
            checksAll = options.Mode != ParseMode.Permissive || (corrupt >= 0 && writerOf[corrupt] >= 0);
            unused = new VectorWriter(new StringType());
        }

        public int Fill(VectorWriter[] columns, int capacity)
        {
            var row = 0;
            while (row < capacity)
            {
                if (records is null && !OpenNext()) break;
                if (!records!.Read())
                {
                    records.Dispose();
                    records = null;
                    continue;
                }
                if (Write(columns, (ulong)row)) row++;
            }
            return row;
        }

        private bool OpenNext()
        {
            if (nextFile == files.Count) return false;
            var file = files[nextFile++];
            records = new CsvRecords(new FileStream(file.Local, FileMode.Open, FileAccess.Read, FileShare.Read, 1), options);
            if (options.Header) _ = records.Read();
            return true;
        }

        private unsafe bool Write(VectorWriter[] columns, ulong row)
        {
            var fits = records!.Fields.Count == fieldCount;
            // Values of columns that nobody asked for still decide whether a record fits; they are written into a cell that is thrown away.
            var scratch = stackalloc byte[16];
            for (var column = 0; column < schema.Count; column++)
            {
                if (column == corrupt) continue;
                var writer = writerOf[column] >= 0 ? columns[writerOf[column]] : null;
                if (writer is null && !checksAll) continue;
                var type = schema[column].DataType;
                if (fieldOf[column] >= records.Fields.Count)
                {
                    writer?.WriteNull(row);
                    continue;
                }
                var field = records.Fields[fieldOf[column]];
                var text = records.Text(field);
                if (text.IsEmpty) text = field.IsQuoted ? options.EmptyValue : options.NullValue;
                if (text.SequenceEqual(options.NullValue))
                {
                    writer?.WriteNull(row);
                    continue;
                }
                if (writer is null)
                {
                    if (type is StringType or BinaryType) continue;
                    unused.BindTo(scratch);
                    fits &= CsvValue.TryWrite(unused, type, 0, text, options);
                }
                else
                {
                    fits &= CsvValue.TryWrite(writer, type, row, text, options);
                }
            }
            if (!fits && options.Mode == ParseMode.DropMalformed)
            {
                foreach (var writer in columns) writer.Unset(row);
                return false;
            }
            if (!fits && options.Mode == ParseMode.FailFast) throw Malformed();
            if (corrupt >= 0 && writerOf[corrupt] >= 0)
            {
                if (fits) columns[writerOf[corrupt]].WriteNull(row);
                else columns[writerOf[corrupt]].WriteBytes(row, records.Raw);
            }
            return true;
        }

        private EngineException Malformed() =>
            new($"The record at line {records!.Line} of '{files[nextFile - 1].Name}' does not fit the declared columns ({fieldCount} of them; the record has {records.Fields.Count} fields). The mode is FAILFAST; use PERMISSIVE with columnNameOfCorruptRecord to keep such records apart.")
            { ErrorClass = "MALFORMED_RECORD_IN_PARSING", SqlState = "22000" };

        public void Dispose() => records?.Dispose();
    }
}
