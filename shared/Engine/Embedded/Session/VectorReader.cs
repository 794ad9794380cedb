using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using DuckDB.NET.Native;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Reads one column of result chunks as the .NET values that <see cref="DataType"/>'s docs name.</summary>
/// <remarks>A struct is a <see cref="Row"/>, a map a dictionary, an array <c>object?[]</c>. Bound to a vector it is valid until the chunk is destroyed.</remarks>
internal sealed unsafe class VectorReader
{
    private const int MostBytesKept = 64;

    private delegate object? ReadValue(VectorReader reader, ulong row);

    private readonly ReadValue read;
    private readonly DataType target;
    private readonly VectorReader[] children = [];
    private readonly DuckDBType id;
    private readonly int scale;
    private readonly ulong arrayLength;
    private readonly string[] names = [];
    private readonly byte[] lastBytes;
    private int lastLength;
    private string lastText = "";
    private byte* data;
    private ulong* validity;

    public VectorReader(DuckDBLogicalType type, DataType target)
    {
        this.target = target;
        id = NativeMethods.LogicalType.DuckDBGetTypeId(type);
        lastBytes = id == DuckDBType.Varchar ? new byte[MostBytesKept] : [];
        switch (id)
        {
            case DuckDBType.List:
                children = [List(NativeMethods.LogicalType.DuckDBListTypeChildType(type), (target as ArrayType)?.ElementType)];
                read = static (reader, row) => reader.ReadList(row);
                break;
            case DuckDBType.Array:
                children = [List(NativeMethods.LogicalType.DuckDBArrayTypeChildType(type), (target as ArrayType)?.ElementType)];
                arrayLength = (ulong)NativeMethods.LogicalType.DuckDBArrayVectorGetSize(type);
                read = static (reader, row) => reader.children[0].ReadRange(row * reader.arrayLength, reader.arrayLength);
                break;
            case DuckDBType.Map:
                children =
                [
                    List(NativeMethods.LogicalType.DuckDBMapTypeKeyType(type), (target as MapType)?.KeyType),
                    List(NativeMethods.LogicalType.DuckDBMapTypeValueType(type), (target as MapType)?.ValueType),
                ];
                read = static (reader, row) => reader.ReadMap(row);
                break;
            case DuckDBType.Struct:
                var fields = target as StructType ?? (StructType)DuckDbTypes.ToSpark(type, "");
                this.target = fields;
                children = [.. fields.Select((field, i) => List(NativeMethods.LogicalType.DuckDBStructTypeChildType(type, i), field.DataType))];
                read = static (reader, row) => new Row((StructType)reader.target, Array.ConvertAll(reader.children, child => child.Get(row)));
                break;
            case DuckDBType.Decimal:
                scale = NativeMethods.LogicalType.DuckDBDecimalScale(type);
                var width = NativeMethods.LogicalType.DuckDBDecimalWidth(type);
                read = width <= 4 ? static (reader, row) => reader.Scaled(((short*)reader.data)[row])
                    : width <= 9 ? static (reader, row) => reader.Scaled(((int*)reader.data)[row])
                    : width <= 18 ? static (reader, row) => reader.Scaled(((long*)reader.data)[row])
                    : static (reader, row) => reader.Scaled(((Int128*)reader.data)[row]);
                break;
            case DuckDBType.Enum:
                names = new string[NativeMethods.LogicalType.DuckDBEnumDictionarySize(type)];
                for (var i = 0; i < names.Length; i++) names[i] = NativeMethods.LogicalType.DuckDBEnumDictionaryValue(type, i);
                read = NativeMethods.LogicalType.DuckDBEnumInternalType(type) switch
                {
                    DuckDBType.UnsignedTinyInt => static (reader, row) => reader.names[reader.data[row]],
                    DuckDBType.UnsignedSmallInt => static (reader, row) => reader.names[((ushort*)reader.data)[row]],
                    _ => static (reader, row) => reader.names[((uint*)reader.data)[row]],
                };
                break;
            default:
                read = Atomic(id);
                break;
        }
        if (!IsNatural()) read = Coerced(read);
    }

    /// <summary>Points the reader at a chunk's vector.</summary>
    public void Bind(nint vector)
    {
        data = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(vector);
        validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        switch (id)
        {
            case DuckDBType.List:
                children[0].Bind(NativeMethods.Vectors.DuckDBListVectorGetChild(vector));
                break;
            case DuckDBType.Array:
                children[0].Bind(NativeMethods.Vectors.DuckDBArrayVectorGetChild(vector));
                break;
            case DuckDBType.Map:
                // A map is a list of structs of key and value.
                var entries = NativeMethods.Vectors.DuckDBListVectorGetChild(vector);
                for (var i = 0; i < 2; i++) children[i].Bind(NativeMethods.Vectors.DuckDBStructVectorGetChild(entries, i));
                break;
            case DuckDBType.Struct:
                for (var i = 0; i < children.Length; i++) children[i].Bind(NativeMethods.Vectors.DuckDBStructVectorGetChild(vector, i));
                break;
        }
    }

    /// <summary>The value of a row of the bound vector; null is SQL's NULL.</summary>
    public object? Get(ulong row) => validity != null && (validity[row >> 6] & (1UL << (int)(row & 63))) == 0 ? null : read(this, row);

    private static VectorReader List(DuckDBLogicalType owned, DataType? element)
    {
        using (owned) return new VectorReader(owned, element ?? DuckDbTypes.ToSpark(owned, ""));
    }

    private static ReadValue Atomic(DuckDBType id) => id switch
    {
        DuckDBType.Boolean => static (reader, row) => reader.data[row] != 0,
        DuckDBType.TinyInt => static (reader, row) => ((sbyte*)reader.data)[row],
        DuckDBType.SmallInt => static (reader, row) => ((short*)reader.data)[row],
        DuckDBType.Integer => static (reader, row) => ((int*)reader.data)[row],
        DuckDBType.BigInt => static (reader, row) => ((long*)reader.data)[row],
        DuckDBType.UnsignedTinyInt => static (reader, row) => (short)reader.data[row],
        DuckDBType.UnsignedSmallInt => static (reader, row) => (int)((ushort*)reader.data)[row],
        DuckDBType.UnsignedInteger => static (reader, row) => (long)((uint*)reader.data)[row],
        DuckDBType.UnsignedBigInt => static (reader, row) => (decimal)((ulong*)reader.data)[row],
        DuckDBType.HugeInt => static (reader, row) => reader.Scaled(((Int128*)reader.data)[row]),
        DuckDBType.UnsignedHugeInt => static (reader, row) => reader.Scaled((Int128)((UInt128*)reader.data)[row]),
        DuckDBType.Float => static (reader, row) => ((float*)reader.data)[row],
        DuckDBType.Double => static (reader, row) => ((double*)reader.data)[row],
        DuckDBType.Varchar => static (reader, row) => reader.ReadText(row),
        DuckDBType.Blob => static (reader, row) => reader.Bytes(row).ToArray(),
        DuckDBType.Date => static (reader, row) => Day(((int*)reader.data)[row]),
        DuckDBType.TimestampTz => static (reader, row) => Instant(((long*)reader.data)[row], 10, 1, DateTimeKind.Utc),
        DuckDBType.Timestamp => static (reader, row) => Instant(((long*)reader.data)[row], 10, 1, DateTimeKind.Unspecified),
        DuckDBType.TimestampS => static (reader, row) => Instant(((long*)reader.data)[row], TimeSpan.TicksPerSecond, 1, DateTimeKind.Unspecified),
        DuckDBType.TimestampMs => static (reader, row) => Instant(((long*)reader.data)[row], TimeSpan.TicksPerMillisecond, 1, DateTimeKind.Unspecified),
        DuckDBType.TimestampNs => static (reader, row) => Instant(((long*)reader.data)[row], 1, 100, DateTimeKind.Unspecified),
        DuckDBType.Time => static (reader, row) => new TimeOnly(((long*)reader.data)[row] * 10).ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        DuckDBType.Uuid => static (reader, row) => Uuid(((UInt128*)reader.data)[row]),
        DuckDBType.Interval => static (reader, row) => Interval((int*)(reader.data + (row * 16))),
        DuckDBType.SqlNull => static (_, _) => null,
        _ => throw new EngineException($"DuckDB's type {id} cannot be read as a value of Spark SQL. Cast it in the query, for instance to VARCHAR."),
    };

    private ReadOnlySpan<byte> Bytes(ulong row) => VectorCells.Bytes(data, row);

    /// <summary>The text; the string of the row before where the bytes are the same, as they often are in tables with some order.</summary>
    private string ReadText(ulong row)
    {
        var bytes = Bytes(row);
        if (bytes.Length == lastLength && bytes.SequenceEqual(lastBytes.AsSpan(0, lastLength))) return lastText;
        var text = Encoding.UTF8.GetString(bytes);
        if (bytes.Length > MostBytesKept) return text;
        bytes.CopyTo(lastBytes);
        (lastLength, lastText) = (bytes.Length, text);
        return text;
    }

    private object Scaled(Int128 unscaled)
    {
        var magnitude = unscaled < 0 ? (UInt128)(-unscaled) : (UInt128)unscaled;
        if (magnitude >> 96 == 0 && scale <= 28)
            return new decimal((int)(uint)magnitude, (int)(uint)(magnitude >> 32), (int)(uint)(magnitude >> 64), unscaled < 0, (byte)scale);
        var digits = magnitude.ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return $"{(unscaled < 0 ? "-" : "")}{digits[..^scale]}{(scale > 0 ? "." : "")}{digits[^scale..]}";
    }

    private object?[] ReadList(ulong row)
    {
        var entry = (ulong*)(data + (row * 16));
        return children[0].ReadRange(entry[0], entry[1]);
    }

    private object?[] ReadRange(ulong offset, ulong length)
    {
        var values = new object?[length];
        for (var i = 0UL; i < length; i++) values[i] = Get(offset + i);
        return values;
    }

    private Dictionary<object, object?> ReadMap(ulong row)
    {
        var entry = (ulong*)(data + (row * 16));
        var values = new Dictionary<object, object?>((int)entry[1]);
        for (var i = entry[0]; i < entry[0] + entry[1]; i++) values[children[0].Get(i)!] = children[1].Get(i);
        return values;
    }

    private static DateOnly Day(int days) => StoredValues.TryDay(days, out var day) ? day : throw OutOfRange("date");

    private static DateTime Instant(long value, long multiply, long divide, DateTimeKind kind)
    {
        var ticks = ((Int128)value * multiply / divide) + DateTime.UnixEpoch.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTime((long)ticks, kind) : throw OutOfRange("timestamp");
    }

    private static EngineException OutOfRange(string what) =>
        new($"A {what} in the result is not between the years 1 and 9999 and has no value in .NET. Filter it out or cast it to VARCHAR in the query.") { ErrorClass = "DATETIME_OVERFLOW", SqlState = "22008" };

    private static string Uuid(UInt128 stored)
    {
        // DuckDB flips the first bit so that UUIDs order as signed numbers.
        var digits = (stored ^ (UInt128.One << 127)).ToString("x32", CultureInfo.InvariantCulture);
        return $"{digits[..8]}-{digits[8..12]}-{digits[12..16]}-{digits[16..20]}-{digits[20..]}";
    }

    private static string Interval(int* entry) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry[0]} months {entry[1]} days {*(long*)(entry + 2)} microseconds");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsNatural() => target switch
    {
        StringType => id is DuckDBType.Varchar or DuckDBType.Uuid or DuckDBType.Enum or DuckDBType.Time or DuckDBType.Interval or DuckDBType.SqlNull,
        BinaryType => id is DuckDBType.Blob,
        BooleanType => id is DuckDBType.Boolean,
        DateType => id is DuckDBType.Date,
        TimestampType => id is DuckDBType.TimestampTz,
        TimestampNTZType => id is DuckDBType.Timestamp or DuckDBType.TimestampS or DuckDBType.TimestampMs or DuckDBType.TimestampNs,
        DoubleType => id is DuckDBType.Double,
        FloatType => id is DuckDBType.Float,
        ByteType => id is DuckDBType.TinyInt,
        ShortType => id is DuckDBType.SmallInt or DuckDBType.UnsignedTinyInt,
        IntegerType => id is DuckDBType.Integer or DuckDBType.UnsignedSmallInt,
        LongType => id is DuckDBType.BigInt or DuckDBType.UnsignedInteger,
        DecimalType wanted => id is DuckDBType.Decimal && scale == wanted.Scale,
        _ => true,
    };

    private ReadValue Coerced(ReadValue natural)
    {
        var wanted = target;
        return (reader, row) => natural(reader, row) is { } value ? ValueConversion.To(wanted, value) : null;
    }
}
