using System.Globalization;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Expressions in Spark's SQL as the plan's own, so that they mean the same on every engine.</summary>
/// <remarks>What it does not know (INTERVAL, subqueries, extract …) it answers null for, and the text goes to the engine as it is.</remarks>
internal sealed partial class SqlParser
{
    private readonly string sql;
    private readonly List<Token> tokens;
    private readonly HashSet<string> parameters = new(StringComparer.OrdinalIgnoreCase);
    private int at;

    private SqlParser(string sql, List<Token> tokens)
    {
        this.sql = sql;
        this.tokens = tokens;
    }

    private Token Here => tokens[at];

    public static Expr? TryParse(string sql)
    {
        if (SqlTokens.Read(sql) is not { } tokens) return null;
        try
        {
            var parser = new SqlParser(sql, tokens);
            var expr = parser.Named();
            return parser.Here.Kind == TokenKind.End ? expr : null;
        }
        catch (UnknownSyntaxException)
        {
            return null;
        }
    }

    private Expr Named()
    {
        var value = Expression();
        if (TakeWord("AS"))
        {
            if (!Take("(")) return new Aliased(value, [Name()]);
            var names = new List<string>();
            do names.Add(Name());
            while (Take(","));
            Expect(")");
            return new Aliased(value, [.. names]);
        }
        return Here.Kind is TokenKind.Quoted || (Here.Kind == TokenKind.Word && !Keywords.Contains(Here.Text)) ? new Aliased(value, [Name()]) : value;
    }

    private Expr Expression() => Or();

    private Expr Or()
    {
        var left = And();
        while (TakeWord("OR")) left = new Call("or", left, And());
        return left;
    }

    private Expr And()
    {
        var left = Not();
        while (TakeWord("AND")) left = new Call("and", left, Not());
        return left;
    }

    private Expr Not() => TakeWord("NOT") || Take("!") ? new Call("not", Not()) : Comparison();

    private Expr Comparison()
    {
        var left = Sum(0);
        while (true)
        {
            if (TakeOne(["=", "==", "<>", "!=", "<=>", "<=", ">=", "<", ">"]) is { } symbol)
            {
                left = new Call(symbol switch { "==" => "=", "!=" => "<>", _ => symbol }, left, Sum(0));
                continue;
            }
            if (TakeWord("IS"))
            {
                var isNot = TakeWord("NOT");
                if (TakeWord("NULL")) left = new Call(isNot ? "isnotnull" : "isnull", left);
                else if (TakeWord("TRUE")) left = Negated(isNot, new Call("<=>", left, LiteralValue.Of(true)));
                else if (TakeWord("FALSE")) left = Negated(isNot, new Call("<=>", left, LiteralValue.Of(false)));
                else throw new UnknownSyntaxException();
                continue;
            }
            var start = at;
            var negated = TakeWord("NOT");
            if (Predicate(left) is not { } predicate)
            {
                at = start;
                return left;
            }
            left = Negated(negated, predicate);
        }
    }

    private Call? Predicate(Expr left)
    {
        if (TakeWord("BETWEEN"))
        {
            var low = Sum(0);
            if (!TakeWord("AND")) throw new UnknownSyntaxException();
            return new Call("between", left, low, Sum(0));
        }
        if (TakeWord("IN"))
        {
            Expect("(");
            return new Call("in", (System.Collections.Immutable.ImmutableArray<Expr>)[left, .. Arguments()]);
        }
        if (TakeWord("LIKE")) return new Call("like", left, Sum(0));
        if (TakeWord("ILIKE")) return new Call("ilike", left, Sum(0));
        return TakeWord("RLIKE") || TakeWord("REGEXP") ? new Call("rlike", left, Sum(0)) : null;
    }

    private static Expr Negated(bool isNot, Expr expr) => isNot ? new Call("not", expr) : expr;

    private static readonly string[][] Levels = [["|"], ["^"], ["&"], ["+", "-", "||"], ["*", "/", "%"]];

    private Expr Sum(int level)
    {
        if (level == Levels.Length) return Unary();
        var left = Sum(level + 1);
        while (true)
        {
            if (TakeOne(Levels[level]) is { } symbol) left = new Call(symbol == "||" ? "concat" : symbol, left, Sum(level + 1));
            else if (level == Levels.Length - 1 && TakeWord("DIV")) left = new Call("div", left, Sum(level + 1));
            else return left;
        }
    }

    private Expr Unary()
    {
        if (Take("-"))
        {
            var value = Unary();
            return value is Literal literal ? Negative(literal) : new Call("negative", value);
        }
        if (Take("+")) return Unary();
        return Take("~") ? new Call("~", Unary()) : Postfix(Primary());
    }

    private static Expr Negative(Literal literal) => literal.Value switch
    {
        int number => LiteralValue.Of(-number),
        long number => LiteralValue.Of(-number),
        double number => LiteralValue.Of(-number),
        decimal number => LiteralValue.Of(-number),
        _ => new Call("negative", literal),
    };

    private Expr Postfix(Expr value)
    {
        while (true)
        {
            if (Take("["))
            {
                var key = Expression();
                Expect("]");
                value = new Call("getitem", value, key);
            }
            else if (value is not (NamedColumn or Star) && Take(".")) value = new Call("getfield", value, LiteralValue.Of(Name()));
            else return value;
        }
    }

    private Expr Primary()
    {
        var token = Here;
        switch (token.Kind)
        {
            case TokenKind.Text:
                at++;
                return LiteralValue.Of(token.Text);
            case TokenKind.Number:
                at++;
                return Number(token.Text);
            case TokenKind.Quoted:
                return Column();
            case TokenKind.Word:
                return Word();
            case TokenKind.Symbol when Take("*"):
                return new Star(null);
            case TokenKind.Symbol when Take("("):
                if (IsLambda()) return LambdaOf();
                var inner = Expression();
                Expect(")");
                return inner;
            default:
                throw new UnknownSyntaxException();
        }
    }

    private static Expr Number(string text)
    {
        var digits = text.TrimEnd('L', 'l', 'S', 's', 'Y', 'y', 'D', 'd', 'B', 'b', 'F', 'f');
        var suffix = text[digits.Length..].ToUpperInvariant();
        var isWhole = !digits.AsSpan().ContainsAny('.', 'e', 'E');
        return suffix switch
        {
            "" when isWhole => int.TryParse(digits, CultureInfo.InvariantCulture, out var small) ? LiteralValue.Of(small) : LiteralValue.Of(long.Parse(digits, CultureInfo.InvariantCulture)),
            "L" when isWhole => LiteralValue.Of(long.Parse(digits, CultureInfo.InvariantCulture)),
            "S" when isWhole => LiteralValue.Of(short.Parse(digits, CultureInfo.InvariantCulture)),
            "Y" when isWhole => LiteralValue.Of(sbyte.Parse(digits, CultureInfo.InvariantCulture)),
            "" when !digits.AsSpan().ContainsAny('e', 'E') => LiteralValue.Of(decimal.Parse(digits, CultureInfo.InvariantCulture)),
            "BD" => LiteralValue.Of(decimal.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture)),
            "" or "D" => LiteralValue.Of(double.Parse(digits, CultureInfo.InvariantCulture)),
            "F" => LiteralValue.Of(float.Parse(digits, CultureInfo.InvariantCulture)),
            _ => throw new UnknownSyntaxException(),
        };
    }

    private Expr Word()
    {
        var next = tokens[at + 1];
        if (next.IsSymbol("->") || parameters.Contains(Here.Text)) return Parameter();
        if (next.IsSymbol("(")) return FunctionCall();
        if (next.Kind == TokenKind.Text && DatedLiteral(next.Text) is { } literal) return literal;
        if (TakeWord("TRUE")) return LiteralValue.Of(true);
        if (TakeWord("FALSE")) return LiteralValue.Of(false);
        if (TakeWord("NULL")) return LiteralValue.Of(null);
        if (TakeWord("CASE")) return CaseOf();
        if (Here.IsWord("CURRENT_DATE") || Here.IsWord("CURRENT_TIMESTAMP")) return new Call(tokens[at++].Text.ToLowerInvariant());
        return Keywords.Contains(Here.Text) ? throw new UnknownSyntaxException() : Column();
    }

    private Expr? DatedLiteral(string text)
    {
        Expr? literal = null;
        if (Here.IsWord("DATE") && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) literal = LiteralValue.Of(day);
        if (Here.IsWord("TIMESTAMP") && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) literal = LiteralValue.Of(time);
        if (literal is null) throw new UnknownSyntaxException();
        at += 2;
        return literal;
    }

    private Expr Column()
    {
        var name = Part();
        while (Take("."))
        {
            if (Take("*")) return new Star(name);
            name += "." + Part();
        }
        return new NamedColumn(name);
    }

    private string Part() => Here.Kind switch
    {
        TokenKind.Quoted => $"`{tokens[at++].Text}`",
        TokenKind.Word => tokens[at++].Text,
        _ => throw new UnknownSyntaxException(),
    };

    private string Name() => Here.Kind is TokenKind.Quoted or TokenKind.Word ? tokens[at++].Text : throw new UnknownSyntaxException();

    private Case CaseOf()
    {
        var subject = Here.IsWord("WHEN") ? null : Expression();
        var branches = new List<CaseBranch>();
        while (TakeWord("WHEN"))
        {
            var when = Expression();
            if (!TakeWord("THEN")) throw new UnknownSyntaxException();
            branches.Add(new CaseBranch(subject is null ? when : new Call("=", subject, when), Expression()));
        }
        var otherwise = TakeWord("ELSE") ? Expression() : null;
        return TakeWord("END") && branches.Count > 0 ? new Case([.. branches], otherwise) : throw new UnknownSyntaxException();
    }

    private bool Take(string symbol)
    {
        if (!Here.IsSymbol(symbol)) return false;
        at++;
        return true;
    }

    private string? TakeOne(string[] symbols)
    {
        if (Here.Kind != TokenKind.Symbol || !symbols.Contains(Here.Text)) return null;
        return tokens[at++].Text;
    }

    private bool TakeWord(string word)
    {
        if (!Here.IsWord(word)) return false;
        at++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol)) throw new UnknownSyntaxException();
    }

    /// <summary>The parser does not know what stands here.</summary>
    private sealed class UnknownSyntaxException : Exception;
}
