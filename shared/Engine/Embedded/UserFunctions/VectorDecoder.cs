using System.Text;
using DuckDB.NET.Native;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Columns;

namespace Pipeline.Engine.Embedded.UserFunctions;

/// <summary>DuckDB's vectors as arrays of .NET values, of the types that a C# function may take. DuckDB has cast the arguments to the parameters' types.</summary>
/// <remarks>Source: duckdb.h of DuckDB 1.5, chapter "Vector".</remarks>
internal static unsafe class VectorDecoder
{
    /// <summary>Fills the values and nulls of a parameter.</summary>
    /// <exception cref="OverflowException">A value has no .NET value.</exception>
    /// <exception cref="InvalidCastException">A NULL within an array, a map or a struct stands where the .NET type holds none.</exception>
    public static void Decode(nint vector, int rows, FunctionParameter parameter, Array values, bool[] nulls)
    {
        var data = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(vector);
        var validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        for (var row = 0; row < rows; row++) nulls[row] = validity != null && (validity[row >> 6] & (1UL << (row & 63))) == 0;
        switch (parameter.Type)
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
                for (var row = 0; row < rows; row++) ((bool[])values)[row] = data[row] != 0;
                break;
            case StringType:
                for (var row = 0; row < rows; row++)
                    if (!nulls[row]) ((string[])values)[row] = Encoding.UTF8.GetString(VectorCells.Bytes(data, (ulong)row));
                break;
            case BinaryType:
                for (var row = 0; row < rows; row++)
                    if (!nulls[row]) ((byte[][])values)[row] = VectorCells.Bytes(data, (ulong)row).ToArray();
                break;
            case DecimalType number:
                for (var row = 0; row < rows; row++)
                    if (!nulls[row]) ((decimal[])values)[row] = DecimalValues.Read(VectorCells.Unscaled(data, (ulong)row, number.Precision), number.Scale);
                break;
            case DateType:
                for (var row = 0; row < rows; row++)
                    if (!nulls[row]) ((DateOnly[])values)[row] = TimeValues.Day(((int*)data)[row]);
                break;
            case TimestampType or TimestampNTZType:
                var kind = parameter.Type is TimestampType ? DateTimeKind.Utc : DateTimeKind.Unspecified;
                for (var row = 0; row < rows; row++)
                    if (!nulls[row]) ((DateTime[])values)[row] = TimeValues.Time(((long*)data)[row], kind);
                break;
            case ArrayType or MapType or StructType:
                Nested(vector, rows, parameter, (object?[])values, nulls);
                break;
            default:
                throw new NotSupportedException($"A C# function cannot take {parameter.Type.SimpleString}.");
        }
    }

    private static void Nested(nint vector, int rows, FunctionParameter parameter, object?[] values, bool[] nulls)
    {
        using var given = NativeMethods.Vectors.DuckDBVectorGetColumnType(vector);
        var reader = new VectorReader(given, FunctionParameter.Closed(parameter.Type, DuckDbTypes.ToSpark(given, "argument")));
        reader.Bind(vector);
        var form = ParameterForm.Of(parameter.ClrType);
        for (var row = 0; row < rows; row++)
            if (!nulls[row]) values[row] = form.From(reader.Get((ulong)row)!);
    }

    private static void Copy<T>(T[] to, byte* data, int rows) where T : unmanaged => new ReadOnlySpan<T>(data, rows).CopyTo(to);
}
