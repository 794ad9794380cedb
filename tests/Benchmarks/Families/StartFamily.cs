using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>From the command to the answer: help, a trivial query, and the same under Spark.</summary>
internal sealed class StartFamily : IFamily
{
    public string Name => "start";

    public async Task RunAsync(BenchmarkRun run)
    {
        var hello = await HelloWorldAsync(run);
        var published = await PublishAsync(run);
        var rounds = run.Size(21, 11);
        _ = await run.CompareAsync(Name, "pipeline --help, published ReadyToRun", () => Children.ProgramAsync(published, ["--help"]), () => Children.ProgramAsync(hello, []), "dotnet hello world", Target.Under(0.15), rounds: rounds);
        var lake = run["start-lake"];
        _ = Directory.CreateDirectory(lake);
        string[] query = ["query", "SELECT 1 AS one", "--lake", lake];
        var duckDb = Environment.GetCommandLineArgs()[0];
        _ = await run.CompareAsync(Name, "pipeline query 'SELECT 1'", () => Children.ProgramAsync(published, query), () => Children.ProgramAsync("dotnet", [duckDb, "measure", "query-duckdb"]), "DuckDB.NET in a program without ReadyToRun", Target.Under(0.4), rounds: rounds);
    }

    /// <summary>The smallest program that there is, built here.</summary>
    private static async Task<string> HelloWorldAsync(BenchmarkRun run)
    {
        var folder = Directory.CreateDirectory(run["hello"]).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "hello.csproj"), "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><InvariantGlobalization>true</InvariantGlobalization></PropertyGroup></Project>");
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), "System.Console.WriteLine(\"Hello, World!\");");
        _ = await Children.OutputAsync("dotnet", ["build", "-c", "Release", "-v", "q", "-o", Path.Combine(folder, "out")], folder);
        return Path.Combine(folder, "out", "hello");
    }

    /// <summary>The program as it is shipped.</summary>
    private static async Task<string> PublishAsync(BenchmarkRun run)
    {
        var folder = run["published"];
        _ = await Children.OutputAsync("dotnet", ["publish", Path.Combine(Repository.Root, "jobs", "Pipeline"), "-c", "Release", "-v", "q", "-p:PublishReadyToRun=true", "-o", folder], Repository.Root);
        return Path.Combine(folder, "pipeline");
    }
}
