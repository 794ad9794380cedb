using System.Collections;
using System.Globalization;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Pipeline.Engine.Sql;
using SparkTypes = Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Columns of .NET values as Arrow arrays, in the layout that Spark has for the type.</summary>
/// <remarks>Source: Spark, <c>org.apache.spark.sql.util.ArrowUtils</c>: microseconds, 128-bit decimals, 32-bit offsets.</remarks>
public static class ArrowColumns
{
    /// <summary>The Arrow type that Spark has for a type.</summary>
    public static IArrowType TypeOf(SparkTypes.DataType type) => type switch
    {
        SparkTypes.NullType => NullType.Default,
        SparkTypes.ArrayType list => new ListType(new Field("element", TypeOf(list.ElementType), list.ContainsNull)),
        SparkTypes.MapType map => new MapType(new Field("key", TypeOf(map.KeyType), false), new Field("value", TypeOf(map.ValueType), map.ValueContainsNull)),
        SparkTypes.StructType fields => new StructType(Fields(fields)),
        _ => ArrowTypes.OfAtomic(type, "UTC") ?? throw new NotSupportedException($"Rows with a column of type {type?.SimpleString} cannot be given to Spark."),
    };

    /// <summary>The columns' fields.</summary>
    public static IReadOnlyList<Field> Fields(SparkTypes.StructType type) => [.. type.Select(static field => new Field(field.Name, TypeOf(field.DataType), field.IsNullable))];

    /// <summary>One column's values.</summary>
    /// <param name="type">The column's type.</param>
    /// <param name="values">A value a row.</param>
    /// <param name="column">Its name, for errors.</param>
    /// <exception cref="ArgumentException">A value is not of the type.</exception>
    public static IArrowArray Build(SparkTypes.DataType type, IReadOnlyList<object?> values, string column)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(values);
        try
        {
            return ArrowArrayFactory.BuildArray(Data(type, values));
        }
        catch (Exception error) when (error is InvalidCastException or FormatException or OverflowException or ArgumentException)
        {
            throw new ArgumentException($"Column '{column}' is {type.SimpleString}, and a value is not: {error.Message}", nameof(values), error);
        }
    }

    private static ArrayData Data(SparkTypes.DataType type, IReadOnlyList<object?> values) => type switch
    {
        SparkTypes.NullType => new ArrayData(NullType.Default, values.Count, values.Count, 0, System.Array.Empty<ArrowBuffer>()),
        SparkTypes.StringType => Blobs(type, values, static value => Encoding.UTF8.GetBytes(value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture)!)),
        SparkTypes.BinaryType => Blobs(type, values, static value => (byte[])value),
        SparkTypes.BooleanType => Flags(values),
        SparkTypes.ByteType => Fixed(type, values, 1, static (bytes, value) => bytes[0] = unchecked((byte)Convert.ToSByte(value, CultureInfo.InvariantCulture))),
        SparkTypes.ShortType => Fixed(type, values, 2, static (bytes, value) => BitConverter.TryWriteBytes(bytes, Convert.ToInt16(value, CultureInfo.InvariantCulture))),
        SparkTypes.IntegerType => Fixed(type, values, 4, static (bytes, value) => BitConverter.TryWriteBytes(bytes, Convert.ToInt32(value, CultureInfo.InvariantCulture))),
        SparkTypes.LongType => Fixed(type, values, 8, static (bytes, value) => BitConverter.TryWriteBytes(bytes, Convert.ToInt64(value, CultureInfo.InvariantCulture))),
        SparkTypes.FloatType => Fixed(type, values, 4, static (bytes, value) => BitConverter.TryWriteBytes(bytes, Convert.ToSingle(value, CultureInfo.InvariantCulture))),
        SparkTypes.DoubleType => Fixed(type, values, 8, static (bytes, value) => BitConverter.TryWriteBytes(bytes, Convert.ToDouble(value, CultureInfo.InvariantCulture))),
        SparkTypes.DecimalType number => Fixed(type, values, DecimalValue.Width, (bytes, value) => DecimalValue.Write(bytes, value, number.Precision, number.Scale)),
        SparkTypes.DateType => Fixed(type, values, 4, static (bytes, value) => BitConverter.TryWriteBytes(bytes, Day(value))),
        SparkTypes.TimestampType or SparkTypes.TimestampNTZType => Fixed(type, values, 8, static (bytes, value) => BitConverter.TryWriteBytes(bytes, Microseconds(value))),
        SparkTypes.ArrayType list => Lists(list, values),
        SparkTypes.MapType map => Maps(map, values),
        SparkTypes.StructType fields => Structs(fields, values),
        _ => throw new NotSupportedException($"Rows with a column of type {type.SimpleString} cannot be given to Spark."),
    };

    private static ArrayData Fixed(SparkTypes.DataType type, IReadOnlyList<object?> values, int width, FixedWriter write)
    {
        var bytes = new byte[values.Count * width];
        for (var i = 0; i < values.Count; i++)
            if (values[i] is { } value) write(bytes.AsSpan(i * width, width), value);
        return Made(type, values, new ArrowBuffer(bytes));
    }

    private static ArrayData Flags(IReadOnlyList<object?> values)
    {
        var bits = new ArrowBuffer.BitmapBuilder();
        foreach (var value in values) _ = bits.Append(value is not null && Convert.ToBoolean(value, CultureInfo.InvariantCulture));
        return Made(new SparkTypes.BooleanType(), values, bits.Build());
    }

    private static ArrayData Blobs(SparkTypes.DataType type, IReadOnlyList<object?> values, Func<object, byte[]> bytesOf)
    {
        var offsets = new Offsets(values.Count);
        using var content = new MemoryStream();
        foreach (var value in values)
        {
            if (value is not null) content.Write(bytesOf(value));
            offsets.End((int)content.Length);
        }
        return Made(type, values, offsets.Buffer, new ArrowBuffer(content.ToArray()));
    }

    private static ArrayData Lists(SparkTypes.ArrayType type, IReadOnlyList<object?> values)
    {
        var offsets = new Offsets(values.Count);
        var elements = new List<object?>();
        foreach (var value in values)
        {
            if (value is not null) elements.AddRange(((IEnumerable)value).Cast<object?>());
            offsets.End(elements.Count);
        }
        return new ArrayData(TypeOf(type), values.Count, Nulls(values), 0, [Validity(values), offsets.Buffer], [Data(type.ElementType, elements)]);
    }

    private static ArrayData Maps(SparkTypes.MapType type, IReadOnlyList<object?> values)
    {
        var offsets = new Offsets(values.Count);
        var (keys, items) = (new List<object?>(), new List<object?>());
        foreach (var value in values)
        {
            if (value is not null)
            {
                foreach (DictionaryEntry entry in (IDictionary)value)
                {
                    keys.Add(entry.Key);
                    items.Add(entry.Value);
                }
            }
            offsets.End(keys.Count);
        }
        var mapType = (MapType)TypeOf(type);
        var entries = new ArrayData(mapType.KeyValueType, keys.Count, 0, 0, [ArrowBuffer.Empty], [Data(type.KeyType, keys), Data(type.ValueType, items)]);
        return new ArrayData(mapType, values.Count, Nulls(values), 0, [Validity(values), offsets.Buffer], [entries]);
    }

    private static ArrayData Structs(SparkTypes.StructType type, IReadOnlyList<object?> values)
    {
        var children = type.Select((field, place) => Data(field.DataType, [.. values.Select(value => FieldOf(value, place))])).ToArray();
        return new ArrayData(TypeOf(type), values.Count, Nulls(values), 0, [Validity(values)], children);
    }

    private static object? FieldOf(object? value, int place) => value switch
    {
        null => null,
        Row row => row.Get(place),
        object?[] fields => fields[place],
        _ => throw new ArgumentException($"a struct is a Row or object[], not {value.GetType().Name}", nameof(value)),
    };

    private static int Day(object value) =>
        SparkTypes.StoredValues.DaysOf(value is DateOnly day ? day : DateOnly.FromDateTime((DateTime)value));

    private static long Microseconds(object value)
    {
        var ticks = value switch
        {
            DateTimeOffset instant => instant.UtcTicks,
            DateTime { Kind: DateTimeKind.Local } local => local.ToUniversalTime().Ticks,
            _ => ((DateTime)value).Ticks,
        };
        return SparkTypes.StoredValues.MicrosecondsOf(ticks - DateTime.UnixEpoch.Ticks);
    }

    private static ArrayData Made(SparkTypes.DataType type, IReadOnlyList<object?> values, params ReadOnlySpan<ArrowBuffer> content) =>
        new(TypeOf(type), values.Count, Nulls(values), 0, [Validity(values), .. content]);

    private static int Nulls(IReadOnlyList<object?> values) => values.Count(static value => value is null);

    private static ArrowBuffer Validity(IReadOnlyList<object?> values)
    {
        var bits = new ArrowBuffer.BitmapBuilder();
        foreach (var value in values) _ = bits.Append(value is not null);
        return bits.Build();
    }

    private delegate void FixedWriter(Span<byte> bytes, object value);

    private sealed class Offsets(int count)
    {
        private readonly byte[] bytes = new byte[(count + 1) * sizeof(int)];
        private int next = 1;

        public ArrowBuffer Buffer => new(bytes);

        public void End(int offset) => BitConverter.TryWriteBytes(bytes.AsSpan(next++ * sizeof(int)), offset);
    }
}
