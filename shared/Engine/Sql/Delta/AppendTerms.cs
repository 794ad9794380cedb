namespace Pipeline.Engine.Sql.Delta;

/// <summary>What an append of chosen rows depends on, and what it is to write.</summary>
public sealed record AppendTerms
{
    /// <summary>Columns by which rows were found to be new; not empty.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>The version by which the rows were chosen, taken before the table was read; null where there was no table.</summary>
    public required long? ReadVersion { get; init; }

    /// <summary>Number of rows that are to be written.</summary>
    public required long Rows { get; init; }

    /// <summary>Writer options: <c>txnAppId</c>, <c>txnVersion</c>, <c>userMetadata</c>; with <c>replaceWhere</c> the rows take the place of those for which it holds.</summary>
    public required IReadOnlyDictionary<string, string> Options { get; init; }

    /// <summary>A condition that holds for every row of the table that can have one of the keys, for an engine that looks for them; its columns' names begin with the given prefix. Null where there is none.</summary>
    public Func<string, Column>? Within { get; init; }
}
