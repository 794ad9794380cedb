namespace Pipeline.Tests.Support.Processes;

/// <summary>Where the checkout under test lies, and what was built of it.</summary>
public static class Repository
{
    /// <summary>The folder of Pipeline.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The built program of a project, such as <c>jobs/Pipeline</c> and <c>pipeline</c>: from the folder that PIPELINE_TEST_PROGRAMS names, where it was published, else of the same configuration as these tests.</summary>
    public static string Program(string project, string assembly)
    {
        if (Environment.GetEnvironmentVariable("PIPELINE_TEST_PROGRAMS") is { Length: > 0 } published)
        {
            var ahead = Path.Combine(published, assembly + ".dll");
            return File.Exists(ahead) ? ahead : throw new FileNotFoundException($"PIPELINE_TEST_PROGRAMS is '{published}', and there is no {assembly}.dll in it. Publish jobs/Pipeline into it, or unset the variable.");
        }
        var path = Path.Combine(Root, project, "bin", Configuration, "net10.0", "linux-x64", assembly + ".dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"'{path}' is not built. Run 'dotnet build' first.");
    }

    /// <summary>The built program of a project under tests/, such as <c>ThreeLines</c>.</summary>
    public static string TestProgram(string project)
    {
        var path = Path.Combine(Root, "tests", project, "bin", Configuration, "net10.0", "linux-x64", $"Pipeline.Tests.{project}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"'{path}' is not built. Run 'dotnet build' first.");
    }

    private static string Configuration => AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Pipeline.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"There is no Pipeline.sln in or above '{AppContext.BaseDirectory}'.");
    }
}
