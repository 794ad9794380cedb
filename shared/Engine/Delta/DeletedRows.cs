using System.Buffers.Binary;
using System.Globalization;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>Reads and writes deletion vectors: the numbers of the rows of a data file that are deleted, from 0.</summary>
/// <remarks>Source: Delta transaction log protocol, "Deletion Vectors" and "Deletion Vector Format"; Roaring bitmap format specification, "Standard 32-bit" and "64-bit portable".</remarks>
internal static class DeletedRows
{
    /// <summary>Deleted rows of one file at most: far more than a file has, and a bound for a vector of a few bytes that claims billions.</summary>
    public const int MaxRows = 1 << 24;

    private const int PortableMagic = 1681511377;
    private const int NativeMagic = 1681511376;
    private const int UuidDigits = 20;
    private const byte FileVersion = 1;
    private const string Base85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    /// <summary>Identity of the file that a vector stands in (as <see cref="AddFile.FilePath"/>), or null for one that stands in the log.</summary>
    /// <exception cref="FormatException">The vector's place is not written as the protocol has it.</exception>
    public static string? FileOf(TablePaths paths, DeletionVector vector)
    {
        if (vector.StorageType == "i") return null;
        if (vector.StorageType == "p") return paths.IdentityOf(vector.PathOrInlineDv);
        if (vector.StorageType != "u" || vector.PathOrInlineDv.Length < UuidDigits) throw new FormatException($"its place is of the kind '{vector.StorageType}', and the kinds are u, p and i");
        var prefix = vector.PathOrInlineDv[..^UuidDigits];
        var uuid = new Guid(DecodeBase85(vector.PathOrInlineDv[^UuidDigits..]), bigEndian: true);
        return paths.IdentityOf(LogPath.Encode($"{prefix}{(prefix.Length > 0 ? "/" : "")}deletion_vector_{uuid:D}.bin"));
    }

    /// <summary>The rows, ascending.</summary>
    /// <exception cref="FormatException">The vector is cut, or is not what the log says of it.</exception>
    /// <exception cref="StorageException">Its file is not there, or cannot be read.</exception>
    public static async Task<long[]> ReadAsync(IStorage storage, TablePaths paths, DeletionVector vector, CancellationToken cancellationToken)
    {
        if (FileOf(paths, vector) is not { } file)
        {
            var inline = DecodeBase85(vector.PathOrInlineDv);
            return vector.SizeInBytes >= 0 && vector.SizeInBytes <= inline.Length ? Decode(inline.AsSpan(0, vector.SizeInBytes), vector.Cardinality) : throw Cut();
        }

        // Its length as a big-endian number, the vector, and a checksum of it.
        const int around = sizeof(int) + sizeof(uint);
        var offset = vector.Offset ?? 1;
        if (offset < 1 || vector.SizeInBytes < 0) throw Cut();
        var head = new byte[1];
        var content = new byte[vector.SizeInBytes + around];
        await using (var stream = await storage.OpenReadAsync(file, 0, 1, cancellationToken).ConfigureAwait(false))
            await ReadExactlyAsync(stream, head, cancellationToken).ConfigureAwait(false);
        if (head[0] != FileVersion) throw new FormatException($"its file '{file}' is of version {head[0]}, and {FileVersion} is known");
        await using (var stream = await storage.OpenReadAsync(file, offset, content.Length, cancellationToken).ConfigureAwait(false))
            await ReadExactlyAsync(stream, content, cancellationToken).ConfigureAwait(false);
        if (BinaryPrimitives.ReadInt32BigEndian(content) != vector.SizeInBytes) throw new FormatException($"its length in the file '{file}' is not that in the log");
        var bitmap = content.AsSpan(sizeof(int), vector.SizeInBytes);
        if (BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(sizeof(int) + vector.SizeInBytes)) != Crc32(bitmap)) throw new FormatException($"its checksum in the file '{file}' is wrong");
        return Decode(bitmap, vector.Cardinality);
    }

    /// <summary>The rows of a serialized array of Roaring bitmaps, one for each upper half of a row's number.</summary>
    internal static long[] Decode(ReadOnlySpan<byte> bytes, long cardinality)
    {
        if (cardinality is < 0 or > MaxRows) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"it has {cardinality} rows, and {MaxRows} are the most that are read"));
        var reader = new Reader(bytes);
        var rows = new List<long>((int)cardinality);
        var magic = reader.Int();
        if (magic == PortableMagic)
        {
            for (var left = reader.Long(); left > 0; left--)
            {
                var upper = (long)(uint)reader.Int() << 32;
                ReadBitmap(ref reader, upper, rows, cardinality);
            }
        }
        else if (BinaryPrimitives.ReverseEndianness(magic) == NativeMagic)
        {
            // The form of the protocol's own example: bitmaps one after the other, each with its size.
            var bitmaps = BinaryPrimitives.ReverseEndianness(reader.Int());
            for (var i = 0L; i < bitmaps; i++)
            {
                var bitmap = new Reader(reader.Take(BinaryPrimitives.ReverseEndianness(reader.Int())));
                ReadBitmap(ref bitmap, i << 32, rows, cardinality);
            }
        }
        else throw new FormatException("it is not in the portable Roaring format");

        if (rows.Count != cardinality) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"it has {rows.Count} rows, and the log says {cardinality}"));
        return [.. rows];
    }

    /// <summary>Writes the deleted rows of several files into one file of the table.</summary>
    /// <param name="storage">The table's folder.</param>
    /// <param name="rows">For each vector its rows, ascending and each once.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The file's path from the table's folder, its size, and the vectors in their order.</returns>
    public static async Task<(string Path, long SizeBytes, List<DeletionVector> Vectors)> WriteAsync(IStorage storage, IEnumerable<IReadOnlyList<long>> rows, CancellationToken cancellationToken)
    {
        var uuid = Guid.NewGuid();
        var place = EncodeBase85(uuid.ToByteArray(bigEndian: true));
        var content = new MemoryStream();
        content.WriteByte(FileVersion);
        var vectors = new List<DeletionVector>();
        foreach (var places in rows)
        {
            var bitmap = Encode(places);
            vectors.Add(new DeletionVector("u", place, (int)content.Position, bitmap.Length, places.Count));
            var number = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(number, bitmap.Length);
            content.Write(number);
            content.Write(bitmap);
            BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(bitmap));
            content.Write(number);
        }

        var path = $"deletion_vector_{uuid:D}.bin";
        if (await storage.PutIfAbsentAsync(path, content.ToArray(), cancellationToken).ConfigureAwait(false) != PutResult.Created)
            throw new StorageException($"Cannot write '{path}': there is a file of this name, which is made of a random number. Run again.") { IsTransient = true };
        return (path, content.Length, vectors);
    }

    /// <summary>Rows in the portable Roaring format.</summary>
    internal static byte[] Encode(IReadOnlyList<long> rows)
    {
        const int cookieWithoutRuns = 12346;
        const int mostInArray = 4096;
        const int bitmapBytes = 8192;
        var content = new MemoryStream();
        using var writer = new BinaryWriter(content); // Little-endian.
        var bitmaps = rows.GroupBy(static row => row >> 32).ToList();
        writer.Write(PortableMagic);
        writer.Write((long)bitmaps.Count);
        foreach (var bitmap in bitmaps)
        {
            writer.Write((int)bitmap.Key);
            var containers = bitmap.GroupBy(static row => (ushort)(row >> 16), static row => (ushort)row).Select(static group => (group.Key, Values: group.ToList())).ToList();
            writer.Write(cookieWithoutRuns);
            writer.Write(containers.Count);
            foreach (var (key, values) in containers)
            {
                writer.Write(key);
                writer.Write((ushort)(values.Count - 1));
            }

            // Where each container begins, from the cookie on.
            var offset = (2 * sizeof(int)) + (containers.Count * ((2 * sizeof(ushort)) + sizeof(int)));
            foreach (var (_, values) in containers)
            {
                writer.Write(offset);
                offset += values.Count <= mostInArray ? values.Count * sizeof(ushort) : bitmapBytes;
            }

            foreach (var (_, values) in containers)
            {
                if (values.Count <= mostInArray)
                {
                    foreach (var value in values) writer.Write(value);
                    continue;
                }

                var bits = new byte[bitmapBytes];
                foreach (var value in values) bits[value / 8] |= (byte)(1 << (value % 8));
                writer.Write(bits);
            }
        }

        writer.Flush();
        return content.ToArray();
    }

    /// <summary>Bytes, a multiple of four, as a text of base 85.</summary>
    internal static string EncodeBase85(ReadOnlySpan<byte> bytes)
    {
        const int digits = 5;
        const int group = 4;
        var text = new char[bytes.Length / group * digits];
        for (var i = 0; i < bytes.Length / group; i++)
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(bytes[(i * group)..]);
            for (var digit = digits - 1; digit >= 0; digit--)
            {
                text[(i * digits) + digit] = Base85[(int)(value % 85)];
                value /= 85;
            }
        }

        return new string(text);
    }

    /// <summary>Bytes of a text of base 85 by ZeroMQ's letters (Z85).</summary>
    internal static byte[] DecodeBase85(string text)
    {
        const int digits = 5;
        const int group = 4;
        if (text.Length % digits != 0) throw Cut();
        var bytes = new byte[text.Length / digits * group];
        for (var i = 0; i < text.Length; i += digits)
        {
            ulong value = 0;
            foreach (var letter in text.AsSpan(i, digits))
            {
                var digit = Base85.IndexOf(letter, StringComparison.Ordinal);
                if (digit < 0) throw new FormatException("it is not written in base 85");
                value = (value * 85) + (ulong)digit;
            }

            if (value > uint.MaxValue) throw new FormatException("it is not written in base 85");
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i / digits * group), (uint)value);
        }

        return bytes;
    }

    private static void ReadBitmap(ref Reader reader, long upper, List<long> rows, long most)
    {
        const int cookieWithRuns = 12347;
        const int cookieWithoutRuns = 12346;
        const int offsetsFrom = 4;
        var cookie = reader.Int();
        var hasRuns = (cookie & 0xFFFF) == cookieWithRuns;
        if (!hasRuns && cookie != cookieWithoutRuns) throw new FormatException("a bitmap in it begins with no known cookie");
        var count = hasRuns ? (int)((uint)cookie >> 16) + 1 : reader.Int();
        if (count is < 0 or > 1 << 16) throw Cut();
        var runs = hasRuns ? reader.Take((count + 7) / 8) : [];
        var header = reader.Take(count * 2 * sizeof(ushort));
        if (!hasRuns || count >= offsetsFrom) reader.Take(count * sizeof(int));
        for (var i = 0; i < count; i++)
        {
            var first = upper | ((long)BinaryPrimitives.ReadUInt16LittleEndian(header[(i * 4)..]) << 16);
            var size = BinaryPrimitives.ReadUInt16LittleEndian(header[((i * 4) + 2)..]) + 1;
            if (hasRuns && (runs[i / 8] >> (i % 8) & 1) == 1) ReadRuns(ref reader, first, rows, most);
            else ReadValues(ref reader, first, size, rows);
            if (rows.Count > most) throw new FormatException("it has more rows than the log says");
        }
    }

    private static void ReadRuns(ref Reader reader, long first, List<long> rows, long most)
    {
        for (var left = reader.Short(); left > 0; left--)
        {
            var start = first + reader.Short();
            var length = reader.Short() + 1;
            if (rows.Count + length > most) throw new FormatException("it has more rows than the log says");
            for (var i = 0; i < length; i++) rows.Add(start + i);
        }
    }

    /// <summary>Up to 4,096 values stand one by one, more of them as a bit each.</summary>
    private static void ReadValues(ref Reader reader, long first, int size, List<long> rows)
    {
        const int mostInArray = 4096;
        const int bitmapBytes = 8192;
        if (size <= mostInArray)
        {
            for (var i = 0; i < size; i++) rows.Add(first + reader.Short());
            return;
        }

        var bits = reader.Take(bitmapBytes);
        for (var i = 0; i < bitmapBytes * 8; i++)
            if ((bits[i / 8] >> (i % 8) & 1) == 1) rows.Add(first + i);
    }

    private static async Task ReadExactlyAsync(Stream stream, byte[] bytes, CancellationToken cancellationToken)
    {
        if (await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < bytes.Length) throw Cut();
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        const uint polynomial = 0xEDB88320;
        var crc = uint.MaxValue;
        foreach (var part in bytes)
        {
            crc ^= part;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ polynomial : crc >> 1;
        }

        return ~crc;
    }

    private static FormatException Cut() => new("it is cut");

    /// <summary>Little-endian numbers, one after the other.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> left = bytes;

        public ReadOnlySpan<byte> Take(int count)
        {
            if (count < 0 || count > left.Length) throw Cut();
            var taken = left[..count];
            left = left[count..];
            return taken;
        }

        public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

        public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

        public int Short() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));
    }
}
