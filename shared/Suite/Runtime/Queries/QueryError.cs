using System.Text.RegularExpressions;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Suite.Runtime.Queries;

/// <summary>What an engine says of a query that cannot run, in two parts: a sentence with its hints, and the line of the query with a mark below the place.</summary>
/// <param name="Sentence">On one line, without its full stop.</param>
/// <param name="Place">Lines as the engine prints them (<c>LINE 1: …</c> and a caret; Spark's <c>== SQL ==</c>), or null where it names no place.</param>
internal sealed partial record QueryError(string Sentence, string? Place)
{
    /// <summary>The parts of an error's message.</summary>
    /// <param name="error">The error.</param>
    /// <param name="knowsTables">Whether the engine knew all tables there are, so that its own guess at a table's name is worth telling.</param>
    public static QueryError Of(EngineException error, bool knowsTables = false)
    {
        ArgumentNullException.ThrowIfNull(error);
        string[] lines = error.Message.ReplaceLineEndings("\n").Split('\n');
        var place = Array.FindIndex(lines, static line => PlaceStart().IsMatch(line));
        var told = place < 0 ? lines : lines[..place];
        var isMissingTable = error.ErrorClass == "TABLE_OR_VIEW_NOT_FOUND";
        var hints = told.Skip(1).Select(static line => line.Trim()).Where(line => Hint().IsMatch(line) && (knowsTables || !isMissingTable || !line.StartsWith("Did you mean", StringComparison.Ordinal)));
        var sentence = string.Join(" ", told.Take(1).Concat(hints).Select(static line => line.Trim())).TrimEnd('.', '!');
        return new QueryError(sentence, place < 0 ? null : string.Join('\n', lines[place..]).TrimEnd());
    }

    /// <summary>The name of the table that is not there, or null where the message is about something else.</summary>
    public static string? MissingTable(EngineException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.ErrorClass == "TABLE_OR_VIEW_NOT_FOUND" && TableName().Match(error.Message) is { Success: true } match ? match.Groups["name"].Value : null;
    }

    [GeneratedRegex(@"\A(LINE \d+: |== SQL)")]
    private static partial Regex PlaceStart();

    [GeneratedRegex(@"\A(Did you mean|Candidate bindings|HINT:)")]
    private static partial Regex Hint();

    [GeneratedRegex(@"(?:Table with name |table or view )`?(?<name>\w+)`?")]
    private static partial Regex TableName();
}
