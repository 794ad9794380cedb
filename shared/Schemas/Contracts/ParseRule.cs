using Pipeline.Sql.Types;

namespace Pipeline.Schemas;

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

/// <summary>Text as it is written, leading zeros included.</summary>
public sealed record TextRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new StringType();

    /// <inheritdoc/>
    public override string BrokenName => "not_text";

    /// <inheritdoc/>
    public override string Expectation => "text";
}

/// <summary>A number: thousands parted by a space or U+00A0, a decimal point or comma, an exponent (<c>1 002</c>, <c>41,936900</c>, <c>-0.5</c>).</summary>
public sealed record NumberRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new DoubleType();

    /// <inheritdoc/>
    public override string BrokenName => "not_a_number";

    /// <inheritdoc/>
    public override string Expectation => "a number, such as 12, 1 002, 0.5 or 0,5";
}

/// <summary>A whole number, thousands parted as in <see cref="NumberRule"/>; <c>2558.0</c> is whole.</summary>
public sealed record WholeNumberRule : ParseRule
{
    /// <inheritdoc/>
    public override DataType Type => new LongType();

    /// <inheritdoc/>
    public override string BrokenName => "not_a_whole_number";

    /// <inheritdoc/>
    public override string Expectation => "a whole number, such as 1980 or 6 199 754";
}

/// <summary>A date and time without a zone: <c>MM/dd/yyyy HH:mm:ss</c>, or ISO <c>yyyy-MM-dd HH:mm:ss</c> (as Excel's dates are sent).</summary>
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
