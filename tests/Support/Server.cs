using NUnit.Framework;

namespace Pipeline.Tests.Support;

/// <summary>Real servers that tests need: absent ones skip the test and say how to enable it, promised ones that are absent fail it.</summary>
public static class Server
{
    private const string PromisedVariable = "PIPELINE_TEST_SERVERS";

    /// <summary>Goes on where <paramref name="present"/>; else skips, or fails where PIPELINE_TEST_SERVERS promises the server.</summary>
    /// <param name="name">spark, spark35, kafka, hdfs, yarn, postgres …</param>
    /// <param name="present">Whether it is there.</param>
    /// <param name="howToEnable">The command or variable that makes it so.</param>
    public static void Require(string name, bool present, string howToEnable)
    {
        if (present) return;
        if (IsPromised(name)) Assert.Fail($"{PromisedVariable} promises the server '{name}', and it is not here. {howToEnable}");
        Assert.Ignore($"Needs the server '{name}'. {howToEnable}");
    }

    private static bool IsPromised(string name) =>
        (Environment.GetEnvironmentVariable(PromisedVariable) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Contains(name, StringComparer.OrdinalIgnoreCase);
}
