using System.Text;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Text files: one column <c>value</c>, a row a line, or a row a file with <c>wholetext</c>.</summary>
internal static class TextSource
{
    public static SourceView Open(SessionContext session, SourceSpec spec)
    {
        var options = new SourceOptions(spec.Options);
        var scan = new TextScan(InputFiles.Resolve(session, spec), options.Flag("wholetext", false));
        return session.MakeView("text", $"FROM {ScanFunction.Call(scan)}", scan.Schema);
    }
}

/// <summary>A scan of files by line or whole; bytes that are not UTF-8 become U+FFFD.</summary>
internal sealed class TextScan(IReadOnlyList<InputFile> files, bool whole, Encoding? encoding = null) : IScanSource
{
    public StructType Schema { get; } = new(new StructField("value", new StringType()));

    public IScanReader Start(IReadOnlyList<int> columns) => whole ? new Files(files, encoding ?? Encoding.UTF8, columns.Count > 0) : new Lines(files, encoding ?? Encoding.UTF8, columns.Count > 0);

    private sealed class Files(IReadOnlyList<InputFile> files, Encoding encoding, bool wanted) : IScanReader
    {
        private int next;

        public int Fill(VectorWriter[] columns, int capacity)
        {
            if (next == files.Count) return 0;
            var text = File.ReadAllText(files[next++].Local, encoding);
            if (wanted) columns[0].Write(0, text);
            return 1;
        }

        public void Dispose()
        {
        }
    }

    private sealed class Lines(IReadOnlyList<InputFile> files, Encoding encoding, bool wanted) : IScanReader
    {
        private int next;
        private StreamReader? reader;

        public int Fill(VectorWriter[] columns, int capacity)
        {
            var row = 0;
            while (row < capacity)
            {
                if (reader is null)
                {
                    if (next == files.Count) break;
                    reader = new StreamReader(files[next++].Local, encoding, true, 1 << 16);
                }
                var line = reader.ReadLine();
                if (line is null)
                {
                    reader.Dispose();
                    reader = null;
                    continue;
                }
                if (wanted) columns[0].Write((ulong)row, line);
                row++;
            }
            return row;
        }

        public void Dispose() => reader?.Dispose();
    }
}
