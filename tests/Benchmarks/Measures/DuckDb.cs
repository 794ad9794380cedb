using DuckDB.NET.Data;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>Bare DuckDB: a connection of DuckDB.NET and SQL typed by hand, nothing of ours.</summary>
internal sealed class DuckDb : IDisposable
{
    private readonly DuckDBConnection connection = new("DataSource=:memory:");

    public DuckDb() => connection.Open();

    public void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    /// <summary>The first row, as numbers.</summary>
    public double[] Numbers(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        _ = reader.Read();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToDouble(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>Rows of two whole numbers, by the first.</summary>
    public Dictionary<long, long> Pairs(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var pairs = new Dictionary<long, long>();
        while (reader.Read()) pairs[reader.GetInt64(0)] = reader.GetInt64(1);
        return pairs;
    }

    public void Dispose() => connection.Dispose();
}
