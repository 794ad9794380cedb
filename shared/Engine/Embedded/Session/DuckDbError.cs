using DuckDB.NET.Native;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.UserFunctions.Calls;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>DuckDB's error texts as <see cref="EngineException"/>: the sentence first, then what DuckDB adds, with Spark's class where there is one.</summary>
internal static class DuckDbError
{
    /// <summary>An error on its way through DuckDB as a text that <see cref="Create"/> makes the same error of again.</summary>
    public static string Carry(Exception error) => error is EngineException engine
        ? $"{Mark}{engine.ErrorClass}|{engine.SqlState}|{(engine.IsTransient ? "transient" : "")}|{engine.Message}"
        : error is UserFunctionException function ? $"{Mark}|||{function.ToText("")}"
        : error is IOException or UnauthorizedAccessException ? $"{Mark}FAILED_READ_FILE|58030|transient|{error.Message}"
        : $"{Mark}|||{error.GetType().Name}: {error.Message}";

    private const string Mark = "\u0001engine|";

    public static EngineException Create(DuckDBErrorType type, string text, string? sql)
    {
        if (text.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var mark)
        {
            var parts = text[(mark + Mark.Length)..].Split('|', 4);
            // Below the first line of a C# function's error stands where it was, and the .NET stack.
            var carried = parts[3].Trim();
            var place = carried.IndexOf($"\n{UserFunctionException.PlaceStart}", StringComparison.Ordinal);
            return new EngineException(place < 0 ? carried : carried.Split('\n', 2)[0].TrimEnd())
            {
                UserStackTrace = place < 0 ? null : carried[(place + 1)..],
                ErrorClass = parts[0].Length == 0 ? null : parts[0],
                SqlState = parts[1].Length == 0 ? null : parts[1],
                IsTransient = parts[2].Length > 0,
            };
        }
        var (kind, message) = Split(text);
        var (errorClass, sqlState) = Classify(type, kind, message);
        return new EngineException(Advised(type, kind, message))
        {
            ErrorClass = errorClass,
            SqlState = sqlState,
            RemoteClass = $"duckdb.{(kind.Length == 0 ? type.ToString() : kind)}",
            RemoteStackTrace = sql is null ? null : $"In the query: {Shorten(sql)}",
            IsTransient = IsTransient(type, kind, message),
        };
    }

    /// <summary>The message, with what to do about it where it is the machine's matter.</summary>
    private static string Advised(DuckDBErrorType type, string kind, string message) =>
        IsFullDisk(message) ? $"The disk is full: {message.TrimEnd('.')}. Free some room and run again; nothing is lost."
        : IsOutOfMemory(type, kind) ? $"The embedded engine's memory does not suffice: {FirstLine(message).TrimEnd('.')}. Give it more with the setting spark.driver.memory, or run again; nothing is lost."
        : message;

    /// <summary>Without the advice that DuckDB has for its own settings.</summary>
    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd();

    private static bool IsOutOfMemory(DuckDBErrorType type, string kind) => type == DuckDBErrorType.OutOfMemory || kind == "Out of Memory";

    /// <summary><c>Catalog Error: Table with name x does not exist!</c> is the kind <c>Catalog</c> and the rest.</summary>
    internal static (string Kind, string Message) Split(string text)
    {
        var end = text.IndexOf(" Error: ", StringComparison.Ordinal);
        return end is > 0 and < 40 && !text.AsSpan(0, end).Contains('\n') ? (text[..end], text[(end + " Error: ".Length)..].Trim()) : ("", text.Trim());
    }

    private static (string? ErrorClass, string? SqlState) Classify(DuckDBErrorType type, string kind, string message) => kind switch
    {
        "Catalog" when message.StartsWith("Table", StringComparison.Ordinal) || message.StartsWith("View", StringComparison.Ordinal) => ("TABLE_OR_VIEW_NOT_FOUND", "42P01"),
        "Catalog" when message.Contains("Function", StringComparison.Ordinal) => ("UNRESOLVED_ROUTINE", "42883"),
        "Binder" when message.StartsWith("Referenced column", StringComparison.Ordinal) || message.Contains("does not have a column named", StringComparison.Ordinal) => ("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703"),
        "Binder" => ("DATATYPE_MISMATCH", "42K09"),
        "Parser" => ("PARSE_SYNTAX_ERROR", "42601"),
        "Conversion" => ("CAST_INVALID_INPUT", "22018"),
        "Out of Range" => ("ARITHMETIC_OVERFLOW", "22003"),
        "Invalid Input" => ("USER_RAISED_EXCEPTION", "P0001"),
        "Out of Memory" => ("UNABLE_TO_ACQUIRE_MEMORY", "53200"),
        "IO" => ("FAILED_READ_FILE", "58030"),
        "Divide by Zero" => ("DIVIDE_BY_ZERO", "22012"),
        _ => type switch
        {
            DuckDBErrorType.DivideByZero => ("DIVIDE_BY_ZERO", "22012"),
            DuckDBErrorType.Io => ("FAILED_READ_FILE", "58030"),
            _ => (null, null),
        },
    };

    private static bool IsTransient(DuckDBErrorType type, string kind, string message) =>
        IsOutOfMemory(type, kind)
        || ((type == DuckDBErrorType.Io || kind == "IO") && !message.StartsWith("No files found", StringComparison.Ordinal))
        || IsFullDisk(message)
        || message.Contains("max_temp_directory_size", StringComparison.Ordinal);

    private static bool IsFullDisk(string message) => message.Contains("No space left on device", StringComparison.Ordinal) || message.Contains("Disk quota exceeded", StringComparison.Ordinal);

    private static string Shorten(string sql) => sql.Length <= 2000 ? sql : sql[..2000] + "…";
}
