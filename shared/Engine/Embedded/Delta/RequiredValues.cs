using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Refuses rows that lack a value which the table requires, where the statistics of data files do not tell: structs, arrays and maps, and fields of structs.</summary>
/// <remarks>As in Spark's Delta, elements of arrays and values of maps are not looked at. Columns of one value are checked by their files' statistics when the change is planned.</remarks>
internal static class RequiredValues
{
    /// <summary>The rows of a query; the first row that lacks a value ends it with an error.</summary>
    public static string Checked(string table, StructType schema, string sql)
    {
        var checks = schema.SelectMany(static field => Nested(field, DuckDbTypes.Quote(field.Name), field.Name, isTop: true)).ToList();
        if (checks.Count == 0) return sql;
        var cases = checks.Select(check => $"WHEN {check.IsMissing} THEN CAST(error({DuckDbTypes.Literal(DuckDbError.Carry(Missing(table, check.Column)))}) AS BOOLEAN)");
        return $"SELECT * FROM ({sql}) WHERE CASE {string.Join(' ', cases)} ELSE true END";
    }

    private static IEnumerable<(string Column, string IsMissing)> Nested(StructField field, string value, string path, bool isTop)
    {
        var isChecked = !isTop || field.DataType is StructType or ArrayType or MapType;
        if (!field.IsNullable && isChecked) yield return (path, $"{value} IS NULL");
        if (field.DataType is not StructType fields) yield break;
        foreach (var inner in fields)
            foreach (var (column, isMissing) in Nested(inner, $"({value}).{DuckDbTypes.Quote(inner.Name)}", $"{path}.{inner.Name}", isTop: false))
                yield return (column, $"({value} IS NOT NULL AND {isMissing})");
    }

    private static EngineException Missing(string table, string column) =>
        new($"Cannot write to the Delta table '{table}': column '{column}' may not be null, and a row lacks it. Leave such rows out, or give them a value.") { ErrorClass = "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", SqlState = "23502" };
}
