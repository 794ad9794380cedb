namespace Pipeline.Tests.Support;

/// <summary>Which of CI's lanes runs the tests: how often a claim is tried that is tried by chance.</summary>
/// <remarks>
/// <c>PIPELINE_TEST_LANE=nightly</c> is the lane of every kill and large sizes, <c>fast</c> the one that answers in minutes; everything else is the whole lane.
/// A test that only the nightly lane runs has the category <see cref="Nightly"/>, and a smaller test of the same claim beside it that has not.
/// </remarks>
public static class Lane
{
    /// <summary>The category of tests that <c>dotnet test</c> leaves out unless the lane is nightly (Directory.Build.props).</summary>
    public const string Nightly = "Nightly";

    /// <summary>Whether this is the nightly lane.</summary>
    public static bool IsNightly { get; } = Environment.GetEnvironmentVariable("PIPELINE_TEST_LANE") == "nightly";

    /// <summary>Whether this is the fast lane, which takes every third of what the whole lane takes all of.</summary>
    public static bool IsFast { get; } = Environment.GetEnvironmentVariable("PIPELINE_TEST_LANE") == "fast";

    /// <summary>A number by lane, such as how often something is killed.</summary>
    /// <param name="whole">In the whole lane and at home.</param>
    /// <param name="nightly">In the nightly lane.</param>
    public static int Times(int whole, int nightly) => IsNightly ? nightly : whole;
}
