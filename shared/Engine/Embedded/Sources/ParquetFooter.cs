using System.Buffers.Binary;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>A look into a Parquet file's footer before DuckDB reads the file.</summary>
/// <remarks>
/// A column that says it is encrypted, in a file that names no algorithm, is an internal error to DuckDB, after which the whole database refuses every statement: one file would end the session.
/// So columns that are encrypted, which cannot be read without a key anyway, are found here. Whatever else is wrong with a footer DuckDB reports by an error of the statement.
/// Source: Apache Parquet format, parquet.thrift (FileMetaData, RowGroup, ColumnChunk) and "File format"; Apache Thrift, "Compact protocol encoding".
/// </remarks>
internal static class ParquetFooter
{
    private const int TailBytes = 8;
    private const int MaxDepth = 64;

    /// <summary>Whether a column of the file is encrypted.</summary>
    public static bool HasEncryptedColumns(string file)
    {
        using var handle = File.OpenHandle(file);
        var length = RandomAccess.GetLength(handle);
        Span<byte> tail = stackalloc byte[TailBytes];
        if (length < TailBytes || RandomAccess.Read(handle, tail, length - TailBytes) < TailBytes) return false;
        if (tail[4..].SequenceEqual("PARE"u8)) return true;
        var footer = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (!tail[4..].SequenceEqual("PAR1"u8) || footer <= 0 || footer > length - TailBytes) return false;
        var bytes = new byte[footer];
        if (RandomAccess.Read(handle, bytes, length - TailBytes - footer) < footer) return false;
        var reader = new CompactReader(bytes);
        return FileHasEncryptedColumns(ref reader);
    }

    private static bool FileHasEncryptedColumns(ref CompactReader reader)
    {
        const int rowGroups = 4;
        var field = 0;
        while (reader.ReadField(ref field, out var type))
        {
            if (field != rowGroups || type != CompactType.List) reader.Skip(type, 0);
            else
            {
                for (var left = reader.ReadList(out _); left > 0 && !reader.IsBroken; left--)
                    if (GroupHasEncryptedColumns(ref reader)) return true;
            }
        }

        return false;
    }

    private static bool GroupHasEncryptedColumns(ref CompactReader reader)
    {
        const int columns = 1;
        var field = 0;
        while (reader.ReadField(ref field, out var type))
        {
            if (field != columns || type != CompactType.List) reader.Skip(type, 0);
            else
            {
                for (var left = reader.ReadList(out _); left > 0 && !reader.IsBroken; left--)
                    if (IsEncryptedColumn(ref reader)) return true;
            }
        }

        return false;
    }

    private static bool IsEncryptedColumn(ref CompactReader reader)
    {
        const int cryptoMetadata = 8;
        const int encryptedMetadata = 9;
        var field = 0;
        while (reader.ReadField(ref field, out var type))
        {
            if (field is cryptoMetadata or encryptedMetadata) return true;
            reader.Skip(type, 0);
        }

        return false;
    }

    /// <summary>Types of the compact protocol.</summary>
    private enum CompactType
    {
        Stop = 0,
        True = 1,
        False = 2,
        Byte = 3,
        Short = 4,
        Int = 5,
        Long = 6,
        Double = 7,
        Binary = 8,
        List = 9,
        Set = 10,
        Map = 11,
        Struct = 12,
    }

    /// <summary>Walks through bytes of the compact protocol; bytes that do not fit it end the walk.</summary>
    private ref struct CompactReader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> left = bytes;

        public bool IsBroken { get; private set; }

        /// <summary>The next field of a struct; false at the struct's end.</summary>
        public bool ReadField(ref int field, out CompactType type)
        {
            var header = ReadByte();
            type = (CompactType)(header & 0xF);
            if (IsBroken || type == CompactType.Stop) return false;
            field = header >> 4 is var step and > 0 ? field + step : Zigzag(ReadNumber());
            return !IsBroken;
        }

        /// <summary>Number of items of a list or set.</summary>
        public long ReadList(out CompactType type)
        {
            var header = ReadByte();
            type = (CompactType)(header & 0xF);
            return header >> 4 is var count and < 15 ? count : (long)ReadNumber();
        }

        public void Skip(CompactType type, int depth)
        {
            if (depth > MaxDepth) IsBroken = true;
            if (IsBroken) return;
            switch (type)
            {
                case CompactType.True or CompactType.False: break;
                case CompactType.Byte: ReadByte(); break;
                case CompactType.Short or CompactType.Int or CompactType.Long: ReadNumber(); break;
                case CompactType.Double: Take(sizeof(double)); break;
                case CompactType.Binary: Take(ReadNumber()); break;
                case CompactType.List or CompactType.Set: SkipItems(depth); break;
                case CompactType.Map: SkipEntries(depth); break;
                case CompactType.Struct: SkipStruct(depth); break;
                default: IsBroken = true; break;
            }
        }

        private void SkipItems(int depth)
        {
            var count = ReadList(out var type);
            for (; count > 0 && !IsBroken; count--) SkipItem(type, depth);
        }

        private void SkipEntries(int depth)
        {
            var count = ReadNumber();
            if (count == 0) return;
            var types = ReadByte();
            for (; count > 0 && !IsBroken; count--)
            {
                SkipItem((CompactType)(types >> 4), depth);
                SkipItem((CompactType)(types & 0xF), depth);
            }
        }

        private void SkipStruct(int depth)
        {
            var field = 0;
            while (ReadField(ref field, out var type)) Skip(type, depth + 1);
        }

        /// <summary>Within a list a truth value takes a byte; as a field its type is its value.</summary>
        private void SkipItem(CompactType type, int depth)
        {
            if (type is CompactType.True or CompactType.False) ReadByte();
            else Skip(type, depth + 1);
        }

        private byte ReadByte()
        {
            if (left.IsEmpty)
            {
                IsBroken = true;
                return 0;
            }

            var value = left[0];
            left = left[1..];
            return value;
        }

        private ulong ReadNumber()
        {
            ulong value = 0;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var part = ReadByte();
                value |= (ulong)(part & 0x7F) << shift;
                if ((part & 0x80) == 0) return value;
            }

            IsBroken = true;
            return 0;
        }

        private void Take(ulong count)
        {
            if (count > (ulong)left.Length) IsBroken = true;
            else left = left[(int)count..];
        }

        private static int Zigzag(ulong value) => (int)((long)(value >> 1) ^ -(long)(value & 1));
    }
}
