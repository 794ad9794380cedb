using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Export;

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
        Begin();
        for (var i = 0; i < types.Length; i++) Append(types[i], values[i]);
        End();
    }

    /// <summary>Begins a row; its values follow in the columns' order, then <see cref="End"/>. A row that is begun again was none.</summary>
    internal void Begin() => buffer.ResetWrittenCount();

    internal void Null() => Fixed(0, 0);

    internal void Whole(long value) => Fixed(1, value);

    internal void Real(double value) => Fixed(2, BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value + 0.0));

    internal void Truth(bool value) => Fixed(3, value ? 1 : 0);

    internal void Day(int dayNumber) => Fixed(4, dayNumber);

    internal void Instant(long ticks) => Fixed(5, ticks);

    internal void Utf8(ReadOnlySpan<byte> utf8)
    {
        Fixed(7, utf8.Length);
        buffer.Write(utf8);
    }

    internal void Bytes(ReadOnlySpan<byte> bytes)
    {
        Fixed(8, bytes.Length);
        buffer.Write(bytes);
    }

    internal void End()
    {
        var bytes = buffer.WrittenSpan;
        sum += new UInt128(Hash(bytes, FirstSeed), Hash(bytes, SecondSeed));
        Count++;
    }

    private void Append(DataType type, object? value)
    {
        switch (type, value)
        {
            // What engines give nearly always: no second box for it.
            case (IntegralType, int number): Whole(number); return;
            case (IntegralType, long number): Whole(number); return;
            case (DoubleType, double number): Real(number); return;
            case (StringType, string text): Text8(7, text); return;
        }
        switch (CanonicalValue.Of(type, value))
        {
            case null: Null(); break;
            case long number: Whole(number); break;
            case double number: Real(number); break;
            case bool truth: Truth(truth); break;
            case DateOnly day: Day(day.DayNumber); break;
            case DateTime instant: Instant(instant.Ticks); break;
            case decimal number: Text8(6, Trimmed(number.ToString(CultureInfo.InvariantCulture))); break;
            case byte[] bytes: Bytes(bytes); break;
            case string text: Text8(7, text); break;
            case var other: throw new ArgumentException($"A value of the .NET type {other.GetType().Name} is none that a table of a database holds.", nameof(value));
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
