using System.Globalization;
using System.Text.Json;
using Pipeline.Engine.Embedded;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>A Delta table whose log is written by hand, as another writer could have written it.</summary>
internal sealed class HandMadeTable(string folder, EmbeddedEngine engine)
{
    public const string OldProtocol = """{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}""";
    private int version;

    public string Folder { get; } = folder;

    /// <summary>Writes a data file by DuckDB; its path is from the table's folder.</summary>
    public void File(string path, string sql)
    {
        var full = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        engine.Execute($"COPY ({sql}) TO '{full.Replace("'", "''", StringComparison.Ordinal)}' (FORMAT parquet)");
    }

    /// <summary>Writes the next commit.</summary>
    public void Commit(params string[] actions)
    {
        var log = Path.Combine(Folder, "_delta_log");
        Directory.CreateDirectory(log);
        System.IO.File.WriteAllLines(Path.Combine(log, version.ToString("D20", CultureInfo.InvariantCulture) + ".json"), actions);
        version++;
    }

    /// <summary>The action of columns, each <c>name type</c>.</summary>
    public static string Columns(string[] columns, params string[] partitionBy)
    {
        var fields = columns.Select(static column => column.Split(' ')).Select(static column =>
            new { name = column[0], type = column[1], nullable = true, metadata = new Dictionary<string, object>() });
        var schema = JsonSerializer.Serialize(new { type = "struct", fields });
        return JsonSerializer.Serialize(new
        {
            metaData = new { id = "a", format = new { provider = "parquet", options = new { } }, schemaString = schema, partitionColumns = partitionBy, configuration = new { }, createdTime = 0 },
        });
    }

    /// <summary>The action of a data file.</summary>
    public static string Add(string path, string? stats = null, params (string Column, string? Value)[] partition) => JsonSerializer.Serialize(new
    {
        add = new { path, partitionValues = partition.ToDictionary(static entry => entry.Column, static entry => entry.Value), size = 194, modificationTime = 0, dataChange = true, stats },
    });

    /// <summary>The action of a removal.</summary>
    public static string Remove(string path) => JsonSerializer.Serialize(new { remove = new { path, deletionTimestamp = 1, dataChange = true } });
}
