using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>Settings of a job as a measure's arguments have them.</summary>
internal static class Settings
{
    /// <summary>The option for a settings file beside the lake, where one is needed. lake=FOLDER; memory=256m</summary>
    public static IReadOnlyList<string> With(Arguments arguments)
    {
        if (arguments.Find("memory") is not { } memory) return [];
        var path = arguments["lake"] + ".yml";
        File.WriteAllText(path, $"spark:\n  spark.driver.memory: {memory}\n");
        return ["--config", path];
    }
}
