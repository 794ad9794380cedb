using System.Globalization;

namespace Pipeline.Engine.UserFunctions.Calls;

/// <summary>A C# function threw; the inner exception is its own.</summary>
public sealed class UserFunctionException : Exception
{
    /// <summary>How the second line of <see cref="ToText"/> begins.</summary>
    public const string PlaceStart = "in the C# function";

    internal UserFunctionException(string function, int row, Exception inner) : base(FirstLine(inner), inner) => (Function, Row) = (function, row);

    /// <summary>The function's name.</summary>
    public string Function { get; }

    /// <summary>The row of the batch, from 0.</summary>
    public int Row { get; }

    /// <summary>The error in lines, for the way through an engine: the exception's type and message first, then where it was, then the .NET stack.</summary>
    /// <param name="place">Where in the query it was, such as <c>partition 3</c>; may be empty.</param>
    public string ToText(string place) => string.Create(CultureInfo.InvariantCulture,
        $"{Message}\n{PlaceStart} '{Function}'{(place.Length > 0 ? ", " : "")}{place}, row {Row} of the batch\n{Stack(InnerException!)}");

    /// <summary>Type and message of any error in the same form.</summary>
    internal static string FirstLine(Exception error) => $"{error.GetType().FullName}: {error.Message}";

    private static string Stack(Exception error)
    {
        var text = error.ToString();
        // The caller's own frames (the loop over the rows) say nothing to the function's author.
        var end = text.IndexOf("   at Pipeline.Engine.UserFunctions.Calls.Invoker`", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd();
    }
}
