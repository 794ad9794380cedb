using System.Globalization;

namespace Pipeline.Engine.Types;

/// <summary>The type of a column, as Spark SQL knows it. Immutable; equal by value.</summary>
/// <remarks>Source: Spark SQL Reference, "Data Types"; the JSON form is the one of Spark's <c>DataType.json</c>, which Delta stores in <c>schemaString</c>.</remarks>
public abstract record DataType
{
    /// <summary>Name without parameters, as in Spark's JSON: <c>string</c>, <c>decimal</c>, <c>struct</c>.</summary>
    public abstract string TypeName { get; }

    /// <summary>The type as Spark's SQL spells it in lower case: <c>bigint</c>, <c>decimal(10,2)</c>, <c>array&lt;string&gt;</c>.</summary>
    public virtual string SimpleString => TypeName;

    /// <summary>The type as Spark's JSON, a quoted name for an atomic type.</summary>
    public string Json => DataTypeJson.Write(this);

    /// <summary>Reads Spark's JSON of a type.</summary>
    /// <exception cref="FormatException">The text is not the JSON of a type that Spark SQL has.</exception>
    public static DataType ParseDataType(string json) => DataTypeJson.Read(json);

    /// <inheritdoc/>
    public override string ToString() => SimpleString;
}

/// <summary>A type without parts of its own.</summary>
public abstract record AtomicType : DataType;

/// <summary>Types of numbers.</summary>
public abstract record NumericType : AtomicType;

/// <summary>Whole numbers of a fixed width.</summary>
public abstract record IntegralType : NumericType;

/// <summary>The type of a bare NULL.</summary>
public sealed record NullType : DataType
{
    /// <inheritdoc/>
    public override string TypeName => "void";
}

/// <summary>UTF-8 text; <see cref="string"/> in .NET.</summary>
public sealed record StringType : AtomicType
{
    /// <inheritdoc/>
    public override string TypeName => "string";
}

/// <summary>Bytes; <c>byte[]</c> in .NET.</summary>
public sealed record BinaryType : AtomicType
{
    /// <inheritdoc/>
    public override string TypeName => "binary";
}

/// <summary>True or false.</summary>
public sealed record BooleanType : AtomicType
{
    /// <inheritdoc/>
    public override string TypeName => "boolean";
}

/// <summary>A calendar day without a time zone; <see cref="DateOnly"/> in .NET.</summary>
public sealed record DateType : AtomicType
{
    /// <inheritdoc/>
    public override string TypeName => "date";
}

/// <summary>An instant with microseconds; <see cref="DateTime"/> of kind UTC in .NET.</summary>
public sealed record TimestampType : AtomicType
{
    /// <inheritdoc/>
    public override string TypeName => "timestamp";
}

/// <summary>A wall-clock time with microseconds and no zone; <see cref="DateTime"/> of unspecified kind in .NET.</summary>
public sealed record TimestampNTZType : AtomicType
{
    /// <inheritdoc/>
    public override string TypeName => "timestamp_ntz";
}

/// <summary>64-bit IEEE floating point.</summary>
public sealed record DoubleType : NumericType
{
    /// <inheritdoc/>
    public override string TypeName => "double";
}

/// <summary>32-bit IEEE floating point.</summary>
public sealed record FloatType : NumericType
{
    /// <inheritdoc/>
    public override string TypeName => "float";
}

/// <summary>8-bit signed integer; <see cref="sbyte"/> in .NET.</summary>
public sealed record ByteType : IntegralType
{
    /// <inheritdoc/>
    public override string TypeName => "byte";

    /// <inheritdoc/>
    public override string SimpleString => "tinyint";
}

/// <summary>16-bit signed integer.</summary>
public sealed record ShortType : IntegralType
{
    /// <inheritdoc/>
    public override string TypeName => "short";

    /// <inheritdoc/>
    public override string SimpleString => "smallint";
}

/// <summary>32-bit signed integer.</summary>
public sealed record IntegerType : IntegralType
{
    /// <inheritdoc/>
    public override string TypeName => "integer";

    /// <inheritdoc/>
    public override string SimpleString => "int";
}

/// <summary>64-bit signed integer.</summary>
public sealed record LongType : IntegralType
{
    /// <inheritdoc/>
    public override string TypeName => "long";

    /// <inheritdoc/>
    public override string SimpleString => "bigint";
}

/// <summary>Fixed-point number of at most 38 digits; <see cref="decimal"/> in .NET, or <see cref="string"/> where more than 28 digits stand.</summary>
/// <param name="Precision">Digits in all, 1 to 38.</param>
/// <param name="Scale">Digits after the point, 0 to <paramref name="Precision"/>.</param>
public sealed record DecimalType(int Precision = 10, int Scale = 0) : NumericType
{
    /// <inheritdoc/>
    public override string TypeName => "decimal";

    /// <inheritdoc/>
    public override string SimpleString => string.Create(CultureInfo.InvariantCulture, $"decimal({Precision},{Scale})");

    /// <inheritdoc/>
    public override string ToString() => SimpleString;
}

/// <summary>A list of values of one type; <c>object?[]</c> in .NET.</summary>
/// <param name="ElementType">The type of each element.</param>
/// <param name="ContainsNull">Whether an element may be null.</param>
public sealed record ArrayType(DataType ElementType, bool ContainsNull = true) : DataType
{
    /// <inheritdoc/>
    public override string TypeName => "array";

    /// <inheritdoc/>
    public override string SimpleString => $"array<{ElementType.SimpleString}>";

    /// <inheritdoc/>
    public override string ToString() => SimpleString;
}

/// <summary>Keys and values; a dictionary in .NET.</summary>
/// <param name="KeyType">The type of each key, never null.</param>
/// <param name="ValueType">The type of each value.</param>
/// <param name="ValueContainsNull">Whether a value may be null.</param>
public sealed record MapType(DataType KeyType, DataType ValueType, bool ValueContainsNull = true) : DataType
{
    /// <inheritdoc/>
    public override string TypeName => "map";

    /// <inheritdoc/>
    public override string SimpleString => $"map<{KeyType.SimpleString},{ValueType.SimpleString}>";

    /// <inheritdoc/>
    public override string ToString() => SimpleString;
}
