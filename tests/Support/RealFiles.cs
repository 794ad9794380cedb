using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Support;

/// <summary>The owners' own files: in the folder that PIPELINE_TEST_DATA names, else in one beside the checkout.</summary>
public static class RealFiles
{
    private const string Variable = "PIPELINE_TEST_DATA";

    private static readonly string? Named = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>The folder of the water-quality files, or null where they are not available.</summary>
    public static string? WaterQuality { get; } = FolderOf("LTM_Data*.csv");

    /// <summary>The folder of total-population.csv, or null where it is not available.</summary>
    public static string? Population { get; } = FolderOf("total-population.csv");

    /// <summary>The folder; without it the test is skipped, or fails where PIPELINE_TEST_DATA promises it.</summary>
    /// <param name="folder">One of the above.</param>
    /// <param name="files">What is in it, for the message.</param>
    public static string Require(string? folder, string files)
    {
        if (folder is not null) return folder;
        if (Named is not null) Assert.Fail($"{Variable} is '{Named}', and {files} are not in it.");
        Assert.Ignore($"Needs {files}. Set {Variable} to their folder.");
        return "";
    }

    private static string? FolderOf(string pattern)
    {
        var folder = Named ?? Path.Combine(Repository.Root, "..", "shared", "data");
        return Directory.Exists(folder) && Directory.GetFiles(folder, pattern).Length == 1 ? folder : null;
    }
}
