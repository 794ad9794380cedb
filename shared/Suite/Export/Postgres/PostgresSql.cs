using Pipeline.Engine.Types;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>The SQL that keeps one table of PostgreSQL equal to its source.</summary>
/// <remarks>Source: PostgreSQL 15, "CREATE TABLE" (NULLS NOT DISTINCT) and "INSERT" (ON CONFLICT).</remarks>
internal static class PostgresSql
{
    public const string Stage = "pg_temp.\"staged\"";
    private const int LongestName = 63;

    public static string Schema(MetricsTable table) => table.Namespace ?? "public";

    public static string Target(MetricsTable table) => $"{Quote(Schema(table))}.{Quote(table.Name)}";

    public static string FenceName(MetricsTable table) => $"{Schema(table)}.{table.Name}";

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string TypeOf(DataType type) => type switch
    {
        LongType => "bigint",
        IntegerType => "integer",
        ShortType or ByteType => "smallint",
        DoubleType => "double precision",
        FloatType => "real",
        BooleanType => "boolean",
        DateType => "date",
        TimestampType => "timestamp with time zone",
        TimestampNTZType => "timestamp without time zone",
        BinaryType => "bytea",
        DecimalType number => FormattableString.Invariant($"numeric({number.Precision},{number.Scale})"),
        _ => "text",
    };

    public static string CreateSchema(MetricsTable table) => $"CREATE SCHEMA IF NOT EXISTS {Quote(Schema(table))}";

    public static string CreateTable(MetricsTable table) =>
        $"CREATE TABLE IF NOT EXISTS {Target(table)} ({string.Join(", ", table.Columns.Select(static column => $"{Quote(column.Name)} {TypeOf(column.DataType)}{(column.IsNullable ? "" : " NOT NULL")}"))})";

    /// <summary>The key; for a new table after its rows, as sorting them once costs less than finding each one's place.</summary>
    /// <param name="table">The table.</param>
    /// <param name="order">The key's columns in the order of its index.</param>
    public static string AddKey(MetricsTable table, IEnumerable<string> order) => $"ALTER TABLE {Target(table)} ADD CONSTRAINT {Quote(KeyName(table))} UNIQUE NULLS NOT DISTINCT ({Names(order)})";

    public static string AddColumn(MetricsTable table, StructField column) => $"ALTER TABLE {Target(table)} ADD COLUMN {Quote(column.Name)} {TypeOf(column.DataType)}";

    public static string CreateStage(MetricsTable table) =>
        $"CREATE TEMPORARY TABLE \"staged\" ON COMMIT DROP AS SELECT {Names(table.Columns.FieldNames)} FROM {Target(table)} WITH NO DATA";

    /// <param name="table">The rows' table.</param>
    /// <param name="target">Where they go, as SQL names it.</param>
    /// <param name="isNew">Whether this transaction made it: its rows are written frozen, and never written again for their visibility.</param>
    public static string CopyIn(MetricsTable table, string target, bool isNew = false) => $"COPY {target} ({Names(table.Columns.FieldNames)}) FROM STDIN (FORMAT BINARY{(isNew ? ", FREEZE" : "")})";

    public static string CopyOut(MetricsTable table, bool stagedOnly)
    {
        var only = stagedOnly ? $" t WHERE EXISTS (SELECT FROM {Stage} s WHERE {SameKey("t", "s", table)})" : "";
        return $"COPY (SELECT {Names(table.Columns.FieldNames)} FROM {Target(table)}{only}) TO STDOUT (FORMAT BINARY)";
    }

    public static string Upsert(MetricsTable table)
    {
        var update = table.NonKey.Any()
            ? $"DO UPDATE SET {string.Join(", ", table.NonKey.Select(static name => $"{Quote(name)} = excluded.{Quote(name)}"))} WHERE ({string.Join(", ", table.NonKey.Select(static name => $"t.{Quote(name)}"))}) IS DISTINCT FROM ({string.Join(", ", table.NonKey.Select(static name => $"excluded.{Quote(name)}"))})"
            : "DO NOTHING";
        return $"INSERT INTO {Target(table)} AS t ({Names(table.Columns.FieldNames)}) SELECT {Names(table.Columns.FieldNames)} FROM {Stage} ON CONFLICT ({Names(table.Key)}) {update}";
    }

    public static string DeleteMissing(MetricsTable table) =>
        $"DELETE FROM {Target(table)} t USING (SELECT {Names(table.Key)} FROM {Target(table)} EXCEPT SELECT {Names(table.Key)} FROM {Stage}) gone WHERE {SameKey("t", "gone", table)}";

    /// <summary>Equality of keys in which null equals null, written so that the planner can hash it (IS NOT DISTINCT FROM cannot be hashed).</summary>
    private static string SameKey(string left, string right, MetricsTable table) => string.Join(" AND ", table.Key.Select(key =>
    {
        var (one, other) = ($"{left}.{Quote(key)}", $"{right}.{Quote(key)}");
        return table.Columns.Find(key)!.IsNullable ? $"({one} IS NULL) = ({other} IS NULL) AND coalesce({one}::text, '') = coalesce({other}::text, '')" : $"{one} = {other}";
    }));

    private static string KeyName(MetricsTable table) => table.Name.Length + 4 <= LongestName ? table.Name + "_key" : table.Name[..(LongestName - 4)] + "_key";

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(Quote));
}
