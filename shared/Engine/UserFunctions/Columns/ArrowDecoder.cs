using System.Buffers.Binary;
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
            case SparkTypes.LongType:
                Longs(column, (long[])values, parameter);
                break;
            case SparkTypes.IntegerType:
                Integers(column, (int[])values, parameter);
                break;
            case SparkTypes.ShortType:
                Shorts(column, (short[])values, parameter);
                break;
            case SparkTypes.ByteType when column is Int8Array bytes:
                bytes.Values.CopyTo((sbyte[])values);
                break;
            case SparkTypes.DoubleType:
                Doubles(column, (double[])values, parameter);
                break;
            case SparkTypes.FloatType when column is FloatArray floats:
                floats.Values.CopyTo((float[])values);
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
            default:
                throw Wrong(column, parameter);
        }
    }

    private static void Nulls(IArrowArray column, bool[] nulls)
    {
        System.Array.Clear(nulls, 0, column.Length);
        if (column is NullArray) nulls.AsSpan(0, column.Length).Fill(true);
        else if (column.NullCount > 0)
            for (var row = 0; row < column.Length; row++) nulls[row] = column.IsNull(row);
    }

    private static void Longs(IArrowArray column, long[] to, FunctionParameter parameter)
    {
        switch (column)
        {
            case Int64Array same:
                same.Values.CopyTo(to);
                break;
            case Int32Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            case Int16Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            case Int8Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            default:
                throw Wrong(column, parameter);
        }
    }

    private static void Integers(IArrowArray column, int[] to, FunctionParameter parameter)
    {
        switch (column)
        {
            case Int32Array same:
                same.Values.CopyTo(to);
                break;
            case Int16Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            case Int8Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            default:
                throw Wrong(column, parameter);
        }
    }

    private static void Shorts(IArrowArray column, short[] to, FunctionParameter parameter)
    {
        switch (column)
        {
            case Int16Array same:
                same.Values.CopyTo(to);
                break;
            case Int8Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            default:
                throw Wrong(column, parameter);
        }
    }

    private static void Doubles(IArrowArray column, double[] to, FunctionParameter parameter)
    {
        switch (column)
        {
            case DoubleArray same:
                same.Values.CopyTo(to);
                break;
            case FloatArray numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            case Int64Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            case Int32Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            case Int16Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            case Int8Array numbers:
                for (var row = 0; row < numbers.Length; row++) to[row] = numbers.Values[row];
                break;
            default:
                throw Wrong(column, parameter);
        }
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
            var whole = new long[column.Length];
            Longs(column, whole, parameter);
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
