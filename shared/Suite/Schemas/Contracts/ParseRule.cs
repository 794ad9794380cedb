using Pipeline.Engine.Types;

namespace Pipeline.Suite.Schemas.Contracts;

/// <summary>How the text of a source becomes a value: data, from which each engine's SQL and the docs are made.</summary>
/// <remarks>An empty text is 'no value' under every rule; whether that is allowed is <see cref="ColumnContract.IsRequired"/>.</remarks>
public abstract record ParseRule
{
    /// <summary>What the rule makes.</summary>
    public abstract DataType Type { get; }

    /// <summary>The name under which a broken rule is reported, such as <c>not_a_number</c>.</summary>
    public abstract string BrokenName { get; }

    /// <summary>What the rule takes, for docs and messages.</summary>
    public abstract string Expectation { get; }
}

/// <summary>Text as it is written, leading zeros included, within <see cref="ValueLimits"/>.</summary>
public sealed record TextRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new StringType();

    /// <inheritdoc/>
    public override string BrokenName => "not_text";

    /// <inheritdoc/>
    public override string Expectation => "text";
}

/// <summary>A finite number: thousands separated by a space, U+00A0, U+2009 or U+202F, a decimal point or comma, an exponent, <c>-</c> or U+2212 as minus (<c>1 002</c>, <c>41,936900</c>, <c>-0.5</c>); blanks around it do not count.</summary>
public sealed record NumberRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new DoubleType();

    /// <inheritdoc/>
    public override string BrokenName => "not_a_number";

    /// <inheritdoc/>
    public override string Expectation => "a finite number, such as 12, 1 002, 0.5 or 0,5";
}

/// <summary>A whole number of 64 bits, written as in <see cref="NumberRule"/> without an exponent; <c>2558.0</c> is whole.</summary>
public sealed record WholeNumberRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new LongType();

    /// <inheritdoc/>
    public override string BrokenName => "not_a_whole_number";

    /// <inheritdoc/>
    public override string Expectation => "a whole number, such as 1980 or 6 199 754";
}

/// <summary>A date and time without a zone in the years 1 to 9999: <c>MM/dd/yyyy HH:mm:ss</c>, or ISO <c>yyyy-MM-dd HH:mm:ss</c> (as Excel's dates are sent).</summary>
public sealed record TimestampRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new TimestampType();

    /// <inheritdoc/>
    public override string BrokenName => "not_a_timestamp";

    /// <inheritdoc/>
    public override string Expectation => "a date and time as MM/dd/yyyy HH:mm:ss or yyyy-MM-dd HH:mm:ss";
}

/// <summary>A time of day, <c>HHmm</c> (the leading 0 may be missing) or <c>HH:mm</c>; kept as the text <c>HH:mm</c>.</summary>
public sealed record TimeOfDayRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new StringType();

    /// <inheritdoc/>
    public override string BrokenName => "not_a_time_of_day";

    /// <inheritdoc/>
    public override string Expectation => "a time of day as HHmm or HH:mm, from 00:00 to 23:59";
}

/// <summary>A person's age in whole years, alone or with its word: <c>22</c>, <c>22.0</c>, <c>22 ans</c>; the blank may be U+00A0.</summary>
public sealed record AgeRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new IntegerType();

    /// <inheritdoc/>
    public override string BrokenName => "not_an_age";

    /// <inheritdoc/>
    public override string Expectation => "an age in whole years from 0 to 149, such as 22, 22.0 or 22 ans";
}

/// <summary>Text of one form, such as an identifier or one of a few words; kept as it is written, or in lower case where <see cref="IsCaseInsensitive"/>.</summary>
/// <param name="Pattern">Regular expression of the whole text, without the anchors, that Java and RE2 read alike.</param>
/// <param name="Broken">The name under which other text is reported.</param>
/// <param name="What">What the rule takes, for docs and messages.</param>
public sealed record PatternRule(string Pattern, string Broken, string What) : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new StringType();

    /// <inheritdoc/>
    public override string BrokenName => Broken;

    /// <inheritdoc/>
    public override string Expectation => What;

    /// <summary>Whether upper and lower case mean the same, as in a UUID; the value is then in lower case.</summary>
    public bool IsCaseInsensitive { get; init; }
}

/// <summary>An instant in ISO 8601 in the years 1 to 9999 in UTC, in UTC where it names no zone: <c>2023-01-05T11:13:53.643364Z</c>, <c>2023-01-05T12:13:53+01:00</c>.</summary>
/// <remarks>As .NET, Java, Go, Python and PostgreSQL write it: seconds may be absent, a fraction has up to nine digits of which six are kept, an offset is <c>Z</c>, <c>+01:00</c>, <c>+0100</c> or <c>+01</c>.</remarks>
public sealed record InstantRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new TimestampType();

    /// <inheritdoc/>
    public override string BrokenName => "not_an_instant";

    /// <inheritdoc/>
    public override string Expectation => "an instant in ISO 8601 in the years 1 to 9999, such as 2023-01-05T11:13:53.643Z; UTC where no zone is named";
}
