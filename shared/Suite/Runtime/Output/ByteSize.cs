using System.Globalization;

namespace Pipeline.Suite.Runtime.Output;

/// <summary>Sizes as people read them.</summary>
public static class ByteSize
{
    /// <summary>A number of bytes with the unit that fits: <c>812 B</c>, <c>1.5 KiB</c>, <c>20.3 MiB</c>, <c>4 GiB</c>.</summary>
    public static string Of(long bytes) => bytes switch
    {
        < 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KiB"),
        < 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024):0.#} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024.0 * 1024 * 1024):0.#} GiB"),
    };
}
