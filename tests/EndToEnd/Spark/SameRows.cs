using FluentAssertions;
using Microsoft.Data.Sqlite;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>Compares what two engines made of the same input: tables row for row by every column but the batch's id, metrics to a part in 10⁹.</summary>
internal static class SameRows
{
    private const string Provenance = "batch_id";
    private const double Tolerance = 1e-9;

    /// <summary>The tables hold the same rows, as often; doubles to the last bit.</summary>
    public static long InTables(string lake, string otherLake, params string[] tables)
    {
        using var engine = EngineFactory.Create(new EngineSettings("embedded", "compare", new Dictionary<string, string>()));
        var spark = SparkSession.ForEngine(engine);
        var rows = 0L;
        foreach (var table in tables)
        {
            var one = spark.Read().Format("delta").Load(new LakeLayout(lake).Table(table)).Drop(Provenance);
            var other = spark.Read().Format("delta").Load(new LakeLayout(otherLake).Table(table)).Drop(Provenance);
            one.Schema().Json.Should().Be(other.Schema().Json, "the columns of {0}", table);
            one.ExceptAll(other).Limit(5).Collect().Select(static row => row.ToString()).Should().BeEmpty("every row of {0} stands in the other lake", table);
            other.ExceptAll(one).Limit(5).Collect().Select(static row => row.ToString()).Should().BeEmpty("no row of {0} is in the other lake only", table);
            rows += one.Count();
        }
        return rows;
    }

    /// <summary>The databases hold the same metric tables with the same keys and figures.</summary>
    public static void InMetrics(string database, string otherDatabase)
    {
        var one = Metrics(database);
        var other = Metrics(otherDatabase);
        one.Keys.Should().Equal(other.Keys);
        foreach (var (table, rows) in one)
        {
            rows.Should().HaveCount(other[table].Count, "rows of {0}", table);
            rows.Should().NotBeEmpty("of {0}", table);
            foreach (var (mine, theirs) in rows.Zip(other[table]))
                if (!mine.Zip(theirs).All(static pair => AreSame(pair.First, pair.Second)))
                    string.Join(" | ", mine).Should().Be(string.Join(" | ", theirs), "a row of {0} must be equal to 1e-9", table);
        }
    }

    private static bool AreSame(object? left, object? right) => (left, right) switch
    {
        (double one, double other) => Math.Abs(one - other) <= Tolerance * Math.Max(1, Math.Max(Math.Abs(one), Math.Abs(other))),
        _ => Equals(left, right),
    };

    /// <summary>Rows by table, in the order of their texts; but for the columns that tell of the run.</summary>
    private static SortedDictionary<string, List<object?[]>> Metrics(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        var tables = Read(connection, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'water_quality_%' ORDER BY name").Select(static row => (string)row[0]!);
        var metrics = new SortedDictionary<string, List<object?[]>>(StringComparer.Ordinal);
        foreach (var table in tables)
        {
            var columns = Read(connection, $"SELECT name, type FROM pragma_table_info('{table}')").Where(static column => !((string)column[0]!).StartsWith('_')).Select(static column => (Name: (string)column[0]!, Type: (string)column[1]!)).ToList();
            // Doubles differ in their last digits: the order is that of everything else, which holds the key.
            var order = columns.Where(static column => !column.Type.StartsWith("REAL", StringComparison.OrdinalIgnoreCase) && !column.Type.StartsWith("DOUBLE", StringComparison.OrdinalIgnoreCase)).Select(static column => column.Name);
            metrics[table] = Read(connection, $"SELECT {string.Join(", ", columns.Select(static column => column.Name))} FROM {table} ORDER BY {string.Join(", ", order)}");
        }
        return metrics;
    }

    private static List<object?[]> Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read()) rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(place => reader.IsDBNull(place) ? null : reader.GetValue(place))]);
        return rows;
    }
}
