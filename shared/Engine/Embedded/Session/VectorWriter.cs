using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using DuckDB.NET.Native;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Writes .NET values into one vector of a data chunk.</summary>
internal sealed unsafe class VectorWriter
{
    private readonly DataType type;
    private readonly VectorWriter[] children;
    private nint vector;
    private byte* data;
    private ulong* validity;
    private ulong childCount;
    private ulong childCapacity;

    public VectorWriter(DataType type)
    {
        this.type = type;
        children = type switch
        {
            ArrayType array => [new VectorWriter(array.ElementType)],
            MapType map => [new VectorWriter(map.KeyType), new VectorWriter(map.ValueType)],
            StructType fields => [.. fields.Select(field => new VectorWriter(field.DataType))],
            _ => [],
        };
    }

    /// <summary>Points the writer at a vector that was just created or reset.</summary>
    public void Bind(nint target)
    {
        vector = target;
        data = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(target);
        validity = null;
        childCount = 0;
        childCapacity = 0;
        if (type is StructType)
            for (var i = 0; i < children.Length; i++) children[i].Bind(NativeMethods.Vectors.DuckDBStructVectorGetChild(target, i));
    }

    /// <summary>Points the writer at 16 bytes that nobody reads, to see whether a value can be written.</summary>
    public void BindTo(byte* scratch)
    {
        vector = 0;
        data = scratch;
    }

    /// <summary>Writes the value of a row; rows are written in order.</summary>
    public void Write(ulong row, object? value)
    {
        if (value is null)
        {
            WriteNull(row);
            return;
        }
        switch (type)
        {
            case StringType:
                WriteText(row, value as string ?? (string)ValueConversion.To(type, value));
                break;
            case BinaryType:
                WriteBytes(row, value as byte[] ?? (byte[])ValueConversion.To(type, value));
                break;
            case BooleanType:
                data[row] = (bool)ValueConversion.To(type, value) ? (byte)1 : (byte)0;
                break;
            case ByteType:
                ((sbyte*)data)[row] = value is sbyte tiny ? tiny : (sbyte)ValueConversion.To(type, value);
                break;
            case ShortType:
                ((short*)data)[row] = value is short small ? small : (short)ValueConversion.To(type, value);
                break;
            case IntegerType or NullType:
                ((int*)data)[row] = value is int number ? number : (int)ValueConversion.To(new IntegerType(), value);
                break;
            case LongType:
                ((long*)data)[row] = value is long big ? big : (long)ValueConversion.To(type, value);
                break;
            case FloatType:
                ((float*)data)[row] = (float)ValueConversion.To(type, value);
                break;
            case DoubleType:
                ((double*)data)[row] = value is double real ? real : (double)ValueConversion.To(type, value);
                break;
            case DecimalType fixedPoint:
                WriteDecimal(row, fixedPoint, value);
                break;
            case DateType:
                ((int*)data)[row] = ((DateOnly)ValueConversion.To(type, value)).DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
                break;
            case TimestampType or TimestampNTZType:
                ((long*)data)[row] = StoredValues.MicrosecondsOf(((DateTime)ValueConversion.To(type, value)).Ticks - DateTime.UnixEpoch.Ticks);
                break;
            case ArrayType:
                WriteList(row, value);
                break;
            case MapType:
                WriteMap(row, value);
                break;
            case StructType fields:
                WriteStruct(row, fields, value);
                break;
            default:
                throw new EngineException($"A column of type {type.SimpleString} cannot be given to the embedded engine.");
        }
    }

    /// <summary>Writes a value of a fixed width as it stands in the vector: days of a date, microseconds of a timestamp.</summary>
    public void WriteFixed<T>(ulong row, T value) where T : unmanaged => ((T*)data)[row] = value;

    /// <summary>Writes NULL.</summary>
    public void WriteNull(ulong row)
    {
        if (vector == 0) return;
        if (validity == null)
        {
            NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(vector);
            validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        }
        validity[row >> 6] &= ~(1UL << (int)(row & 63));
        // The fields of a null struct are null too.
        if (type is StructType)
            foreach (var child in children) child.WriteNull(row);
        else if (type is ArrayType or MapType)
            SetEntry(row, childCount, 0);
    }

    /// <summary>Takes back the null of a row that is written again.</summary>
    public void Unset(ulong row)
    {
        if (validity != null) validity[row >> 6] |= 1UL << (int)(row & 63);
    }

    private void WriteText(ulong row, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= 1024)
        {
            var small = stackalloc byte[1024];
            var length = Encoding.UTF8.GetBytes(text, new Span<byte>(small, 1024));
            NativeMethods.Vectors.DuckDBVectorAssignStringElementLength(vector, row, small, length);
            return;
        }
        var rented = ArrayPool<byte>.Shared.Rent(most);
        var size = Encoding.UTF8.GetBytes(text, rented);
        fixed (byte* first = rented) NativeMethods.Vectors.DuckDBVectorAssignStringElementLength(vector, row, first, size);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Writes bytes (a BLOB, or text that is known to be UTF-8).</summary>
    public void WriteBytes(ulong row, ReadOnlySpan<byte> bytes) => VectorCells.WriteBytes(vector, row, bytes);

    /// <summary>Writes a number into a column of fixed point.</summary>
    public void WriteDecimal(ulong row, DecimalType fixedPoint, object value)
    {
        var unscaled = ValueConversion.To(fixedPoint, value) switch
        {
            string text => Unscaled(fixedPoint, text),
            decimal number => Unscaled(fixedPoint, number),
            var other => throw new EngineException($"A value of .NET's type {other.GetType().Name} is not a {fixedPoint.SimpleString}."),
        };
        VectorCells.WriteUnscaled(data, row, fixedPoint.Precision, unscaled);
    }

    private static Int128 Unscaled(DecimalType type, decimal number)
    {
        Span<int> bits = stackalloc int[4];
        _ = decimal.GetBits(number, bits);
        var unscaled = (Int128)new UInt128((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
        if (bits[3] < 0) unscaled = -unscaled;
        return Rescaled(type, unscaled, (bits[3] >> 16) & 0xff, number.ToString(CultureInfo.InvariantCulture));
    }

    private static Int128 Unscaled(DecimalType type, string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return Int128.TryParse(text.Replace(".", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var unscaled)
            ? Rescaled(type, unscaled, point < 0 ? 0 : text.Length - point - 1, text)
            : throw OutOfRange(type, text);
    }

    private static Int128 Rescaled(DecimalType type, Int128 unscaled, int scale, string text)
    {
        for (; scale < type.Scale; scale++) unscaled = checked(unscaled * 10);
        for (; scale > type.Scale; scale--)
        {
            var (quotient, rest) = Int128.DivRem(unscaled, 10);
            // Half up, away from zero: only the last digit dropped decides.
            unscaled = scale == type.Scale + 1 && Int128.Abs(rest) >= 5 ? quotient + Int128.Sign(unscaled) : quotient;
        }
        var limit = Int128.One;
        for (var i = 0; i < type.Precision; i++) limit *= 10;
        return Int128.Abs(unscaled) < limit ? unscaled : throw OutOfRange(type, text);
    }

    private static EngineException OutOfRange(DecimalType type, string text) =>
        new($"The number {text} does not fit in {type.SimpleString}. Declare more digits.") { ErrorClass = "NUMERIC_VALUE_OUT_OF_RANGE", SqlState = "22003" };

    private void WriteList(ulong row, object value)
    {
        var items = value as IEnumerable ?? throw new EngineException($"A value of .NET's type {value.GetType().Name} is not an array of the column's type {type.SimpleString}.");
        var list = items as ICollection ?? items.Cast<object?>().ToList();
        var offset = childCount;
        SetEntry(row, offset, (ulong)list.Count);
        Reserve(offset + (ulong)list.Count);
        foreach (var item in list) children[0].Write(childCount++, item);
        _ = NativeMethods.Vectors.DuckDBListVectorSetSize(vector, childCount);
    }

    private void WriteMap(ulong row, object value)
    {
        var entries = value as IDictionary ?? throw new EngineException($"A value of .NET's type {value.GetType().Name} is not a dictionary, as the column's type {type.SimpleString} needs.");
        SetEntry(row, childCount, (ulong)entries.Count);
        Reserve(childCount + (ulong)entries.Count);
        foreach (DictionaryEntry entry in entries)
        {
            children[0].Write(childCount, entry.Key);
            children[1].Write(childCount++, entry.Value);
        }
        _ = NativeMethods.Vectors.DuckDBListVectorSetSize(vector, childCount);
    }

    private void WriteStruct(ulong row, StructType fields, object value)
    {
        var values = value switch
        {
            Row nested => nested.Values,
            object?[] array => array,
            IReadOnlyDictionary<string, object?> named => [.. fields.Select(field => named.GetValueOrDefault(field.Name))],
            _ => throw new EngineException($"A value of .NET's type {value.GetType().Name} is not a Row, as the column's type {type.SimpleString} needs."),
        };
        if (values.Length != children.Length)
            throw new EngineException($"A value with {values.Length} fields is not one of {type.SimpleString}, which has {children.Length}.");
        for (var i = 0; i < values.Length; i++) children[i].Write(row, values[i]);
    }

    private void SetEntry(ulong row, ulong offset, ulong length)
    {
        var entry = (ulong*)(data + (row * 16));
        entry[0] = offset;
        entry[1] = length;
    }

    private void Reserve(ulong size)
    {
        if (size <= childCapacity && childCapacity > 0) return;
        childCapacity = Math.Max(size, Math.Max(2048, childCapacity * 2));
        if (!NativeMethods.Vectors.DuckDBListVectorReserve(vector, childCapacity).IsSuccess())
            throw new EngineException($"There is no memory for an array of {size} elements.") { IsTransient = true };
        // Reserving may have moved the elements.
        var child = NativeMethods.Vectors.DuckDBListVectorGetChild(vector);
        if (type is ArrayType)
            children[0].Rebind(child);
        else
            for (var i = 0; i < 2; i++) children[i].Rebind(NativeMethods.Vectors.DuckDBStructVectorGetChild(child, i));
    }

    private void Rebind(nint target)
    {
        vector = target;
        data = (byte*)NativeMethods.Vectors.DuckDBVectorGetData(target);
        validity = null;
        if (type is StructType)
            for (var i = 0; i < children.Length; i++) children[i].Rebind(NativeMethods.Vectors.DuckDBStructVectorGetChild(target, i));
    }
}
