using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using SparkTypes = Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Values of Arrow's arrays as the .NET types that <see cref="SparkTypes.DataType"/>'s docs name.</summary>
public static class ArrowValues
{
    /// <summary>A reader of the array's values by place, as values of <paramref name="type"/>.</summary>
    /// <param name="type">The column's type as the plan has it.</param>
    /// <param name="array">Its values.</param>
    /// <param name="column">Its name, for errors.</param>
    /// <exception cref="EngineException">Spark answered with a type that is not the plan's and does not widen to it.</exception>
    public static Func<int, object?> Reader(SparkTypes.DataType type, IArrowArray array, string column)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(array);
        var read = Natural(type, array, column);
        return index => array.IsNull(index) ? null : read(index);
    }

    private static Func<int, object?> Natural(SparkTypes.DataType type, IArrowArray array, string column) => (type, array) switch
    {
        (SparkTypes.NullType, _) => static _ => null,
        (SparkTypes.StringType, StringArray text) => index => text.GetString(index),
        (SparkTypes.StringType, LargeStringArray text) => index => text.GetString(index),
        (SparkTypes.BinaryType, BinaryArray bytes) => index => bytes.GetBytes(index).ToArray(),
        (SparkTypes.BinaryType, LargeBinaryArray bytes) => index => bytes.GetBytes(index).ToArray(),
        (SparkTypes.BooleanType, BooleanArray flags) => index => flags.GetValue(index),
        (SparkTypes.ByteType, Int8Array numbers) => index => numbers.Values[index],
        (SparkTypes.ShortType, Int16Array numbers) => index => numbers.Values[index],
        (SparkTypes.IntegerType, Int32Array numbers) => index => numbers.Values[index],
        (SparkTypes.LongType, Int64Array numbers) => index => numbers.Values[index],
        (SparkTypes.FloatType, FloatArray numbers) => index => numbers.Values[index],
        (SparkTypes.DoubleType, DoubleArray numbers) => index => numbers.Values[index],
        (SparkTypes.DecimalType, Decimal128Array numbers) => Decimals(numbers),
        (SparkTypes.DateType, Date32Array days) => index => Day(days.Values[index], column),
        (SparkTypes.TimestampType, TimestampArray instants) => index => Instant(instants.Values[index], DateTimeKind.Utc, column),
        (SparkTypes.TimestampNTZType, TimestampArray times) => index => Instant(times.Values[index], DateTimeKind.Unspecified, column),
        (SparkTypes.MapType map, MapArray maps) => Maps(map, maps, column),
        (SparkTypes.ArrayType list, ListArray lists) => Lists(list, lists, column),
        (SparkTypes.StructType fields, StructArray structs) => Structs(fields, structs, column),
        (SparkTypes.ShortType, Int8Array numbers) => index => (short)numbers.Values[index],
        (SparkTypes.IntegerType, Int8Array or Int16Array) => Widen(array, static value => (int)value),
        (SparkTypes.LongType, Int8Array or Int16Array or Int32Array) => Widen(array, static value => value),
        (SparkTypes.DoubleType, FloatArray numbers) => index => (double)numbers.Values[index],
        _ => throw new EngineException($"Column '{column}' is {type.SimpleString} in the plan, and Spark answered with {array.Data.DataType.Name}. Cast it to the type that is wanted."),
    };

    private static Func<int, object?> Widen(IArrowArray array, Func<long, object> cast) => array switch
    {
        Int8Array numbers => index => cast(numbers.Values[index]),
        Int16Array numbers => index => cast(numbers.Values[index]),
        _ => index => cast(((Int32Array)array).Values[index]),
    };

    private static Func<int, object?> Decimals(Decimal128Array numbers)
    {
        var scale = ((Decimal128Type)numbers.Data.DataType).Scale;
        return index => DecimalValue.Read(numbers.GetBytes(index), scale);
    }

    private static object Day(int sinceEpoch, string column) =>
        SparkTypes.StoredValues.TryDay(sinceEpoch, out var day)
            ? day
            : throw OutOfRange(column, "date", $"{sinceEpoch.ToString(CultureInfo.InvariantCulture)} days after 1970-01-01");

    private static object Instant(long microseconds, DateTimeKind kind, string column) =>
        SparkTypes.StoredValues.TryTime(microseconds, kind, out var time)
            ? time
            : throw OutOfRange(column, "timestamp", $"{microseconds.ToString(CultureInfo.InvariantCulture)} µs after 1970-01-01");

    private static EngineException OutOfRange(string column, string what, string value) =>
        new($"Column '{column}' has a {what} of {value}; .NET's years are 1 to 9999. Select it as a string or a number.");

    private static Func<int, object?> Lists(SparkTypes.ArrayType type, ListArray lists, string column)
    {
        var element = Reader(type.ElementType, lists.Values, column);
        return index =>
        {
            var first = lists.ValueOffsets[index];
            var values = new object?[lists.ValueOffsets[index + 1] - first];
            for (var i = 0; i < values.Length; i++) values[i] = element(first + i);
            return values;
        };
    }

    private static Func<int, object?> Maps(SparkTypes.MapType type, MapArray maps, string column)
    {
        var key = Reader(type.KeyType, maps.Keys, column);
        var value = Reader(type.ValueType, maps.Values, column);
        return index =>
        {
            var end = maps.ValueOffsets[index + 1];
            var entries = new Dictionary<object, object?>();
            for (var i = maps.ValueOffsets[index]; i < end; i++) entries[key(i)!] = value(i);
            return entries;
        };
    }

    private static Func<int, object?> Structs(SparkTypes.StructType type, StructArray structs, string column)
    {
        var fields = type.Select((field, place) => Reader(field.DataType, structs.Fields[place], $"{column}.{field.Name}")).ToArray();
        return index => new Row(type, [.. fields.Select(read => read(index))]);
    }
}
