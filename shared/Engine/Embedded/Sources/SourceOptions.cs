using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Options of a source or sink by name; upper and lower case are one, as in Spark.</summary>
internal sealed class SourceOptions(IReadOnlyDictionary<string, string> options)
{
    private readonly Dictionary<string, string> values = new(options, StringComparer.OrdinalIgnoreCase);

    public string? this[string name] => values.GetValueOrDefault(name);

    public string Text(string name, string otherwise) => values.GetValueOrDefault(name, otherwise);

    /// <summary>The options whose names begin so.</summary>
    public IReadOnlyDictionary<string, string> StartingWith(string prefix) => values.Where(option => option.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).ToDictionary(StringComparer.Ordinal);

    /// <exception cref="EngineException">The option is neither true nor false.</exception>
    public bool Flag(string name, bool otherwise) => !values.TryGetValue(name, out var text) ? otherwise
        : bool.TryParse(text, out var flag) ? flag
        : throw new EngineException($"The option {name} is '{text}'; it takes true or false.") { ErrorClass = "INVALID_OPTION", SqlState = "22023" };

    /// <exception cref="EngineException">The option is not a number.</exception>
    public long? Number(string name) => !values.TryGetValue(name, out var text) ? null
        : long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number
        : throw new EngineException($"The option {name} is '{text}'; it takes a whole number.") { ErrorClass = "INVALID_OPTION", SqlState = "22023" };

    /// <summary>An option of one character: none where it is set to nothing.</summary>
    /// <exception cref="EngineException">The option is longer.</exception>
    public byte? Character(string name, char otherwise)
    {
        var text = Text(name, otherwise.ToString());
        return text.Length switch
        {
            0 => null,
            1 when text[0] is > '\0' and < (char)128 => (byte)text[0],
            1 when text[0] == '\0' => null,
            _ => throw new EngineException($"The option {name} is '{text}'; it takes one ASCII character.") { ErrorClass = "INVALID_OPTION", SqlState = "22023" },
        };
    }
}

/// <summary>What happens to a record that does not fit the declared columns.</summary>
internal enum ParseMode
{
    /// <summary>It is kept, with null where a value cannot be read.</summary>
    Permissive,

    /// <summary>It is left out.</summary>
    DropMalformed,

    /// <summary>The query fails.</summary>
    FailFast,
}
