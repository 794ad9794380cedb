using System.Runtime.InteropServices;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>What the children of this process that have ended, and theirs, have used (getrusage of Linux, 64 bit).</summary>
internal static partial class EndedChildren
{
    private const int RusageChildren = -1;

    /// <summary>Longs of a struct rusage: two times of two longs each, and 14 figures.</summary>
    private const int UsageLength = 18;
    private const int LargestResident = 4;

    /// <summary>Time on cores, user and system.</summary>
    public static double CpuSeconds()
    {
        var usage = Usage();
        return usage[0] + usage[2] + ((usage[1] + usage[3]) / 1e6);
    }

    /// <summary>The most memory that one of them had resident.</summary>
    public static long PeakKiB() => Usage()[LargestResident];

    private static long[] Usage()
    {
        var usage = new long[UsageLength];
        return GetUsage(RusageChildren, usage) == 0 ? usage : throw new InvalidOperationException("getrusage does not tell what ended children have used.");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetUsage(int who, [Out] long[] usage);
}
