using System.Buffers.Binary;
using NpgsqlTypes;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>Reads the bytes of a binary COPY into a checksum, without a .NET value between. Not thread-safe.</summary>
internal sealed class CopyReader(Stream copy, IReadOnlyList<NpgsqlDbType> types)
{
    private byte[] buffer = new byte[1 << 17];
    private int start;
    private int end;

    /// <summary>Adds every row to the checksum.</summary>
    public async Task ReadAsync(RowChecksum checksum, CancellationToken cancellationToken)
    {
        await RequireAsync(CopyFormat.Header.Length, cancellationToken);
        if (!buffer.AsSpan(start, 11).SequenceEqual(CopyFormat.Header[..11])) throw new IOException("What PostgreSQL sent is no binary COPY: it has not its signature.");
        start += CopyFormat.Header.Length + BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + CopyFormat.Header.Length - 4));
        while (true)
        {
            while (TryRow(checksum, out var isEnd))
                if (isEnd) return;
            await FillAsync(cancellationToken);
        }
    }

    /// <summary>Takes a row that is whole in the buffer.</summary>
    private bool TryRow(RowChecksum checksum, out bool isEnd)
    {
        isEnd = false;
        var rest = buffer.AsSpan(start, end - start);
        if (rest.Length < 2) return false;
        var fields = BinaryPrimitives.ReadInt16BigEndian(rest);
        if (fields == CopyFormat.End) return isEnd = true;
        if (fields != types.Count) throw new IOException($"PostgreSQL sent a row of {fields} fields where {types.Count} were asked for.");
        var at = 2;
        checksum.Begin();
        foreach (var type in types)
        {
            if (rest.Length < at + 4) return false;
            var size = BinaryPrimitives.ReadInt32BigEndian(rest[at..]);
            at += 4;
            if (size == CopyFormat.Null)
            {
                checksum.Null();
                continue;
            }
            if (rest.Length < at + size) return false;
            Add(checksum, type, rest.Slice(at, size));
            at += size;
        }
        checksum.End();
        start += at;
        return true;
    }

    private static void Add(RowChecksum checksum, NpgsqlDbType type, ReadOnlySpan<byte> value)
    {
        switch (type)
        {
            case NpgsqlDbType.Smallint: checksum.Whole(BinaryPrimitives.ReadInt16BigEndian(value)); break;
            case NpgsqlDbType.Integer: checksum.Whole(BinaryPrimitives.ReadInt32BigEndian(value)); break;
            case NpgsqlDbType.Bigint: checksum.Whole(BinaryPrimitives.ReadInt64BigEndian(value)); break;
            case NpgsqlDbType.Real: checksum.Real(BinaryPrimitives.ReadSingleBigEndian(value)); break;
            case NpgsqlDbType.Double: checksum.Real(BinaryPrimitives.ReadDoubleBigEndian(value)); break;
            case NpgsqlDbType.Boolean: checksum.Truth(value[0] != 0); break;
            case NpgsqlDbType.Date: checksum.Day(BinaryPrimitives.ReadInt32BigEndian(value) + CopyFormat.EpochDay); break;
            case NpgsqlDbType.Timestamp or NpgsqlDbType.TimestampTz: checksum.Instant((BinaryPrimitives.ReadInt64BigEndian(value) * TimeSpan.TicksPerMicrosecond) + CopyFormat.EpochTicks); break;
            case NpgsqlDbType.Bytea: checksum.Bytes(value); break;
            default: checksum.Utf8(value); break;
        }
    }

    private async Task RequireAsync(int count, CancellationToken cancellationToken)
    {
        while (end - start < count) await FillAsync(cancellationToken);
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        var read = await copy.ReadAsync(buffer.AsMemory(end), cancellationToken);
        if (read == 0) throw new IOException("PostgreSQL's COPY ended in the middle of a row.");
        end += read;
    }
}
