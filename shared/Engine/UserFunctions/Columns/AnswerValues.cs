using System.Collections;
using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>What C# functions answer, held to the declared type: rows, arrays and dictionaries as rows of a frame have them, the same on every engine.</summary>
/// <remarks>A number may be narrower than its column. Nothing else is converted: a text for a number is an error that names the field.</remarks>
public static class AnswerValues
{
    private const int MaxScale = 28;

    /// <summary>A column of answers.</summary>
    /// <param name="type">The declared type.</param>
    /// <param name="values">A value a row.</param>
    /// <param name="nulls">Where the answer is NULL.</param>
    /// <param name="rows">Number of rows.</param>
    /// <exception cref="InvalidCastException">A value is not of the type; the message names the row and the field.</exception>
    public static object?[] Column(DataType type, object?[] values, bool[] nulls, int rows)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(nulls);
        var column = new object?[rows];
        for (var row = 0; row < rows; row++)
        {
            if (nulls[row]) continue;
            try
            {
                column[row] = Of(type, values[row], "the result");
            }
            catch (InvalidCastException error)
            {
                throw new InvalidCastException(string.Create(CultureInfo.InvariantCulture, $"{error.Message} (row {row} of the batch)"), error);
            }
        }
        return column;
    }

    /// <summary>The values of a row, in the columns' order.</summary>
    /// <exception cref="InvalidCastException">A value is not of its column's type, or their number is not the columns'.</exception>
    public static object?[] Row(StructType columns, IReadOnlyList<object?> values)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != columns.Count) throw Wrong($"a row of {values.Count} values is not one of {columns.SimpleString}, which has {columns.Count}");
        var fields = new object?[values.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = Of(columns[i].DataType, values[i], $"'{columns[i].Name}'");
            if (fields[i] is null && !columns[i].IsNullable) throw Wrong($"'{columns[i].Name}' is NULL, and its column is declared without NULL");
        }
        return fields;
    }

    private static object? Of(DataType type, object? value, string what) => (type, value) switch
    {
        (_, null) => null,
        (StringType, string) or (BinaryType, byte[]) or (BooleanType, bool) or (DateType, DateOnly) or (DoubleType, double) or (FloatType, float) => value,
        (TimestampType, DateTime instant) => instant.Kind == DateTimeKind.Local ? instant.ToUniversalTime() : value,
        (TimestampNTZType, DateTime clock) => DateTime.SpecifyKind(clock, DateTimeKind.Unspecified),
        (TimestampType, DateTimeOffset instant) => instant.UtcDateTime,
        (DoubleType, float number) => (double)number,
        (LongType, long) or (IntegerType, int) or (ShortType, short) or (ByteType, sbyte) => value,
        (LongType, int or short or sbyte or byte) => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        (IntegerType, short or sbyte or byte) => Convert.ToInt32(value, CultureInfo.InvariantCulture),
        (ShortType, sbyte or byte) => Convert.ToInt16(value, CultureInfo.InvariantCulture),
        (DecimalType number, decimal or long or int or short or sbyte or byte) => Decimal(number, Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
        // A number of more digits than .NET's decimal has, as rows have it.
        (DecimalType, string) => value,
        (StructType fields, Row row) => new Row(fields, Row(fields, row.Values)),
        (StructType fields, GenericRow row) => new Row(fields, Row(fields, row.Values)),
        (MapType map, IDictionary entries) => Map(map, entries, what),
        (ArrayType array, IEnumerable items and not string and not IDictionary) => Items(array, items, what),
        _ => throw Wrong($"{what} is {type.SimpleString}, and the value is of .NET's type '{value.GetType()}'"),
    };

    private static decimal Decimal(DecimalType type, decimal number)
    {
        _ = DecimalValues.Unscaled(number, type);
        return decimal.Round(number, Math.Min(type.Scale, MaxScale), MidpointRounding.AwayFromZero);
    }

    private static object?[] Items(ArrayType type, IEnumerable items, string what)
    {
        var values = items.Cast<object?>().Select(item => Of(type.ElementType, item, $"an element of {what}")).ToArray();
        return type.ContainsNull || !values.Contains(null) ? values : throw Wrong($"an element of {what} is NULL, and the array is declared without NULL");
    }

    private static Dictionary<object, object?> Map(MapType type, IDictionary entries, string what)
    {
        var map = new Dictionary<object, object?>(entries.Count);
        foreach (DictionaryEntry entry in entries)
        {
            var value = Of(type.ValueType, entry.Value, $"a value of {what}");
            if (value is null && !type.ValueContainsNull) throw Wrong($"a value of {what} is NULL, and the map is declared without NULL");
            map[Of(type.KeyType, entry.Key, $"a key of {what}")!] = value;
        }
        return map;
    }

    private static InvalidCastException Wrong(string what) => new($"{what}.");
}
