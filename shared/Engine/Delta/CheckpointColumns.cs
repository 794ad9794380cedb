using DuckDB.NET.Data;

namespace Pipeline.Engine.Delta;

/// <summary>Which columns a checkpoint has, and which fields in them: writers leave out what they do not use.</summary>
internal sealed class CheckpointColumns
{
    private readonly Dictionary<string, HashSet<string>> fields = new(StringComparer.Ordinal);

    private CheckpointColumns()
    {
    }

    public static CheckpointColumns Of(DuckDBCommand command, string source)
    {
        var columns = new CheckpointColumns();
        command.CommandText = $"DESCRIBE FROM {source}";
        using var reader = command.ExecuteReader();
        while (reader.Read()) columns.fields[reader.GetString(0)] = FieldsOf(reader.GetString(1));
        return columns;
    }

    public bool Has(string column) => fields.ContainsKey(column);

    public bool Has(string column, string field) => fields.TryGetValue(column, out var known) && known.Contains(field);

    /// <summary>Whether a row has its column, as SQL.</summary>
    public string IsSet(string column) => Has(column) ? $"\"{column}\" IS NOT NULL" : "false";

    /// <summary>The field as SQL, of a type that the reader can rely on; NULL where it is not there.</summary>
    public string Field(string column, string field, string type) => Has(column, field) ? $"{Name(column, field)}::{type}" : "NULL";

    /// <summary>The JSON of a field that is a map or a struct, as SQL; NULL where it is not there or is NULL.</summary>
    public string Json(string column, string field) => Has(column, field) ? $"CASE WHEN {Name(column, field)} IS NOT NULL THEN to_json({Name(column, field)})::VARCHAR END" : "NULL";

    /// <summary>Names of the outer fields of <c>STRUCT(path VARCHAR, "offset" INTEGER, …)</c>, as DuckDB writes a type; none where it is no struct.</summary>
    internal static HashSet<string> FieldsOf(string type)
    {
        const string Struct = "STRUCT(";
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!type.StartsWith(Struct, StringComparison.Ordinal) || !type.EndsWith(')')) return names;
        var (depth, start, isQuoted) = (0, Struct.Length, false);
        for (var i = start; i < type.Length; i++)
        {
            if (type[i] == '"') isQuoted = !isQuoted;
            else if (isQuoted) continue;
            else if (depth == 0 && type[i] is ',' or ')')
            {
                var field = type.AsSpan(start..i).Trim();
                names.Add(field[0] == '"' ? field[1..(field[1..].IndexOf('"') + 1)].ToString() : field[..field.IndexOf(' ')].ToString());
                start = i + 1;
            }
            else if (type[i] == '(') depth++;
            else if (type[i] == ')') depth--;
        }

        return names;
    }

    private static string Name(string column, string field) => $"\"{column}\".\"{field}\"";
}
