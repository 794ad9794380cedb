using System.Globalization;

namespace Pipeline.Engine.UserFunctions.Calls;

/// <summary>A C# function threw; the inner exception is its own.</summary>
public sealed class UserFunctionException : Exception
{
    /// <summary>How the second line of <see cref="ToText"/> begins.</summary>
    public const string PlaceStart = "in the C# function";

    internal UserFunctionException(string function, string place, Exception inner) : base(FirstLine(inner), inner) => (Function, Place) = (function, place);

    /// <summary>The function's name.</summary>
    public string Function { get; }

    /// <summary>What it was called for, such as <c>row 3 of the batch</c> (rows count from 0) or <c>group city = 'Lund'</c>.</summary>
    public string Place { get; }

    /// <summary>The error in lines, for the way through an engine: the exception's type and message first, then where it was, then the .NET stack.</summary>
    /// <param name="place">Where in the query it was, such as <c>partition 3</c>; may be empty.</param>
    public string ToText(string place) => string.Create(CultureInfo.InvariantCulture,
        $"{Message}\n{PlaceStart} '{Function}'{(place.Length > 0 ? ", " : "")}{place}, {Place}\n{Stack(InnerException!)}");

    /// <summary>Type and message of any error in the same form.</summary>
    internal static string FirstLine(Exception error) => $"{error.GetType().FullName}: {error.Message}";

    private static string Stack(Exception error)
    {
        var text = error.ToString();
        // The caller's own frames (the loop over the rows) say nothing to the function's author.
        var end = text.IndexOf("   at Pipeline.Engine.UserFunctions.Calls.", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd();
    }
}
