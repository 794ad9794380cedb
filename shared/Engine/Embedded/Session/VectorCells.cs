using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Cells of DuckDB's vectors whose width goes by the type or the value: numbers of fixed point, texts and bytes.</summary>
/// <remarks>Source: duckdb.h of DuckDB 1.5, <c>duckdb_string_t</c> and the storage of DECIMAL.</remarks>
internal static unsafe class VectorCells
{
    private const int TextWidth = 16;
    private const int MaxInline = 12;

    /// <summary>The bytes of a text or BLOB: four bytes of length, then the text itself where it fits, or a prefix and a pointer.</summary>
    public static ReadOnlySpan<byte> Bytes(byte* data, ulong row)
    {
        var entry = data + (row * TextWidth);
        var length = *(int*)entry;
        return new ReadOnlySpan<byte>(length <= MaxInline ? entry + 4 : *(byte**)(entry + 8), length);
    }

    /// <summary>Writes the bytes of a text or BLOB; DuckDB copies them.</summary>
    public static void WriteBytes(nint vector, ulong row, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = &MemoryMarshal.GetReference(bytes)) NativeMethods.Vectors.DuckDBVectorAssignStringElementLength(vector, row, first, bytes.Length);
    }

    /// <summary>The stored number of a DECIMAL.</summary>
    public static Int128 Unscaled(byte* data, ulong row, int precision) => precision switch
    {
        <= 4 => ((short*)data)[row],
        <= 9 => ((int*)data)[row],
        <= 18 => ((long*)data)[row],
        _ => ((Int128*)data)[row],
    };

    /// <summary>Writes the stored number of a DECIMAL; it has no more digits than the precision.</summary>
    public static void WriteUnscaled(byte* data, ulong row, int precision, Int128 unscaled)
    {
        switch (precision)
        {
            case <= 4:
                ((short*)data)[row] = (short)unscaled;
                break;
            case <= 9:
                ((int*)data)[row] = (int)unscaled;
                break;
            case <= 18:
                ((long*)data)[row] = (long)unscaled;
                break;
            default:
                ((Int128*)data)[row] = unscaled;
                break;
        }
    }
}
