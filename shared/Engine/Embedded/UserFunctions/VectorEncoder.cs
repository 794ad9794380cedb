using System.Buffers;
using System.Text;
using DuckDB.NET.Native;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Columns;

namespace Pipeline.Engine.Embedded.UserFunctions;

/// <summary>Arrays of .NET values as a vector of DuckDB.</summary>
internal static unsafe class VectorEncoder
{
    /// <summary>Writes the results of a batch.</summary>
    /// <exception cref="OverflowException">A value does not fit in the type.</exception>
    /// <exception cref="InvalidCastException">A value within an array, a map or a struct is of another type.</exception>
    public static void Encode(Array values, bool[] nulls, int rows, DataType type, nint vector)
    {
        var data = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(vector);
        if (type is not (ArrayType or MapType or StructType)) WriteNulls(nulls, rows, vector);
        switch (type)
        {
            case LongType:
                Copy((long[])values, data, rows);
                break;
            case IntegerType:
                Copy((int[])values, data, rows);
                break;
            case ShortType:
                Copy((short[])values, data, rows);
                break;
            case ByteType:
                Copy((sbyte[])values, data, rows);
                break;
            case DoubleType:
                Copy((double[])values, data, rows);
                break;
            case FloatType:
                Copy((float[])values, data, rows);
                break;
            case BooleanType:
                for (var row = 0; row < rows; row++) data[row] = ((bool[])values)[row] ? (byte)1 : (byte)0;
                break;
            case StringType:
                WriteTexts((string[])values, nulls, rows, vector);
                break;
            case BinaryType:
                for (var row = 0; row < rows; row++)
                    if (!nulls[row]) VectorCells.WriteBytes(vector, (ulong)row, ((byte[][])values)[row]);
                break;
            case DecimalType number:
                for (var row = 0; row < rows; row++)
                    if (!nulls[row]) VectorCells.WriteUnscaled(data, (ulong)row, number.Precision, DecimalValues.Unscaled(((decimal[])values)[row], number));
                break;
            case DateType:
                for (var row = 0; row < rows; row++) ((int*)data)[row] = TimeValues.Days(((DateOnly[])values)[row]);
                break;
            case TimestampType:
                for (var row = 0; row < rows; row++) ((long*)data)[row] = TimeValues.Instant(((DateTime[])values)[row]);
                break;
            case TimestampNTZType:
                for (var row = 0; row < rows; row++) ((long*)data)[row] = TimeValues.Clock(((DateTime[])values)[row]);
                break;
            case ArrayType or MapType or StructType:
                WriteNested(AnswerValues.Column(type, (object?[])values, nulls, rows), type, vector);
                break;
            default:
                throw new NotSupportedException($"A C# function cannot answer {type.SimpleString}.");
        }
    }

    private static void WriteNested(object?[] values, DataType type, nint vector)
    {
        var writer = new VectorWriter(type);
        writer.Bind(vector);
        for (var row = 0; row < values.Length; row++) writer.Write((ulong)row, values[row]);
    }

    private static void Copy<T>(T[] values, byte* data, int rows) where T : unmanaged => values.AsSpan(0, rows).CopyTo(new Span<T>(data, rows));

    private static void WriteNulls(bool[] nulls, int rows, nint vector)
    {
        if (nulls.AsSpan(0, rows).IndexOf(true) < 0) return;
        NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(vector);
        var validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        for (var row = 0; row < rows; row++)
            if (nulls[row]) validity[row >> 6] &= ~(1UL << (row & 63));
    }

    private static void WriteTexts(string[] values, bool[] nulls, int rows, nint vector)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(1024);
        try
        {
            for (var row = 0; row < rows; row++)
            {
                if (nulls[row]) continue;
                var most = Encoding.UTF8.GetMaxByteCount(values[row].Length);
                if (most > buffer.Length)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(most);
                }
                VectorCells.WriteBytes(vector, (ulong)row, buffer.AsSpan(0, Encoding.UTF8.GetBytes(values[row], buffer)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
