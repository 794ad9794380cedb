using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Calls;

namespace Pipeline.Engine.Embedded.UserFunctions;

/// <summary>The rows that a C# function makes of a query's rows: the query runs on a connection of its own while the scan is read, so neither its rows nor the answers are all in memory at once.</summary>
internal sealed class FunctionScan(SessionContext session, TableFunctionQuery query, TableFunction function) : IScanSource
{
    public StructType Schema => function.Output;

    public IScanReader Start(IReadOnlyList<int> columns) => new Reader(Rows().GetEnumerator(), columns);

    private IEnumerable<object?[]> Rows()
    {
        session.Refresh(query.Sql);
        using var lease = session.Connections.Rent();
        var call = new TableCall(function);
        var answers = query.Keys.IsEmpty ? call.Run(lease.Connection.Query(query.Sql, function.Input)) : OfGroups(call, lease.Connection);
        foreach (var row in answers) yield return row;
    }

    /// <summary>Sorted by the keys, the rows of a group come one after the other; those of one group are in memory at once.</summary>
    private IEnumerable<object?[]> OfGroups(TableCall call, Connection connection)
    {
        var width = function.Input.Count;
        var order = string.Join(", ", query.Keys.Select(DuckDbTypes.Quote));
        var group = new List<object?[]>();
        object?[]? keys = null;
        foreach (var row in connection.Query($"FROM ({query.Sql}) ORDER BY {order}", schema: null))
        {
            var next = row.Values[width..];
            if (keys is not null && !IsSame(keys, next))
            {
                foreach (var answer in OfGroup(call, group, keys)) yield return answer;
                group.Clear();
            }
            keys = next;
            group.Add(row.Values[..width]);
        }
        if (keys is null) yield break;
        foreach (var answer in OfGroup(call, group, keys)) yield return answer;
    }

    private IEnumerable<object?[]> OfGroup(TableCall call, List<object?[]> rows, object?[] keys)
    {
        using var batch = TableCall.Batch(function.Input, rows);
        using var answer = call.RunGroup(batch, keys);
        foreach (var row in call.Values(answer)) yield return row;
    }

    private static bool IsSame(object? left, object? right) => (left, right) switch
    {
        (Row a, Row b) => IsSame(a.Values, b.Values),
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (object?[] a, object?[] b) => a.Length == b.Length && a.Zip(b).All(static pair => IsSame(pair.First, pair.Second)),
        _ => Equals(left, right),
    };

    private sealed class Reader(IEnumerator<object?[]> rows, IReadOnlyList<int> places) : IScanReader
    {
        public int Fill(VectorWriter[] columns, int capacity)
        {
            var count = 0;
            for (; count < capacity && rows.MoveNext(); count++)
                for (var i = 0; i < places.Count; i++) columns[i].Write((ulong)count, rows.Current[places[i]]);
            return count;
        }

        public void Dispose() => rows.Dispose();
    }
}
