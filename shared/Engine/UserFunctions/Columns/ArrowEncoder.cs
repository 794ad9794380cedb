using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using SparkTypes = Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Arrays of .NET values as Arrow columns, in the very type that Spark has for the declared one.</summary>
/// <remarks>Source: Spark, <c>org.apache.spark.sql.util.ArrowUtils</c>.</remarks>
internal static class ArrowEncoder
{
    private const int MaxBytes = int.MaxValue - 64;

    /// <summary>The Arrow type of a declared type.</summary>
    /// <param name="type">The declared type.</param>
    /// <param name="timeZone">The session's time zone, which Spark's timestamps carry.</param>
    public static IArrowType TypeOf(SparkTypes.DataType type, string timeZone) =>
        type is SparkTypes.ArrayType or SparkTypes.MapType or SparkTypes.StructType ? ArrowColumns.TypeOf(type)
        : ArrowTypes.OfAtomic(type, timeZone) ?? throw new NotSupportedException($"A C# function cannot answer {type.SimpleString}.");

    /// <summary>The column of values.</summary>
    /// <param name="values">Values of the type's bare .NET type.</param>
    /// <param name="nulls">Where the column is null.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="type">The declared type.</param>
    /// <param name="arrowType">Its <see cref="TypeOf"/>.</param>
    /// <exception cref="OverflowException">A value does not fit in the type.</exception>
    /// <exception cref="InvalidCastException">A value within an array, a map or a struct is of another type.</exception>
    public static IArrowArray Encode(System.Array values, bool[] nulls, int rows, SparkTypes.DataType type, IArrowType arrowType)
    {
        if (type is SparkTypes.ArrayType or SparkTypes.MapType or SparkTypes.StructType) return ArrowColumns.Build(type, AnswerValues.Column(type, (object?[])values, nulls, rows), "result");
        var (validity, nullCount) = Validity(nulls, rows);
        ReadOnlySpan<ArrowBuffer> content = type switch
        {
            SparkTypes.StringType => Texts((string[])values, nulls, rows),
            SparkTypes.BinaryType => Blobs((byte[][])values, nulls, rows),
            SparkTypes.BooleanType => [Flags((bool[])values, rows)],
            SparkTypes.ByteType => [Fixed((sbyte[])values, rows)],
            SparkTypes.ShortType => [Fixed((short[])values, rows)],
            SparkTypes.IntegerType => [Fixed((int[])values, rows)],
            SparkTypes.LongType => [Fixed((long[])values, rows)],
            SparkTypes.FloatType => [Fixed((float[])values, rows)],
            SparkTypes.DoubleType => [Fixed((double[])values, rows)],
            SparkTypes.DecimalType number => [Decimals((decimal[])values, nulls, rows, number)],
            SparkTypes.DateType => [Days((DateOnly[])values, rows)],
            SparkTypes.TimestampType => [Times((DateTime[])values, rows, TimeValues.Instant)],
            SparkTypes.TimestampNTZType => [Times((DateTime[])values, rows, TimeValues.Clock)],
            _ => throw new NotSupportedException($"A C# function cannot answer {type.SimpleString}."),
        };
        return ArrowArrayFactory.BuildArray(new ArrayData(arrowType, rows, nullCount, 0, [validity, .. content]));
    }

    private static (ArrowBuffer Bits, int Nulls) Validity(bool[] nulls, int rows)
    {
        if (nulls.AsSpan(0, rows).IndexOf(true) < 0) return (ArrowBuffer.Empty, 0);
        var bits = new byte[(rows + 7) / 8];
        var count = 0;
        for (var row = 0; row < rows; row++)
        {
            if (nulls[row]) count++;
            else bits[row >> 3] |= (byte)(1 << (row & 7));
        }
        return (new ArrowBuffer(bits), count);
    }

    private static ArrowBuffer Fixed<T>(T[] values, int rows) where T : unmanaged => new(MemoryMarshal.AsBytes(values.AsSpan(0, rows)).ToArray());

    private static ArrowBuffer Flags(bool[] values, int rows)
    {
        var bits = new byte[(rows + 7) / 8];
        for (var row = 0; row < rows; row++)
            if (values[row]) bits[row >> 3] |= (byte)(1 << (row & 7));
        return new ArrowBuffer(bits);
    }

    private static ArrowBuffer Decimals(decimal[] values, bool[] nulls, int rows, SparkTypes.DecimalType type)
    {
        var bytes = new byte[rows * 16];
        for (var row = 0; row < rows; row++)
            if (!nulls[row]) BinaryPrimitives.WriteInt128LittleEndian(bytes.AsSpan(row * 16), DecimalValues.Unscaled(values[row], type));
        return new ArrowBuffer(bytes);
    }

    private static ArrowBuffer Days(DateOnly[] values, int rows)
    {
        var days = new int[rows];
        for (var row = 0; row < rows; row++) days[row] = TimeValues.Days(values[row]);
        return Fixed(days, rows);
    }

    private static ArrowBuffer Times(DateTime[] values, int rows, Func<DateTime, long> microseconds)
    {
        var times = new long[rows];
        for (var row = 0; row < rows; row++) times[row] = microseconds(values[row]);
        return Fixed(times, rows);
    }

    private static ArrowBuffer[] Texts(string[] values, bool[] nulls, int rows)
    {
        var offsets = new int[rows + 1];
        var bytes = new byte[rows * 16];
        var end = 0;
        for (var row = 0; row < rows; row++)
        {
            if (!nulls[row])
            {
                Grow(ref bytes, end, (long)values[row].Length * 3);
                end += Encoding.UTF8.GetBytes(values[row], bytes.AsSpan(end));
            }
            offsets[row + 1] = end;
        }
        return [Fixed(offsets, rows + 1), new ArrowBuffer(bytes.AsMemory(0, end))];
    }

    private static ArrowBuffer[] Blobs(byte[][] values, bool[] nulls, int rows)
    {
        var offsets = new int[rows + 1];
        var bytes = new byte[rows * 16];
        var end = 0;
        for (var row = 0; row < rows; row++)
        {
            if (!nulls[row])
            {
                Grow(ref bytes, end, values[row].Length);
                values[row].CopyTo(bytes, end);
                end += values[row].Length;
            }
            offsets[row + 1] = end;
        }
        return [Fixed(offsets, rows + 1), new ArrowBuffer(bytes.AsMemory(0, end))];
    }

    private static void Grow(ref byte[] bytes, int end, long more)
    {
        if (end + more <= bytes.Length) return;
        if (end + more > MaxBytes) throw new OverflowException("The texts of one batch are longer than 2 GB. Set spark.sql.execution.arrow.maxRecordsPerBatch lower.");
        System.Array.Resize(ref bytes, (int)Math.Min(MaxBytes, Math.Max(end + more, 2L * bytes.Length)));
    }
}
