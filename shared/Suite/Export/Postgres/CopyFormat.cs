using NpgsqlTypes;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>Constants of PostgreSQL's binary COPY.</summary>
/// <remarks>Source: PostgreSQL 15, "COPY", section "Binary Format".</remarks>
internal static class CopyFormat
{
    /// <summary>Days from 1 January of the year 1 to PostgreSQL's epoch, 1 January 2000.</summary>
    public const int EpochDay = 730_119;

    /// <summary>Ticks of PostgreSQL's epoch.</summary>
    public const long EpochTicks = EpochDay * TimeSpan.TicksPerDay;

    /// <summary>The number of fields that stands for the end.</summary>
    public const short End = -1;

    /// <summary>The length that stands for NULL.</summary>
    public const int Null = -1;

    /// <summary>Signature, flags and length of the extension: none of either.</summary>
    public static ReadOnlySpan<byte> Header => [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Whether a type's bytes are written and read here; numeric's are left to the driver.</summary>
    public static bool Knows(NpgsqlDbType type) => type != NpgsqlDbType.Numeric;
}
