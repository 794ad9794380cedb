using System.Globalization;
using System.Runtime.CompilerServices;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql;

public sealed partial class DataFrame
{
    /// <summary>All rows, in memory.</summary>
    public IEnumerable<Row> Collect() => Collect(CancellationToken.None);

    /// <summary>All rows, in memory; the token stops the engine.</summary>
    public IReadOnlyList<Row> Collect(CancellationToken cancellationToken) => [.. ToLocalIterator(cancellationToken)];

    /// <summary>All rows, in memory, on another thread; the token stops the engine.</summary>
    public Task<IReadOnlyList<Row>> CollectAsync(CancellationToken cancellationToken = default) => Task.Run(() => Collect(cancellationToken), cancellationToken);

    /// <summary>The rows as they come.</summary>
    public IEnumerable<Row> ToLocalIterator() => ToLocalIterator(CancellationToken.None);

    /// <summary>The rows as they come; the token stops the engine.</summary>
    public IEnumerable<Row> ToLocalIterator(CancellationToken cancellationToken)
    {
        if (Root.Output.IsEmpty) return [];
        var (sql, schema) = Executable("collect");
        return SparkSession.Engine.Query(sql, schema, cancellationToken);
    }

    /// <summary>The rows as they come, without holding the thread's caller up between them.</summary>
    public async IAsyncEnumerable<Row> ToAsyncEnumerable([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var rows = ToLocalIterator(cancellationToken).GetEnumerator();
        while (await Task.Run(rows.MoveNext, cancellationToken).ConfigureAwait(false)) yield return rows.Current;
    }

    /// <summary>Number of rows.</summary>
    public long Count() => Count(CancellationToken.None);

    /// <summary>Number of rows; the token stops the engine.</summary>
    public long Count(CancellationToken cancellationToken)
    {
        var counted = With(Planner.Aggregate(Root, GroupingKind.Plain, [], [new Call("count", new Star(null))], Describe));
        return (long)counted.Collect(cancellationToken)[0].Values[0]!;
    }

    /// <summary>The first rows.</summary>
    public IEnumerable<Row> Take(int n) => Limit(n).Collect();

    /// <summary>The first rows.</summary>
    public IEnumerable<Row> Head(int n) => Take(n);

    /// <summary>The first row.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Row Head() => First();

    /// <summary>The first row.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public Row First() => Limit(1).Collect(CancellationToken.None) is [var row]
        ? row
        : throw new InvalidOperationException("The frame has no rows, so there is no first one. Ask IsEmpty() before, or use Take(1).");

    /// <summary>The last rows, which are all read for it.</summary>
    public IEnumerable<Row> Tail(int n) => Collect(CancellationToken.None).TakeLast(n);

    /// <summary>Whether it has no rows.</summary>
    public bool IsEmpty() => Limit(1).Collect(CancellationToken.None).Count == 0;

    /// <summary>Writes the first rows to the console as a table.</summary>
    /// <param name="numRows">At most so many rows.</param>
    /// <param name="truncate">Longest text of a cell; 0 is any.</param>
    /// <param name="vertical">One line a value.</param>
    public void Show(int numRows = 20, int truncate = 20, bool vertical = false) => Console.Out.WriteLine(ShowString(numRows, truncate, vertical));

    /// <summary>What <see cref="Show"/> writes.</summary>
    public string ShowString(int numRows = 20, int truncate = 20, bool vertical = false)
    {
        var rows = Limit(numRows + 1).Collect(CancellationToken.None);
        return TablePrinter.Print([.. Columns()], rows, numRows, truncate, vertical);
    }

    /// <summary>Writes the columns and their types to the console as a tree.</summary>
    public void PrintSchema() => Console.Out.WriteLine(SchemaTree.Of(Schema()));

    /// <summary>Writes the query's text and the engine's plan for it to the console.</summary>
    public void Explain(bool extended = false)
    {
        var sql = ToSql();
        Console.Out.WriteLine(sql);
        if (IsStreaming()) return;
        foreach (var row in SparkSession.Sql($"{(extended && SparkSession.Dialect is Dialects.SparkDialect ? "EXPLAIN EXTENDED" : "EXPLAIN")} {sql}").ToLocalIterator())
            Console.Out.WriteLine(Convert.ToString(row.Values[^1], CultureInfo.InvariantCulture));
    }

    /// <summary>Count, mean, stddev, min and max of columns, as text; of all numbers and texts where none is named.</summary>
    public DataFrame Describe(params string[] columns)
    {
        var described = (columns.Length > 0 ? columns.Select(name => Planner.PlainColumn(new NamedColumn(name), Scope.Of(Root), "Describe"))
            : Root.Output.Where(column => column.Type is Types.NumericType or Types.StringType)).ToArray();
        string[] functions = ["count", "avg", "stddev_samp", "min", "max"];
        string[] names = ["count", "mean", "stddev", "min", "max"];
        return functions.Select((function, i) => With(Planner.Aggregate(Root, GroupingKind.Plain, [], [
                new Aliased(LiteralValue.Of(names[i]), ["summary"]),
                .. described.Select(column => (Expr)new Aliased(new CastTo(new Call(function, Numeric(function, Ref(column))), new Types.StringType()), [column.Name]))], Describe)))
            .Aggregate((all, next) => all.Union(next));
    }

    private static Expr Numeric(string function, Expr column) => function is "avg" or "stddev_samp" ? Typing.Convert(column, new Types.DoubleType()) : column;
}
