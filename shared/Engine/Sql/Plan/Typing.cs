using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Spark's rules for the types of values that meet (ANSI mode off).</summary>
/// <remarks>Source: Spark SQL Reference, "ANSI Compliance", the rules without ANSI mode; decimals: DecimalPrecision.</remarks>
internal static class Typing
{
    private const int MaxPrecision = 38;
    private const int MinAdjustedScale = 6;

    /// <summary>The value in the type; as it is where it has it.</summary>
    public static Expr Convert(Expr value, DataType target, bool always = false)
    {
        if (!always && (value.Type is null || Same(value.Type, target))) return value;
        if (value is Literal { Value: null }) return new Literal((object?)null) { Type = target };
        if (value.Type is not null && Same(value.Type, target)) return value;
        if (value is Literal { Value: { } constant } && Folded(constant, target) is { } folded) return new Literal(folded) { Type = target };
        return new CastTo(value, target) { Type = target };
    }

    /// <summary>A constant in another type, where that loses nothing; null where the engine had better say.</summary>
    private static object? Folded(object constant, DataType target) => (constant, target) switch
    {
        (sbyte or short or int or long, DoubleType) => System.Convert.ToDouble(constant, CultureInfo.InvariantCulture),
        (sbyte or short or int, LongType) => System.Convert.ToInt64(constant, CultureInfo.InvariantCulture),
        (sbyte or short, IntegerType) => System.Convert.ToInt32(constant, CultureInfo.InvariantCulture),
        (float number, DoubleType) => (double)number,
        (string text, DateType) when DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) => day,
        _ => null,
    };

    /// <summary>Whether types are one but for nullability.</summary>
    public static bool Same(DataType left, DataType right) => left.SimpleString == right.SimpleString;

    /// <summary>The type that all can become; null where one is unknown or there is none.</summary>
    public static DataType? Common(IReadOnlyList<DataType?> types)
    {
        DataType? common = new NullType();
        foreach (var type in types)
        {
            if (type is null || common is null) return null;
            common = Common(common, type);
        }
        return common;
    }

    public static DataType? Common(DataType left, DataType right)
    {
        if (Same(left, right)) return left;
        return (left, right) switch
        {
            (NullType, _) => right,
            (_, NullType) => left,
            (StringType, BinaryType) or (BinaryType, StringType) => new StringType(),
            (StringType, AtomicType) or (AtomicType, StringType) => new StringType(),
            (NumericType a, NumericType b) => CommonNumber(a, b),
            (DateType, TimestampType or TimestampNTZType) => right,
            (TimestampType or TimestampNTZType, DateType) => left,
            (TimestampType, TimestampNTZType) or (TimestampNTZType, TimestampType) => new TimestampType(),
            (ArrayType a, ArrayType b) => Common(a.ElementType, b.ElementType) is { } element ? new ArrayType(element, a.ContainsNull || b.ContainsNull) : null,
            (MapType a, MapType b) => Common(a.KeyType, b.KeyType) is { } key && Common(a.ValueType, b.ValueType) is { } value ? new MapType(key, value) : null,
            (StructType a, StructType b) when a.Count == b.Count => CommonStruct(a, b),
            _ => null,
        };
    }

    /// <summary>Arguments in the types that the function's signature asks for.</summary>
    public static ImmutableArray<Expr> Coerce(Function function, ImmutableArray<Expr> arguments)
    {
        if (function.Compares) return Comparable(arguments);
        if (function.SameTypes && Common([.. arguments.Select(argument => argument.Type)]) is { } common)
            return [.. arguments.Select(argument => Convert(argument, common))];
        var coerced = arguments.ToBuilder();
        for (var i = 0; i < arguments.Length; i++)
            if (function.Parameter(i) is { } parameter) coerced[i] = Coerce(arguments[i], parameter);
        return coerced.ToImmutable();
    }

    /// <summary>Values as they are compared: a text beside anything else becomes the other's type.</summary>
    public static ImmutableArray<Expr> Comparable(ImmutableArray<Expr> arguments)
    {
        DataType? target = null;
        foreach (var argument in arguments)
        {
            if (argument.Type is null or NullType) continue;
            if (target is null || target is StringType) target = argument.Type;
            else if (argument.Type is not StringType) target = Common(target, argument.Type) ?? target;
        }
        if (target is null) return arguments;
        return [.. arguments.Select(argument => NeedsCast(argument.Type, target) ? Convert(argument, target) : argument)];
    }

    private static bool NeedsCast(DataType? type, DataType target) => type switch
    {
        null or NullType => false,
        StringType => target is not StringType,
        DateType => target is TimestampType or TimestampNTZType,
        TimestampNTZType => target is TimestampType,
        _ => false,
    };

    private static Expr Coerce(Expr argument, char parameter)
    {
        if (argument.Type is null) return argument;
        return (parameter, argument.Type) switch
        {
            ('s', not StringType) => Convert(argument, new StringType()),
            ('d', not DoubleType) => Convert(argument, new DoubleType()),
            ('n', StringType or NullType) => Convert(argument, new DoubleType()),
            ('i', not (IntegerType or ShortType or ByteType)) => Convert(argument, new IntegerType()),
            ('l', not (LongType or IntegerType or ShortType or ByteType)) => Convert(argument, new LongType()),
            ('b', StringType) => Convert(argument, new BooleanType()),
            ('D', not DateType) => Convert(argument, new DateType()),
            ('t', not (TimestampType or TimestampNTZType)) => Convert(argument, new TimestampType()),
            ('T', not (TimestampType or TimestampNTZType or DateType)) => Convert(argument, new TimestampType()),
            ('x', not BinaryType) => Convert(Convert(argument, new StringType()), new BinaryType()),
            _ => argument,
        };
    }

    /// <summary>The decimal that holds every value of a whole-number type, or of a literal.</summary>
    public static DecimalType? DecimalOf(Expr value) => value.Type switch
    {
        DecimalType type => type,
        IntegralType when value is Literal { Value: { } number } => new DecimalType(Math.Max(1, number.ToString()!.TrimStart('-').Length), 0),
        IntegralType type => DecimalOf(type),
        _ => null,
    };

    /// <summary>The type of an arithmetic result.</summary>
    public static DataType? Arithmetic(string function, Expr left, Expr right)
    {
        if (left.Type is null || right.Type is null) return null;
        if (left.Type is DecimalType || right.Type is DecimalType)
        {
            if (DecimalOf(left) is { } a && DecimalOf(right) is { } b) return Decimal(function, a, b);
            return new DoubleType();
        }
        if (function == "/") return new DoubleType();
        if (left.Type is NumericType or NullType && right.Type is NumericType or NullType) return Common(left.Type, right.Type) is NullType ? new DoubleType() : Common(left.Type, right.Type);
        if (left.Type is DateType && right.Type is IntegralType) return left.Type;
        return null;
    }

    private static DecimalType Decimal(string function, DecimalType a, DecimalType b)
    {
        var whole = Math.Max(a.Precision - a.Scale, b.Precision - b.Scale);
        var scale = Math.Max(a.Scale, b.Scale);
        return function switch
        {
            "*" => Adjusted(a.Precision + b.Precision + 1, a.Scale + b.Scale),
            "/" => Quotient(a, b),
            "%" or "pmod" => Adjusted(Math.Min(a.Precision - a.Scale, b.Precision - b.Scale) + scale, scale),
            _ => Adjusted(whole + scale + 1, scale),
        };
    }

    private static DecimalType Quotient(DecimalType a, DecimalType b)
    {
        var scale = Math.Max(MinAdjustedScale, a.Scale + b.Precision + 1);
        return Adjusted(a.Precision - a.Scale + b.Scale + scale, scale);
    }

    /// <summary>Within 38 digits: the whole part is kept before the places are.</summary>
    public static DecimalType Adjusted(int precision, int scale)
    {
        if (precision <= MaxPrecision) return new DecimalType(Math.Max(1, precision), scale);
        var whole = precision - scale;
        return new DecimalType(MaxPrecision, Math.Max(MaxPrecision - whole, Math.Min(scale, MinAdjustedScale)));
    }

    private static NumericType CommonNumber(NumericType left, NumericType right)
    {
        if (left is DoubleType || right is DoubleType) return new DoubleType();
        if (left is DecimalType || right is DecimalType)
        {
            if (left is FloatType || right is FloatType) return new DoubleType();
            var a = left as DecimalType ?? DecimalOf(left);
            var b = right as DecimalType ?? DecimalOf(right);
            var scale = Math.Max(a.Scale, b.Scale);
            return new DecimalType(Math.Min(MaxPrecision, Math.Max(a.Precision - a.Scale, b.Precision - b.Scale) + scale), scale);
        }
        return Rank(left) >= Rank(right) ? left : right;
    }

    private static DecimalType DecimalOf(NumericType type) => type switch
    {
        ByteType => new DecimalType(3),
        ShortType => new DecimalType(5),
        IntegerType => new DecimalType(10),
        _ => new DecimalType(20),
    };

    private static int Rank(NumericType type) => type switch
    {
        ByteType => 0,
        ShortType => 1,
        IntegerType => 2,
        LongType => 3,
        _ => 4,
    };

    private static StructType? CommonStruct(StructType left, StructType right)
    {
        var fields = new List<StructField>();
        for (var i = 0; i < left.Count; i++)
        {
            if (Common(left[i].DataType, right[i].DataType) is not { } type) return null;
            fields.Add(left[i] with { DataType = type, IsNullable = left[i].IsNullable || right[i].IsNullable });
        }
        return new StructType(fields);
    }
}
