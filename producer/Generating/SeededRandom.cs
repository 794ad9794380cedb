namespace Pipeline.Producer.Generating;

/// <summary>Random numbers that are the same for a seed on every machine and every version of .NET.</summary>
/// <remarks>
/// SplitMix64 (Steele, Lea, Flood 2014). System.Random with a seed gives the same today, but its algorithm is not promised. <see cref="NextNormal"/>
/// adds and divides only, since a logarithm may differ in its last digit between platforms.
/// </remarks>
public sealed class SeededRandom(ulong seed)
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;
    private ulong _state = seed;

    /// <summary>Another sequence, for one part of what is made, that does not depend on how much others draw.</summary>
    public static SeededRandom For(ulong seed, string part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var mixed = seed;
        foreach (var character in part)
            mixed = Mix(mixed * Golden + character);
        return new SeededRandom(mixed);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        _state += Golden;
        return Mix(_state);
    }

    /// <summary>A whole number from 0 to below the limit.</summary>
    public int Below(int limit) => (int)((UInt128)Next() * (uint)limit >> 64);

    /// <summary>A whole number between the two, both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>A number from 0 to below 1.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number between the two.</summary>
    public double Between(double low, double high) => low + NextUnit() * (high - low);

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => NextUnit() < probability;

    /// <summary>One of these.</summary>
    public T One<T>(IReadOnlyList<T> of)
    {
        ArgumentNullException.ThrowIfNull(of);
        return of[Below(of.Count)];
    }

    /// <summary>A number near normally distributed, mean 0 and standard deviation 1, never beyond 6: the sum of twelve.</summary>
    public double NextNormal()
    {
        const int terms = 12;
        var sum = -terms / 2.0;
        for (var i = 0; i < terms; i++)
            sum += NextUnit();
        return sum;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
