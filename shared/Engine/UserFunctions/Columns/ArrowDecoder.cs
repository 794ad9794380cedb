using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Pipeline.Engine.Sql.Engines;
using SparkTypes = Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Arrow columns as arrays of .NET values. A column of a narrower number is widened, as Spark casts nothing for a function that is called in SQL text.</summary>
internal static class ArrowDecoder
{
    /// <summary>Fills the values and nulls of a parameter from a column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="parameter">The parameter, whose bare .NET type is that of <paramref name="values"/>.</param>
    /// <param name="values">At least as long as the column.</param>
    /// <param name="nulls">The same.</param>
    /// <exception cref="InvalidCastException">The column's type is not the parameter's and does not widen to it.</exception>
    /// <exception cref="OverflowException">A value has no .NET value.</exception>
    public static void Decode(IArrowArray column, FunctionParameter parameter, System.Array values, bool[] nulls)
    {
        Nulls(column, nulls);
        if (column is NullArray) return;
        switch (parameter.Type)
        {
            case SparkTypes.LongType when IsWhole(column):
                Numbers(column, (long[])values);
                break;
            case SparkTypes.IntegerType when column is Int32Array or Int16Array or Int8Array:
                Numbers(column, (int[])values);
                break;
            case SparkTypes.ShortType when column is Int16Array or Int8Array:
                Numbers(column, (short[])values);
                break;
            case SparkTypes.ByteType when column is Int8Array:
                Numbers(column, (sbyte[])values);
                break;
            case SparkTypes.DoubleType when IsWhole(column) || column is DoubleArray or FloatArray:
                Numbers(column, (double[])values);
                break;
            case SparkTypes.FloatType when column is FloatArray:
                Numbers(column, (float[])values);
                break;
            case SparkTypes.BooleanType when column is BooleanArray flags:
                Flags(flags, (bool[])values);
                break;
            case SparkTypes.StringType:
                Texts(column, (string[])values, nulls, parameter);
                break;
            case SparkTypes.BinaryType:
                Blobs(column, (byte[][])values, nulls, parameter);
                break;
            case SparkTypes.DecimalType:
                Decimals(column, (decimal[])values, nulls, parameter);
                break;
            case SparkTypes.DateType when column is Date32Array days:
                Days(days.Values, (DateOnly[])values, nulls);
                break;
            case SparkTypes.TimestampType when column is TimestampArray { Data.DataType: TimestampType { Unit: TimeUnit.Microsecond } } instants:
                Times(instants.Values, (DateTime[])values, nulls, DateTimeKind.Utc);
                break;
            case SparkTypes.TimestampNTZType when column is TimestampArray { Data.DataType: TimestampType { Unit: TimeUnit.Microsecond } } clocks:
                Times(clocks.Values, (DateTime[])values, nulls, DateTimeKind.Unspecified);
                break;
            case SparkTypes.ArrayType or SparkTypes.MapType or SparkTypes.StructType:
                Nested(column, parameter, (object?[])values, nulls);
                break;
            default:
                throw Wrong(column, parameter);
        }
    }

    private static void Nested(IArrowArray column, FunctionParameter parameter, object?[] to, bool[] nulls)
    {
        var given = ArrowTypes.ToSpark(column.Data.DataType) ?? throw Wrong(column, parameter);
        var type = FunctionParameter.Closed(parameter.Type, given);
        Func<int, object?> read;
        try
        {
            read = ArrowValues.Reader(type, column, "argument");
        }
        catch (EngineException error)
        {
            throw new InvalidCastException($"the parameter is {parameter.Type.SimpleString}, and the column is {given.SimpleString}. In SQL text nothing is cast for a C# function: write CAST(… AS {type.SimpleString.ToUpperInvariant()}).", error);
        }
        var form = ParameterForm.Of(parameter.ClrType);
        for (var row = 0; row < column.Length; row++)
            if (!nulls[row]) to[row] = form.From(read(row)!);
    }

    private static bool IsWhole(IArrowArray column) => column is Int64Array or Int32Array or Int16Array or Int8Array;

    private static void Nulls(IArrowArray column, bool[] nulls)
    {
        System.Array.Clear(nulls, 0, column.Length);
        if (column is NullArray) nulls.AsSpan(0, column.Length).Fill(true);
        else if (column.NullCount > 0)
            for (var row = 0; row < column.Length; row++) nulls[row] = column.IsNull(row);
    }

    /// <summary>Numbers of any column that widens to them; who calls has looked at the column's type.</summary>
    private static void Numbers<T>(IArrowArray column, T[] to) where T : INumberBase<T>
    {
        switch (column)
        {
            case DoubleArray numbers:
                Widen(numbers.Values, to);
                break;
            case FloatArray numbers:
                Widen(numbers.Values, to);
                break;
            case Int64Array numbers:
                Widen(numbers.Values, to);
                break;
            case Int32Array numbers:
                Widen(numbers.Values, to);
                break;
            case Int16Array numbers:
                Widen(numbers.Values, to);
                break;
            case Int8Array numbers:
                Widen(numbers.Values, to);
                break;
        }
    }

    private static void Widen<TFrom, T>(ReadOnlySpan<TFrom> from, T[] to)
        where TFrom : struct, INumberBase<TFrom>
        where T : INumberBase<T>
    {
        if (to is TFrom[] same) from.CopyTo(same);
        else
            for (var row = 0; row < from.Length; row++) to[row] = T.CreateTruncating(from[row]);
    }

    private static void Flags(BooleanArray column, bool[] to)
    {
        var bits = column.ValueBuffer.Span;
        for (var row = 0; row < column.Length; row++) to[row] = BitUtility.GetBit(bits, column.Offset + row);
    }

    private static void Texts(IArrowArray column, string[] to, bool[] nulls, FunctionParameter parameter)
    {
        for (var row = 0; row < column.Length; row++)
            if (!nulls[row]) to[row] = Encoding.UTF8.GetString(Bytes(column, row, parameter));
    }

    private static void Blobs(IArrowArray column, byte[][] to, bool[] nulls, FunctionParameter parameter)
    {
        for (var row = 0; row < column.Length; row++)
            if (!nulls[row]) to[row] = Bytes(column, row, parameter).ToArray();
    }

    private static ReadOnlySpan<byte> Bytes(IArrowArray column, int row, FunctionParameter parameter)
    {
        // In Arrow's library an array of texts is one of bytes too.
        var isText = column is StringArray or LargeStringArray;
        if (isText != parameter.Type is SparkTypes.StringType) throw Wrong(column, parameter);
        return column switch
        {
            BinaryArray bytes => bytes.GetBytes(row),
            LargeBinaryArray bytes => bytes.GetBytes(row),
            _ => throw Wrong(column, parameter),
        };
    }

    private static void Decimals(IArrowArray column, decimal[] to, bool[] nulls, FunctionParameter parameter)
    {
        if (column is not Decimal128Array numbers)
        {
            if (!IsWhole(column)) throw Wrong(column, parameter);
            var whole = new long[column.Length];
            Numbers(column, whole);
            for (var row = 0; row < whole.Length; row++) to[row] = whole[row];
            return;
        }
        var scale = ((Decimal128Type)numbers.Data.DataType).Scale;
        var bytes = numbers.ValueBuffer.Span[(numbers.Offset * 16)..];
        for (var row = 0; row < column.Length; row++)
            if (!nulls[row]) to[row] = DecimalValues.Read(BinaryPrimitives.ReadInt128LittleEndian(bytes[(row * 16)..]), scale);
    }

    private static void Days(ReadOnlySpan<int> days, DateOnly[] to, bool[] nulls)
    {
        for (var row = 0; row < days.Length; row++)
            if (!nulls[row]) to[row] = TimeValues.Day(days[row]);
    }

    private static void Times(ReadOnlySpan<long> times, DateTime[] to, bool[] nulls, DateTimeKind kind)
    {
        for (var row = 0; row < times.Length; row++)
            if (!nulls[row]) to[row] = TimeValues.Time(times[row], kind);
    }

    private static InvalidCastException Wrong(IArrowArray column, FunctionParameter parameter)
    {
        var type = parameter.Type.SimpleString;
        return new InvalidCastException($"the parameter is {type}, and the column is Arrow's {column.Data.DataType.Name}. In SQL text nothing is cast for a C# function: write CAST(… AS {type.ToUpperInvariant()}).");
    }
}
