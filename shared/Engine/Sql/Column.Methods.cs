using System.Collections.Immutable;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql;

public sealed partial class Column
{
    /// <summary>Whether it is NULL.</summary>
    public Column IsNull() => new(new Call("isnull", Node));

    /// <summary>Whether it is not NULL.</summary>
    public Column IsNotNull() => new(new Call("isnotnull", Node));

    /// <summary>Whether it is NaN; false for NULL.</summary>
    public Column IsNaN() => new(new Call("isnan", Node));

    /// <summary>SQL's LIKE: <c>%</c> any text, <c>_</c> one character, <c>\</c> escapes.</summary>
    public Column Like(string pattern) => With("like", pattern);

    /// <summary>LIKE without regard to case.</summary>
    public Column ILike(string pattern) => With("ilike", pattern);

    /// <summary>Whether the regular expression is found in it. Only what Java's and RE2's expressions have in common.</summary>
    public Column RLike(string pattern) => With("rlike", pattern);

    /// <summary>Whether it begins with the text.</summary>
    public Column StartsWith(object other) => With("startswith", other);

    /// <summary>Whether it ends with the text.</summary>
    public Column EndsWith(object other) => With("endswith", other);

    /// <summary>Whether the text is in it.</summary>
    public Column Contains(object other) => With("contains", other);

    /// <summary>The characters from <paramref name="startPos"/> (1 is the first; a negative one counts from the end), at most <paramref name="len"/>.</summary>
    public Column SubStr(int startPos, int len) => Functions.Substring(this, startPos, len);

    /// <summary>The characters from a place, at most so many.</summary>
    public Column SubStr(Column startPos, Column len) => new(new Call("substring", Node, startPos.Node, len.Node));

    /// <summary>Whether it is from <paramref name="lowerBound"/> to <paramref name="upperBound"/>, both included.</summary>
    public Column Between(object lowerBound, object upperBound) => new(new Call("between", Node, ExprOf(lowerBound), ExprOf(upperBound)));

    /// <summary>Whether it is one of the values. Without values: false.</summary>
    public Column IsIn(params object?[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(new Call("in", (ImmutableArray<Expr>)[Node, .. values.Select(ExprOf)]));
    }

    /// <summary>The element of an array by place from 0, or of a map by key; NULL where there is none.</summary>
    public Column GetItem(object key) => With("getitem", key);

    /// <summary>The field of a struct.</summary>
    public Column GetField(string fieldName) => new(new Call("getfield", Node, new Literal(fieldName)));

    /// <summary>A further branch of <see cref="Functions.When(Column, object?)"/>.</summary>
    /// <exception cref="InvalidOperationException">This column is not a When, or has its Otherwise.</exception>
    public Column When(Column condition, object? value)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Node is Case { Otherwise: null } earlier
            ? new(earlier with { Branches = earlier.Branches.Add(new CaseBranch(condition.Node, ExprOf(value))) })
            : throw new InvalidOperationException("When() goes on a Functions.When(…) that has no Otherwise yet. Start with Functions.When(condition, value).");
    }

    /// <summary>What a <see cref="Functions.When(Column, object?)"/> answers where no branch holds; without it, NULL.</summary>
    /// <exception cref="InvalidOperationException">This column is not a When, or has its Otherwise.</exception>
    public Column Otherwise(object? value) => Node is Case { Otherwise: null } branches
        ? new(branches with { Otherwise = ExprOf(value) })
        : throw new InvalidOperationException("Otherwise() ends a Functions.When(…), once. Start with Functions.When(condition, value).");
}
