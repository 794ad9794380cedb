using System.Text.RegularExpressions;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>What a statement is.</summary>
internal enum StatementKind
{
    /// <summary>Rows that another query can stand on.</summary>
    Query,

    /// <summary>Rows that stand alone: SHOW, DESCRIBE, EXPLAIN.</summary>
    Listing,

    /// <summary>No rows.</summary>
    Command,
}

/// <summary>What must be known of SQL that the caller wrote.</summary>
internal static partial class SqlText
{
    public static StatementKind KindOf(string sql) => FirstWord().Match(sql).Groups["word"].Value.ToUpperInvariant() switch
    {
        "SELECT" or "WITH" or "FROM" or "VALUES" or "TABLE" or "" => StatementKind.Query,
        "SHOW" or "DESCRIBE" or "DESC" or "EXPLAIN" or "SUMMARIZE" or "PRAGMA" => StatementKind.Listing,
        _ => StatementKind.Command,
    };

    /// <summary>Whether the name stands in the text as a word.</summary>
    public static bool Mentions(string sql, string name) =>
        Regex.IsMatch(sql, $@"(?<![\w]){Regex.Escape(name)}(?![\w])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    public static bool IsFunctionName(string name) => FunctionName().IsMatch(name);

    /// <summary>The path of <c>delta.`path`</c>, or null.</summary>
    public static string? DeltaPath(string tableName) => DeltaTableName().Match(tableName) is { Success: true } match ? match.Groups["path"].Value : null;

    /// <summary>An expression in Spark's SQL; what the parser does not know is kept as the engine's own text.</summary>
    public static Expr Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return SqlParser.TryParse(text) ?? Raw(text);
    }

    private static Expr Raw(string text)
    {
        // An alias at the end is taken off: the text becomes a select item of its own.
        if (SqlTokens.Read(text) is [_, .., var word, var name, { Kind: TokenKind.End }] && word.IsWord("AS") && name.Kind is TokenKind.Word or TokenKind.Quoted)
            return new Aliased(new RawSql(text[..word.Start].TrimEnd()), [name.Text]);
        return new RawSql(text);
    }

    [GeneratedRegex(@"\A(\s|--[^\n]*(\n|\z)|/\*.*?\*/|\()*(?<word>[A-Za-z]*)", RegexOptions.Singleline)]
    private static partial Regex FirstWord();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\z")]
    private static partial Regex FunctionName();

    [GeneratedRegex(@"\A\s*delta\.`(?<path>[^`]+)`\s*\z", RegexOptions.IgnoreCase)]
    private static partial Regex DeltaTableName();
}
