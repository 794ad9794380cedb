namespace Pipeline.Engine.Sql.Engines;

/// <summary>Errors of <see cref="IEngine.RequireQuery"/>, the same on every engine.</summary>
public static class QueryRefusal
{
    /// <summary>Error class where a query reads files and may not.</summary>
    public const string FilesNotAllowed = "FILES_NOT_ALLOWED";

    /// <summary>The text is not one query.</summary>
    /// <param name="why">What it is, in words that go on after "The query cannot be run:".</param>
    public static EngineException NoQuery(string why) => new(why) { ErrorClass = "PARSE_SYNTAX_ERROR", SqlState = "42601" };

    /// <summary>The query reads a file.</summary>
    /// <param name="why">Which, in the same form.</param>
    public static EngineException ReadsFiles(string why) => new(why) { ErrorClass = FilesNotAllowed, SqlState = "42501" };
}
