using System.Collections.Immutable;
using Pipeline.Engine.Sql.Dialects;

namespace Pipeline.Engine.Sql.Plan;

internal sealed partial class SqlParser
{
    private static readonly HashSet<string> Keywords = new(
        ["AND", "OR", "NOT", "IS", "IN", "BETWEEN", "LIKE", "ILIKE", "RLIKE", "REGEXP", "CASE", "WHEN", "THEN", "ELSE", "END", "AS", "DIV", "OVER", "SELECT", "FROM", "EXISTS", "INTERVAL",
            "DISTINCT", "ORDER", "PARTITION", "ASC", "DESC", "NULLS"],
        StringComparer.OrdinalIgnoreCase);

    private Expr FunctionCall()
    {
        var name = tokens[at].Text.ToLowerInvariant();
        at += 2;
        if (name is "cast" or "try_cast") return Cast();
        if (name == "extract") return Extract();
        if (Keywords.Contains(name)) throw new UnknownSyntaxException();
        var isDistinct = TakeWord("DISTINCT");
        var arguments = Arguments();
        var call = SqlFunctions.Make(name, [.. arguments]);
        if (isDistinct) call = call is Call aggregate ? aggregate with { IsDistinct = true } : throw new UnknownSyntaxException();
        return TakeWord("OVER") ? Over(call) : call;
    }

    private List<Expr> Arguments()
    {
        var arguments = new List<Expr>();
        if (Take(")")) return arguments;
        do arguments.Add(Expression());
        while (Take(","));
        Expect(")");
        return arguments;
    }

    private Expr Extract()
    {
        var unit = Name().ToLowerInvariant();
        if (!TakeWord("FROM")) throw new UnknownSyntaxException();
        var value = Expression();
        Expect(")");
        return unit is "year" or "quarter" or "month" or "day" or "hour" or "minute" or "dayofweek" ? SqlFunctions.Make(unit, [value]) : throw new UnknownSyntaxException();
    }

    private CastTo Cast()
    {
        var value = Expression();
        if (!TakeWord("AS")) throw new UnknownSyntaxException();
        var start = Here.Start;
        for (var depth = 1; depth > 0; at++)
        {
            if (Here.Kind == TokenKind.End) throw new UnknownSyntaxException();
            depth += Here.IsSymbol("(") ? 1 : Here.IsSymbol(")") ? -1 : 0;
        }
        return new CastTo(value, DdlParser.ParseType(sql[start..tokens[at - 1].Start]));
    }

    private Windowed Over(Expr function)
    {
        Expect("(");
        var partition = new List<Expr>();
        if (TakeWord("PARTITION"))
        {
            if (!TakeWord("BY")) throw new UnknownSyntaxException();
            do partition.Add(Expression());
            while (Take(","));
        }
        var order = new List<SortKey>();
        if (TakeWord("ORDER"))
        {
            if (!TakeWord("BY")) throw new UnknownSyntaxException();
            do order.Add(Key());
            while (Take(","));
        }
        Frame? frame = null;
        if (Here.IsWord("ROWS") || Here.IsWord("RANGE"))
        {
            var isRows = tokens[at++].IsWord("ROWS");
            if (!TakeWord("BETWEEN")) throw new UnknownSyntaxException();
            var start = Bound();
            if (!TakeWord("AND")) throw new UnknownSyntaxException();
            frame = new Frame(isRows, start, Bound());
        }
        Expect(")");
        return new Windowed(function, [.. partition], [.. order], frame);
    }

    private SortKey Key()
    {
        var value = Expression();
        var isAscending = !TakeWord("DESC");
        if (isAscending) TakeWord("ASC");
        var nullsFirst = isAscending;
        if (TakeWord("NULLS")) nullsFirst = TakeWord("FIRST") || (TakeWord("LAST") ? false : throw new UnknownSyntaxException());
        return new SortKey(value, isAscending, nullsFirst);
    }

    private long Bound()
    {
        if (TakeWord("CURRENT")) return TakeWord("ROW") ? 0 : throw new UnknownSyntaxException();
        if (TakeWord("UNBOUNDED")) return TakeWord("PRECEDING") ? long.MinValue : TakeWord("FOLLOWING") ? long.MaxValue : throw new UnknownSyntaxException();
        if (Here.Kind != TokenKind.Number || !int.TryParse(Here.Text, System.Globalization.CultureInfo.InvariantCulture, out var offset)) throw new UnknownSyntaxException();
        at++;
        return TakeWord("PRECEDING") ? -offset : TakeWord("FOLLOWING") ? offset : throw new UnknownSyntaxException();
    }

    /// <summary>Whether the parenthesis that was just opened holds the parameters of a lambda.</summary>
    private bool IsLambda()
    {
        for (var i = at; i < tokens.Count; i++)
        {
            if (tokens[i].IsSymbol(")")) return tokens[i + 1].IsSymbol("->");
            if (tokens[i].Kind != TokenKind.Word && !tokens[i].IsSymbol(",")) return false;
        }
        return false;
    }

    private Lambda LambdaOf()
    {
        var names = new List<string>();
        do names.Add(Name());
        while (Take(","));
        Expect(")");
        return Body(names);
    }

    private Expr Parameter()
    {
        var name = tokens[at++].Text;
        return Here.IsSymbol("->") ? Body([name]) : Postfix(new LambdaVariable(name));
    }

    private Lambda Body(List<string> names)
    {
        Expect("->");
        var added = names.Where(parameters.Add).ToArray();
        var body = Expression();
        parameters.ExceptWith(added);
        return new Lambda([.. names], body);
    }
}

/// <summary>Functions by the names and arguments that they have in Spark's SQL.</summary>
internal static class SqlFunctions
{
    private static readonly Dictionary<string, string> Synonyms = new(StringComparer.Ordinal)
    {
        ["mean"] = "avg",
        ["std"] = "stddev_samp",
        ["stddev"] = "stddev_samp",
        ["variance"] = "var_samp",
        ["every"] = "bool_and",
        ["some"] = "bool_or",
        ["any"] = "bool_or",
        ["first_value"] = "first",
        ["last_value"] = "last",
        ["power"] = "pow",
        ["ceiling"] = "ceil",
        ["sign"] = "signum",
        ["mod"] = "%",
        ["substr"] = "substring",
        ["ucase"] = "upper",
        ["lcase"] = "lower",
        ["char_length"] = "length",
        ["len"] = "length",
        ["char"] = "chr",
        ["printf"] = "format_string",
        ["nvl"] = "coalesce",
        ["ifnull"] = "coalesce",
        ["dayofmonth"] = "day",
        ["date_diff"] = "datediff",
        ["dateadd"] = "date_add",
        ["now"] = "current_timestamp",
        ["array_agg"] = "collect_list",
        ["cardinality"] = "size",
        ["approx_percentile"] = "percentile_approx",
        ["sha"] = "sha1",
        ["position"] = "locate",
        ["regexp_like"] = "rlike",
        ["regexp"] = "rlike",
        ["reduce"] = "aggregate",
        ["try_to_timestamp"] = "to_timestamp",
        ["try_divide"] = "/",
        ["to_unix_timestamp"] = "unix_timestamp",
    };

    /// <summary>The call; one of the engine's own where the table has no such function.</summary>
    public static Expr Make(string sqlName, ImmutableArray<Expr> arguments)
    {
        var name = Synonyms.GetValueOrDefault(sqlName, sqlName);
        Expr Filled(params Expr[] defaults) => new Call(name, arguments.AddRange(defaults));
        return (name, arguments.Length) switch
        {
            ("if", 3) => new Case([new CaseBranch(arguments[0], arguments[1])], arguments[2]),
            ("nvl2", 3) => new Case([new CaseBranch(new Call("isnotnull", arguments[0]), arguments[1])], arguments[2]),
            ("round" or "bround", 1) => Filled(LiteralValue.Of(0)),
            ("log", 1) => new Call("ln", arguments[0]),
            ("substring", 2) => Filled(LiteralValue.Of(int.MaxValue)),
            ("split", 2) => Filled(LiteralValue.Of(-1)),
            ("regexp_extract" or "regexp_extract_all", 2) => Filled(LiteralValue.Of(1)),
            ("lpad" or "rpad", 2) => Filled(LiteralValue.Of(" ")),
            ("to_date", 2) => new Call("to_date_format", arguments),
            ("to_timestamp", 2) => new Call("to_timestamp_format", arguments),
            ("unix_timestamp", 1) => new Call("unix_timestamp_of", arguments),
            ("unix_timestamp", 2) => new Call("unix_timestamp_of", new Call("to_timestamp_format", arguments)),
            ("locate", 2) => new Call("instr", arguments[1], arguments[0]),
            ("sort_array", 2) when arguments[1] is Literal { Value: false } => new Call("sort_array_desc", arguments[0]),
            ("sort_array", 2) when arguments[1] is Literal { Value: true } => new Call("sort_array", arguments[0]),
            ("trim", 2) => new Call("btrim", arguments[1], arguments[0]),
            ("first" or "last", 2) when arguments[1] is Literal { Value: true } => new Call($"{name}_value_not_null", arguments[0]),
            ("lag" or "lead", 1) => Filled(LiteralValue.Of(1), LiteralValue.Of(null)),
            ("lag" or "lead", 2) => Filled(LiteralValue.Of(null)),
            ("from_json", _) => new EngineCall(sqlName, arguments),
            ("window", > 2) or ("months_between", > 2) or ("sequence", > 2) or ("rand", > 0) or ("approx_count_distinct", > 1) or ("percentile" or "percentile_approx", > 2) or ("generated", _) => new EngineCall(sqlName, arguments),
            _ when name.Length > 0 && FunctionTable.Knows(name) && IsCallable(name) => new Call(name, arguments),
            _ => new EngineCall(sqlName, arguments),
        };
    }

    private static bool IsCallable(string name) => name is not ("getfield" or "getitem" or "in" or "between" or "last_value_not_null" or "first_value_not_null");
}
