using Pipeline.Engine.Types;

namespace Pipeline.Suite.Export.Sqlite;

/// <summary>The SQL that keeps one table of a SQLite file equal to its source.</summary>
/// <remarks>
/// A key may hold null, and SQLite's unique indexes take nulls as all different, so a nullable key column stands in the index as two expressions: whether it is null, and its value.
/// Source: SQLite, "CREATE INDEX", "Indexes On Expressions", and "UPSERT".
/// </remarks>
internal static class SqliteSql
{
    public const string Stage = "temp.\"staged\"";

    public static string TableName(MetricsTable table) => table.Namespace is null ? table.Name : $"{table.Namespace}_{table.Name}";

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string TypeOf(DataType type) => type switch
    {
        IntegralType or BooleanType => "INTEGER",
        DoubleType or FloatType => "REAL",
        BinaryType => "BLOB",
        // Days, instants and decimals as text: ISO 8601 sorts and SQLite's date functions read it; NUMERIC would round decimals.
        _ => "TEXT",
    };

    public static string CreateTable(MetricsTable table) =>
        $"CREATE TABLE {Quote(TableName(table))} ({Columns(table)}{(HasPlainKey(table) ? $", PRIMARY KEY ({Names(table.Key)})" : "")})";

    public static string CreateKeyIndex(MetricsTable table) =>
        $"CREATE UNIQUE INDEX IF NOT EXISTS {Quote(TableName(table) + "_key")} ON {Quote(TableName(table))} ({KeyTarget(table)})";

    public static string CreateStage(MetricsTable table) => $"CREATE TEMP TABLE \"staged\" ({Columns(table)})";

    public static string AddColumn(MetricsTable table, StructField column) => $"ALTER TABLE {Quote(TableName(table))} ADD COLUMN {Quote(column.Name)} {TypeOf(column.DataType)}";

    public static string InsertStage(MetricsTable table) =>
        $"INSERT INTO {Stage} ({Names(table.Columns.FieldNames)}) VALUES ({string.Join(", ", Enumerable.Range(0, table.Columns.Count).Select(static place => $"$p{place}"))})";

    public static string Upsert(MetricsTable table)
    {
        var update = table.NonKey.Any()
            ? $"DO UPDATE SET {string.Join(", ", table.NonKey.Select(static name => $"{Quote(name)} = excluded.{Quote(name)}"))} WHERE {string.Join(" OR ", table.NonKey.Select(name => $"{Quote(TableName(table))}.{Quote(name)} IS NOT excluded.{Quote(name)}"))}"
            : "DO NOTHING";
        // WHERE true keeps the parser from reading ON CONFLICT as a join's condition.
        return $"INSERT INTO {Quote(TableName(table))} ({Names(table.Columns.FieldNames)}) SELECT {Names(table.Columns.FieldNames)} FROM {Stage} WHERE true ON CONFLICT ({KeyTarget(table)}) {update}";
    }

    public static string DeleteMissing(MetricsTable table)
    {
        var target = Quote(TableName(table));
        return $"DELETE FROM {target} WHERE rowid IN (SELECT t.rowid FROM {target} t LEFT JOIN {Stage} s ON {string.Join(" AND ", table.Key.Select(static key => $"s.{Quote(key)} IS t.{Quote(key)}"))} WHERE s.rowid IS NULL)";
    }

    public static string IndexStage(MetricsTable table) => $"CREATE UNIQUE INDEX temp.\"staged_key\" ON \"staged\" ({KeyTarget(table)})";

    /// <summary>A second index of the bare columns, which the anti-join's IS can use.</summary>
    public static string IndexStageForJoin(MetricsTable table) => $"CREATE INDEX temp.\"staged_join\" ON \"staged\" ({Names(table.Key)})";

    public static string ReadBack(MetricsTable table)
    {
        var only = table.KeepsMissingRows ? $" t WHERE EXISTS (SELECT 1 FROM {Stage} s WHERE {string.Join(" AND ", table.Key.Select(static key => $"s.{Quote(key)} IS t.{Quote(key)}"))})" : "";
        return $"SELECT {Names(table.Columns.FieldNames)} FROM {Quote(TableName(table))}{only}";
    }

    private static bool HasPlainKey(MetricsTable table) => table.Key.All(key => table.Columns.Find(key) is { IsNullable: false });

    private static string KeyTarget(MetricsTable table) => HasPlainKey(table)
        ? Names(table.Key)
        : string.Join(", ", table.Key.Select(key => table.Columns.Find(key)!.IsNullable ? $"{Quote(key)} IS NULL, ifnull({Quote(key)}, '')" : Quote(key)));

    private static string Columns(MetricsTable table) =>
        string.Join(", ", table.Columns.Select(static column => $"{Quote(column.Name)} {TypeOf(column.DataType)}{(column.IsNullable ? "" : " NOT NULL")}"));

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Quote));
}
