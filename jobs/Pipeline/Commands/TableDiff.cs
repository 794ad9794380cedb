using Pipeline.Engine.Sql;
using Pipeline.Suite.Export.Files;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>A row that differs between two versions.</summary>
/// <param name="Change">One of <see cref="TableDiff"/>'s kinds.</param>
/// <param name="Key">Values of the key's columns, as text; of all columns where rows have no key.</param>
/// <param name="Columns">Columns that changed, as <c>name: before → after</c>; null where the row was added or removed.</param>
/// <param name="Rows">How many rows alike there are of it; 1 where rows have a key.</param>
internal sealed record RowChange(string Change, IReadOnlyList<string?> Key, string? Columns, long Rows);

/// <summary>Compares two versions of a table by key, or row by row where there is none.</summary>
/// <remarks>Columns that only one of the versions has are not compared. Rows of one key are taken to be one row a version, as the contracts say.</remarks>
internal sealed class TableDiff
{
    public const string Added = "added";
    public const string Removed = "removed";
    public const string Changed = "changed";
    private const string Same = "same";
    private const string Change = "_change";
    private const string ChangedColumns = "_changed_columns";
    private const string Rows = "_rows";
    private const string NullText = "∅";
    private readonly string[] columns;
    private readonly string[] key;
    private readonly DataFrame changes;

    public TableDiff(DataFrame from, DataFrame to, IReadOnlyList<string> key)
    {
        var other = to.Columns().ToHashSet(StringComparer.Ordinal);
        columns = [.. from.Columns().Where(other.Contains)];
        IsByKey = key.Count > 0 && key.All(columns.Contains);
        this.key = IsByKey ? [.. key] : columns;
        changes = IsByKey ? ByKey(from, to) : ByRow(from, to);
    }

    /// <summary>Whether rows were told apart by a key; else by all their columns, and none is ever changed.</summary>
    public bool IsByKey { get; }

    /// <summary>Columns of the key, or all that both versions have.</summary>
    public IReadOnlyList<string> Key => key;

    /// <summary>Rows by kind of change; the kinds that there are none of are not in it.</summary>
    public IReadOnlyDictionary<string, long> Count(CancellationToken cancellationToken) =>
        changes.GroupBy(Change).Agg(Sum(Col(Rows)).As("rows")).Collect(cancellationToken).Where(static row => row.GetAs<string>(0) != Same).ToDictionary(static row => row.GetAs<string>(0), static row => row.GetAs<long>(1));

    /// <summary>The first changes, by key.</summary>
    public IEnumerable<RowChange> First(int limit, CancellationToken cancellationToken)
    {
        var differing = changes.Filter(Col(Change) != Lit(Same));
        Column[] order = IsByKey ? [.. key.Select(name => Coalesce(Col(Old(name)), Col(New(name)))), Col(Change)] : [.. columns.Select(static name => Col(Old(name))), Col(Change)];
        return differing.OrderBy(order).Limit(limit).Collect(cancellationToken).Select(Read);
    }

    private RowChange Read(Row row)
    {
        var change = row.GetAs<string>(Change);
        string?[] values = [.. key.Select(name => ValueText.Of(row.Get(IsByKey && change == Added ? New(name) : Old(name))))];
        if (change != Changed) return new RowChange(change, values, null, row.GetAs<long>(Rows));
        var places = row.GetAs<string>(ChangedColumns).Split(',').Select(static place => int.Parse(place, System.Globalization.CultureInfo.InvariantCulture));
        return new RowChange(change, values, string.Join("; ", places.Select(place => $"{columns[place]}: {Text(Old(columns[place]))} → {Text(New(columns[place]))}")), 1);

        string Text(string column) => ValueText.Of(row.Get(column)) ?? NullText;
    }

    private DataFrame ByKey(DataFrame from, DataFrame to)
    {
        var older = from.Select([.. columns.Select(name => Col(name).As(Old(name))), Lit(true).As("_is_old")]);
        var newer = to.Select([.. columns.Select(name => Col(name).As(New(name))), Lit(true).As("_is_new")]);
        var sameKey = key.Select(name => Col(Old(name)).EqNullSafe(Col(New(name)))).Aggregate(static (left, right) => left & right);
        // By place, so that a comma in a column's name does no harm.
        Column[] changed = [.. columns.Index().Where(column => !key.Contains(column.Item)).Select(column => When(!Col(Old(column.Item)).EqNullSafe(Col(New(column.Item))), Lit(FormattableString.Invariant($"{column.Index}"))))];
        return older.Join(newer, sameKey, "full_outer")
            .WithColumn(ChangedColumns, changed.Length == 0 ? Lit("") : ConcatWs(",", changed))
            .WithColumn(Change, When(Col("_is_old").IsNull(), Lit(Added)).When(Col("_is_new").IsNull(), Lit(Removed)).When(Col(ChangedColumns) != Lit(""), Lit(Changed)).Otherwise(Lit(Same)))
            .WithColumn(Rows, Lit(1L));
    }

    private DataFrame ByRow(DataFrame from, DataFrame to)
    {
        var older = from.Select([.. columns.Select(name => Col(name).As(Old(name))), Lit(-1L).As(Rows)]);
        var newer = to.Select([.. columns.Select(name => Col(name).As(Old(name))), Lit(1L).As(Rows)]);
        return newer.Union(older)
            .GroupBy([.. columns.Select(name => Col(Old(name)))])
            .Agg(Sum(Col(Rows)).As("_surplus"))
            .Filter(Col("_surplus") != Lit(0L))
            .WithColumn(Change, When(Col("_surplus") > Lit(0L), Lit(Added)).Otherwise(Lit(Removed)))
            .WithColumn(Rows, Abs(Col("_surplus")));
    }

    private static string Old(string column) => "_old_" + column;

    private static string New(string column) => "_new_" + column;
}
