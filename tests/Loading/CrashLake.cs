using FluentAssertions;
using Microsoft.Data.Sqlite;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Loading;

/// <summary>A small lake of students in a folder of its own: what it holds can be said in lines, and it can be copied for another life of the same job.</summary>
internal sealed class CrashLake : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SparkSession spark;

    public CrashLake() => spark = SparkSession.ForEngine(EngineFactory.Create(new EngineSettings("embedded[1]", "looks", new Dictionary<string, string>())));

    /// <summary>A path beside the lakes.</summary>
    public string this[string name] => folder[name];

    /// <summary>Writes a file of students into a folder of its own; answers the folder.</summary>
    /// <param name="name">Of the folder.</param>
    /// <param name="rows">Rows after the header.</param>
    public string File(string name, params string[] rows)
    {
        Directory.CreateDirectory(folder[name]);
        System.IO.File.WriteAllLines(Path.Combine(folder[name], "etudiants.csv"), ["Nom,Prenom,Age,Filiere", .. rows]);
        return folder[name];
    }

    /// <summary>Runs a command that must succeed (or end with a batch in quarantine) on a lake.</summary>
    public static async Task<ProgramRun> RunAsync(string lake, params string[] command)
    {
        var run = await Programs.PipelineAsync([.. command, "--master", "embedded[1]", "--lake", lake]);
        run.ExitCode.Should().BeOneOf([0, 4], "'{0}' printed: {1}", string.Join(' ', command), run.Error);
        return run;
    }

    /// <summary>A copy of a lake.</summary>
    public string Copy(string lake, string name)
    {
        var target = folder[name];
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        Directory.CreateDirectory(target);
        if (!Directory.Exists(lake)) return target;
        foreach (var directory in Directory.GetDirectories(lake, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(Path.Combine(target, Path.GetRelativePath(lake, directory)));
        foreach (var file in Directory.GetFiles(lake, "*", SearchOption.AllDirectories)) System.IO.File.Copy(file, Path.Combine(target, Path.GetRelativePath(lake, file)));
        return target;
    }

    /// <summary>What a lake holds, a line each, ordered: rows of the table, rows in quarantine, what the batches say of rows and of the table.</summary>
    public IReadOnlyList<string> State(string lake)
    {
        var layout = new LakeLayout(lake);
        var rows = Lines(layout.Table("students"), "concat_ws('|', 'row', row_id, last_name, first_name, age, field)");
        var quarantine = Lines(layout.Quarantine("students"), "concat_ws('|', 'quarantined', row_id, status, raw_text)");
        var written = rows.Count;
        // A file that was loaded to its end and is loaded again is one more batch, of duplicates and of rows that are in quarantine already.
        var sums = Lines(layout.Batches, "concat_ws('|', 'batch', status, rows_read, rows_written, rows_quarantined, rows_duplicate)", "table_name = 'students' AND (rows_written > 0 OR rows_duplicate = 0)");
        return [$"{written} rows", .. rows, .. quarantine, .. sums];
    }

    /// <summary>What an export left in a SQLite database: each table's rows without the columns that tell of the run, but for the order of exports.</summary>
    public static IReadOnlyList<string> Metrics(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        var lines = new List<string>();
        foreach (var table in Read(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'pipeline\\_export\\_%' ESCAPE '\\' ORDER BY name"))
        {
            var columns = Read(connection, $"SELECT name FROM pragma_table_info('{table}') WHERE name NOT LIKE '\\_%' ESCAPE '\\'");
            if (columns.Count > 0) lines.AddRange(Read(connection, $"SELECT '{table}|' || concat_ws('|', {string.Join(", ", columns)}) FROM {table} ORDER BY 1"));
        }
        return lines;
    }

    /// <summary>Each row of the table belongs to a batch that <c>batches</c> knows.</summary>
    public void KnowsEveryBatch(string lake)
    {
        var layout = new LakeLayout(lake);
        var known = Lines(layout.Batches, "batch_id").ToHashSet(StringComparer.Ordinal);
        Lines(layout.Table("students"), "batch_id").Distinct().Where(batch => !known.Contains(batch)).Should().BeEmpty("each row's batch has a row in 'batches'");
    }

    public void Dispose()
    {
        spark.Stop();
        folder.Dispose();
    }

    private static List<string> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(reader.GetString(0));
        return rows;
    }

    private List<string> Lines(string table, string line, string where = "true")
    {
        if (!spark.Engine.Delta.Exists(table)) return [];
        return [.. spark.Read().Format("delta").Load(table).Filter(where).SelectExpr($"{line} AS line").Collect().Select(static row => row.GetAs<string>(0)).Order(StringComparer.Ordinal)];
    }
}
