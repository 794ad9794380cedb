using System.Text;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    Word,
    Quoted,
    Number,
    Text,
    Symbol,
    End,
}

/// <summary>A token of Spark's SQL and the place where it begins.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Start)
{
    public bool IsWord(string word) => Kind == TokenKind.Word && Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Text == symbol;
}

/// <summary>Spark's SQL as tokens; null where a character or a quote is none of its.</summary>
internal static class SqlTokens
{
    private static readonly string[] Symbols = ["<=>", "<>", "!=", "<=", ">=", "==", "||", "->", "=", "<", ">", "+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "(", ")", "[", "]", ",", "."];

    public static List<Token>? Read(string sql)
    {
        var tokens = new List<Token>();
        for (var at = 0; at < sql.Length;)
        {
            if (char.IsWhiteSpace(sql[at]))
            {
                at++;
                continue;
            }
            var start = at;
            var token = sql[at] switch
            {
                '\'' or '"' => Text(sql, ref at),
                '`' => Backquoted(sql, ref at),
                var first when char.IsAsciiDigit(first) || (first == '.' && at + 1 < sql.Length && char.IsAsciiDigit(sql[at + 1])) => Number(sql, ref at),
                var first when char.IsLetter(first) || first == '_' => Word(sql, ref at),
                _ => Symbol(sql, ref at),
            };
            if (token is not { } found) return null;
            tokens.Add(found with { Start = start });
        }
        tokens.Add(new Token(TokenKind.End, "", sql.Length));
        return tokens;
    }

    private static Token Word(string sql, ref int at)
    {
        var start = at;
        while (at < sql.Length && (char.IsLetterOrDigit(sql[at]) || sql[at] == '_')) at++;
        return new Token(TokenKind.Word, sql[start..at], start);
    }

    private static Token Number(string sql, ref int at)
    {
        var start = at;
        while (at < sql.Length && (char.IsAsciiDigit(sql[at]) || sql[at] == '.')) at++;
        if (at < sql.Length && sql[at] is 'e' or 'E')
        {
            var digits = at + 1 < sql.Length && sql[at + 1] is '+' or '-' ? at + 2 : at + 1;
            if (digits < sql.Length && char.IsAsciiDigit(sql[digits]))
                for (at = digits; at < sql.Length && char.IsAsciiDigit(sql[at]);) at++;
        }
        while (at < sql.Length && char.IsLetter(sql[at])) at++;
        return new Token(TokenKind.Number, sql[start..at], start);
    }

    private static Token? Text(string sql, ref int at)
    {
        var quote = sql[at];
        var text = new StringBuilder();
        for (at++; at < sql.Length; at++)
        {
            if (sql[at] == '\\' && at + 1 < sql.Length) text.Append(Escaped(sql[++at]));
            else if (sql[at] != quote) text.Append(sql[at]);
            else if (at + 1 < sql.Length && sql[at + 1] == quote) text.Append(sql[at++]);
            else
            {
                at++;
                return new Token(TokenKind.Text, text.ToString(), 0);
            }
        }
        return null;
    }

    private static string Escaped(char character) => character switch
    {
        'n' => "\n",
        't' => "\t",
        'r' => "\r",
        '0' => "\0",
        '%' or '_' => $"\\{character}",
        _ => character.ToString(),
    };

    private static Token? Backquoted(string sql, ref int at)
    {
        var name = new StringBuilder();
        for (at++; at < sql.Length; at++)
        {
            if (sql[at] != '`') name.Append(sql[at]);
            else if (at + 1 < sql.Length && sql[at + 1] == '`') name.Append(sql[at++]);
            else
            {
                at++;
                return new Token(TokenKind.Quoted, name.ToString(), 0);
            }
        }
        return null;
    }

    private static Token? Symbol(string sql, ref int at)
    {
        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(sql, at, symbol, 0, symbol.Length) != 0) continue;
            at += symbol.Length;
            return new Token(TokenKind.Symbol, symbol, 0);
        }
        return null;
    }
}
