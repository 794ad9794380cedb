using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Engines;

/// <summary>A parameter of a C# function.</summary>
/// <param name="ClrType">Its .NET type.</param>
/// <param name="Type">
/// The type of the column that it takes; an argument of another type is cast. A <see cref="Row"/> whose columns are not declared is a struct without fields here (<see cref="IsOpen"/>),
/// and takes a struct of any fields.
/// </param>
public sealed record FunctionParameter(Type ClrType, DataType Type)
{
    private const string ClrTypes = "bool, sbyte, short, int, long, float, double, decimal, string, byte[], DateOnly or DateTime, nullable or not, a Row, or an array, List or Dictionary of them";

    /// <summary>Whether the function is called with null; otherwise a NULL argument makes the result NULL.</summary>
    public bool SeesNull => !ClrType.IsValueType || Nullable.GetUnderlyingType(ClrType) is not null;

    /// <summary>Whether it is an array, a map or a struct.</summary>
    public bool IsNested => Type is ArrayType or MapType or StructType;

    /// <summary>Whether the fields of a struct in it come with the argument.</summary>
    public bool IsOpen => Contains(Type, static type => type is StructType { Count: 0 });

    /// <summary>The parameter of a .NET type.</summary>
    /// <param name="clrType">The .NET type.</param>
    /// <param name="declared">The column type that the caller declared, or null.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="ArgumentException">No column has values of this type, or the declared type has others.</exception>
    public static FunctionParameter Of(Type clrType, DataType? declared, string what)
    {
        var type = Natural(clrType) ?? throw new ArgumentException($"{what} is of .NET's type '{clrType}', which no column has. Use {ClrTypes}.");
        if (declared is null) return new FunctionParameter(clrType, type);
        if (!Fits(type, declared))
            throw new ArgumentException($"{what} is declared as {declared.SimpleString}, and .NET's type '{clrType}' holds {type.SimpleString}. Declare that type, or change the function's signature.");
        return new FunctionParameter(clrType, declared);
    }

    /// <summary>The type with the fields that an argument's type gives to structs that have none declared.</summary>
    /// <param name="type">A parameter's type.</param>
    /// <param name="given">The type of the argument.</param>
    public static DataType Closed(DataType type, DataType given) => (type, given) switch
    {
        (StructType { Count: 0 }, StructType) => given,
        (ArrayType array, ArrayType from) => array with { ElementType = Closed(array.ElementType, from.ElementType) },
        (MapType map, MapType from) => map with { KeyType = Closed(map.KeyType, from.KeyType), ValueType = Closed(map.ValueType, from.ValueType) },
        (StructType fields, StructType from) when fields.Count == from.Count => new StructType(fields.Select((field, i) => field with { DataType = Closed(field.DataType, from[i].DataType) })),
        _ => type,
    };

    /// <summary>Whether an argument's values are those of a nested parameter, as they are or widened: nothing else is cast within arrays, maps and structs.</summary>
    internal static bool Takes(DataType type, DataType given) => (type, given) switch
    {
        (_, NullType) or (StructType { Count: 0 }, StructType) => true,
        (ArrayType array, ArrayType from) => Takes(array.ElementType, from.ElementType),
        (MapType map, MapType from) => Takes(map.KeyType, from.KeyType) && Takes(map.ValueType, from.ValueType),
        (StructType fields, StructType from) => fields.Count == from.Count && fields.Zip(from).All(static pair => Takes(pair.First.DataType, pair.Second.DataType)),
        (IntegralType, IntegralType) => Digits(given) <= Digits(type),
        (DecimalType number, DecimalType from) => from.Scale <= number.Scale && from.Precision - from.Scale <= number.Precision - number.Scale,
        (DecimalType number, IntegralType) => Digits(given) <= number.Precision - number.Scale,
        (DoubleType, FloatType) => true,
        _ => type.SimpleString == given.SimpleString,
    };

    private static int Digits(DataType type) => type switch
    {
        ByteType => 3,
        ShortType => 5,
        IntegerType => 10,
        _ => 19,
    };

    private static bool Contains(DataType type, Func<DataType, bool> isWanted) => isWanted(type) || type switch
    {
        ArrayType array => Contains(array.ElementType, isWanted),
        MapType map => Contains(map.KeyType, isWanted) || Contains(map.ValueType, isWanted),
        StructType fields => fields.Any(field => Contains(field.DataType, isWanted)),
        _ => false,
    };

    private static bool Fits(DataType natural, DataType declared) => (natural, declared) switch
    {
        (StructType { Count: 0 }, StructType) => true,
        (ArrayType array, ArrayType given) => Fits(array.ElementType, given.ElementType),
        (MapType map, MapType given) => Fits(map.KeyType, given.KeyType) && Fits(map.ValueType, given.ValueType),
        (TimestampType, TimestampNTZType) => true,
        _ => natural.GetType() == declared.GetType(),
    };

    /// <summary>The column type that a .NET type has unless another is declared; null where there is none.</summary>
    private static DataType? Natural(Type clrType)
    {
        var type = Nullable.GetUnderlyingType(clrType) ?? clrType;
        if (Atomic(type) is { } atomic) return atomic;
        if (type == typeof(Row) || type == typeof(GenericRow)) return new StructType();
        if (type.IsSZArray) return Natural(type.GetElementType()!) is { } element ? new ArrayType(element) : null;
        if (!type.IsGenericType) return null;
        var arguments = type.GetGenericArguments();
        if (type.GetGenericTypeDefinition() == typeof(List<>)) return Natural(arguments[0]) is { } element ? new ArrayType(element) : null;
        if (type.GetGenericTypeDefinition() != typeof(Dictionary<,>)) return null;
        return Natural(arguments[0]) is { } key && Natural(arguments[1]) is { } value ? new MapType(key, value) : null;
    }

    private static DataType? Atomic(Type type) =>
        type == typeof(long) ? new LongType()
        : type == typeof(int) ? new IntegerType()
        : type == typeof(string) ? new StringType()
        : type == typeof(double) ? new DoubleType()
        : type == typeof(bool) ? new BooleanType()
        : type == typeof(decimal) ? new DecimalType(38, 18)
        : type == typeof(DateOnly) ? new DateType()
        : type == typeof(DateTime) ? new TimestampType()
        : type == typeof(byte[]) ? new BinaryType()
        : type == typeof(short) ? new ShortType()
        : type == typeof(sbyte) ? new ByteType()
        : type == typeof(float) ? new FloatType()
        : null;
}
