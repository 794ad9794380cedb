using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Whether a user's text is one query and nothing else, from DuckDB's own syntax tree: nothing is resolved and nothing runs.</summary>
/// <remarks>Functions that answer tables are let through by name, so that one that a later DuckDB brings is refused until somebody has looked at what it does.</remarks>
internal static partial class QueryCheck
{
    /// <summary>Table functions that make rows out of their arguments or describe the session's own tables.</summary>
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "summary",
        "duckdb_columns", "duckdb_functions", "duckdb_keywords", "duckdb_tables", "duckdb_types", "duckdb_views", "pragma_table_info", "pragma_version",
    };

    /// <summary>Table functions that read files, or list them.</summary>
    private static readonly HashSet<string> Readers = new(StringComparer.OrdinalIgnoreCase)
    {
        "read_csv", "read_csv_auto", "sniff_csv", "read_text", "read_blob", "glob",
        "read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto", "read_ndjson", "read_ndjson_auto", "read_ndjson_objects",
        "read_parquet", "parquet_scan", "parquet_schema", "parquet_metadata", "parquet_file_metadata", "parquet_kv_metadata", "parquet_full_metadata", "parquet_bloom_probe",
    };

    /// <summary>Requires that a text is one query.</summary>
    /// <param name="database">Whose parser is asked.</param>
    /// <param name="sql">The text.</param>
    /// <param name="allowFiles">Whether the query may read files.</param>
    /// <exception cref="EngineException">The text is something else; the message says what.</exception>
    public static void Require(Database database, string sql, bool allowFiles)
    {
        var explain = Explain().Match(sql);
        var query = sql.Remove(explain.Index, explain.Length);
        using var document = JsonDocument.Parse(database.SyntaxTree(query), new JsonDocumentOptions { MaxDepth = 2000 });
        var root = document.RootElement;
        if (root.TryGetProperty("error", out var failed) && failed.GetBoolean())
        {
            var isSyntax = root.TryGetProperty("error_type", out var type) && type.ValueEquals("parser");
            if (!isSyntax) throw QueryRefusal.NoQuery("only queries are accepted (SELECT, WITH, VALUES, FROM, DESCRIBE, SHOW, SUMMARIZE), and this statement is none");
            var place = root.TryGetProperty("position", out var position) && int.TryParse(position.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? Place(sql, UnitsBefore(query, at) + explain.Length) : "";
            throw QueryRefusal.NoQuery(root.GetProperty("error_message").GetString() + place);
        }

        var count = root.GetProperty("statements").GetArrayLength();
        if (count != 1) throw QueryRefusal.NoQuery(FormattableString.Invariant($"one query is expected, and the text has {count} statements"));
        RequireTables(root, allowFiles);
    }

    /// <summary>UTF-16's units of a text before a place that is counted in characters, as DuckDB's parser counts.</summary>
    private static int UnitsBefore(string text, int characters) => text.EnumerateRunes().Take(characters).Sum(static rune => rune.Utf16SequenceLength);

    /// <summary>The line of a place with a caret below it, as DuckDB shows the places of its other errors.</summary>
    private static string Place(string sql, int at)
    {
        var start = at == 0 ? 0 : sql.LastIndexOf('\n', at - 1) + 1;
        var end = sql.IndexOf('\n', at) is >= 0 and var next ? next : sql.Length;
        var head = string.Create(CultureInfo.InvariantCulture, $"LINE {sql.AsSpan(0, start).Count('\n') + 1}: ");
        return $"\n\n{head}{sql[start..end].TrimEnd('\r').Replace('\t', ' ')}\n{new string(' ', head.Length + at - start)}^";
    }

    private static void RequireTables(JsonElement element, bool allowFiles)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) RequireTables(item, allowFiles);
            return;
        }

        if (element.ValueKind != JsonValueKind.Object) return;
        if (Is(element, "TABLE_FUNCTION") && element.TryGetProperty("function", out var function)) RequireKnown(function, allowFiles);
        if (!allowFiles && Is(element, "BASE_TABLE") && element.TryGetProperty("table_name", out var name) && IsPath(name.GetString()!)) throw QueryRefusal.ReadsFiles($"the query reads the file '{name.GetString()}'");
        foreach (var member in element.EnumerateObject()) RequireTables(member.Value, allowFiles);
    }

    private static void RequireKnown(JsonElement function, bool allowFiles)
    {
        var name = function.GetProperty("function_name").GetString()!;
        if (Harmless.Contains(name) || (allowFiles && Readers.Contains(name))) return;
        throw Readers.Contains(name) ? QueryRefusal.ReadsFiles($"the function '{name}' reads files") : QueryRefusal.NoQuery($"the function '{name}' is none of those that a query may take rows from");
    }

    private static bool Is(JsonElement element, string type) => element.TryGetProperty("type", out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(type);

    /// <summary>DuckDB takes the name of a table that there is none of for a file.</summary>
    private static bool IsPath(string name) => name.AsSpan().ContainsAny('/', '\\', '.') || name.AsSpan().ContainsAny('*', '?', ':');

    [GeneratedRegex(@"\A(?:\s|--[^\n]*\n|/\*.*?\*/)*EXPLAIN\s+(?:ANALYZE\s+)?", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Explain();
}
