using System.Data;
using System.Globalization;
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
    public double[] Numbers(string sql) =>
        Rows(sql, static row => Enumerable.Range(0, row.FieldCount).Select(i => Convert.ToDouble(row.GetValue(i), CultureInfo.InvariantCulture)).ToArray()).First();

    /// <summary>All rows, one after the other.</summary>
    public IEnumerable<T> Rows<T>(string sql, Func<IDataRecord, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        while (reader.Read()) yield return read(reader);
    }

    public void Dispose() => connection.Dispose();
}
