using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Pipeline.Sql.Types;

namespace Pipeline.Export;

/// <summary>Count and checksum of rows in any order: what was sent and what was read back must agree in both.</summary>
/// <remarks>
/// Each row is hashed over a canonical form of its values (doubles by their bits, so exactly), and the hashes are added modulo 2^128, so that order does not matter and a row
/// that stands twice does. It finds what gets lost or changed; it is no defence against forgery. Not thread-safe.
/// </remarks>
public sealed class RowChecksum
{
    private const ulong FirstSeed = 0x9E3779B97F4A7C15, SecondSeed = 0xC2B2AE3D27D4EB4F;
    private readonly DataType[] types;
    private readonly ArrayBufferWriter<byte> buffer = new(512);
    private UInt128 sum;

    /// <summary>A checksum of no rows yet.</summary>
    public RowChecksum(StructType columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        types = [.. columns.Select(static column => column.DataType)];
    }

    /// <summary>Rows so far.</summary>
    public long Count { get; private set; }

    /// <summary>The checksum as 32 hexadecimal digits.</summary>
    public string Text => sum.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Whether both saw the same rows.</summary>
    public bool Matches(RowChecksum other) => other is not null && Count == other.Count && sum == other.sum;

    /// <summary>Takes one row, its values in the columns' order.</summary>
    public void Add(ReadOnlySpan<object?> values)
    {
        buffer.ResetWrittenCount();
        for (var i = 0; i < types.Length; i++) Append(PlainValue.Of(types[i], values[i]));
        var bytes = buffer.WrittenSpan;
        sum += new UInt128(Hash(bytes, FirstSeed), Hash(bytes, SecondSeed));
        Count++;
    }

    private void Append(object? value)
    {
        switch (value)
        {
            case null: Fixed(0, 0); break;
            case long number: Fixed(1, number); break;
            case double number: Fixed(2, BitConverter.DoubleToInt64Bits(double.IsNaN(number) ? double.NaN : number)); break;
            case bool truth: Fixed(3, truth ? 1 : 0); break;
            case DateOnly day: Fixed(4, day.DayNumber); break;
            case DateTime instant: Fixed(5, instant.Ticks); break;
            case decimal number: Text8(6, Trimmed(number.ToString(CultureInfo.InvariantCulture))); break;
            case byte[] bytes:
                Fixed(8, bytes.Length);
                buffer.Write(bytes);
                break;
            case string text: Text8(7, text); break;
            default: throw new ArgumentException($"A value of the .NET type {value.GetType().Name} is none that a table of a database holds.", nameof(value));
        }
    }

    private static string Trimmed(string number) => number.Contains('.', StringComparison.Ordinal) ? number.TrimEnd('0').TrimEnd('.') : number;

    private void Fixed(byte tag, long bits)
    {
        var span = buffer.GetSpan(9);
        span[0] = tag;
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], bits);
        buffer.Advance(9);
    }

    private void Text8(byte tag, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Fixed(tag, length);
        buffer.Advance(Encoding.UTF8.GetBytes(text, buffer.GetSpan(length)));
    }

    /// <summary>A multiply-and-fold hash: 64 bits of the 128-bit product of each eight bytes with the state.</summary>
    private static ulong Hash(ReadOnlySpan<byte> bytes, ulong seed)
    {
        var state = seed ^ (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            state = Fold(state ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), seed | 1);
            bytes = bytes[8..];
        }
        ulong rest = 0;
        for (var i = 0; i < bytes.Length; i++) rest |= (ulong)bytes[i] << (8 * i);
        return Fold(Fold(state ^ rest, seed | 1), 0xFF51AFD7ED558CCD);
    }

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low ^ left;
    }
}
