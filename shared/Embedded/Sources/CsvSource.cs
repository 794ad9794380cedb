using Pipeline.Embedded.Session;
using Pipeline.Sql.Engine;
using Pipeline.Sql.Types;

namespace Pipeline.Embedded.Sources;

/// <summary>CSV files with declared columns.</summary>
internal static class CsvSource
{
    public static SourceView Open(SessionContext session, SourceSpec spec)
    {
        var files = InputFiles.Resolve(spec);
        var schema = spec.Schema ?? throw new EngineException("Reading csv needs a declared schema: give one to Schema(…).");
        string Option(string name, string otherwise) => spec.Options.FirstOrDefault(option => option.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? otherwise;
        var separator = Option("sep", Option("delimiter", ","));
        var header = Option("header", "false").Equals("true", StringComparison.OrdinalIgnoreCase);
        var columns = string.Join(", ", schema.Select(field => $"{DuckDbTypes.Literal(field.Name)}: 'VARCHAR'"));
        var scan = $"read_csv([{string.Join(", ", files.Select(DuckDbTypes.Literal))}], columns = {{{columns}}}, header = {(header ? "true" : "false")}, delim = {DuckDbTypes.Literal(separator)}, quote = '\"', auto_detect = false, null_padding = true, strict_mode = false, parallel = false)";
        var values = schema.Select(field => field.DataType is StringType ? DuckDbTypes.Quote(field.Name) : $"TRY_CAST({DuckDbTypes.Quote(field.Name)} AS {DuckDbTypes.ToSql(field.DataType)}) AS {DuckDbTypes.Quote(field.Name)}");
        return session.MakeView("csv", $"SELECT {string.Join(", ", values)} FROM {scan}", schema);
    }
}
