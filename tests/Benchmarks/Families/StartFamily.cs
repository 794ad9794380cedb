using System.Globalization;
using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Benchmarks.Measures;
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
        _ = await run.CompareAsync(Name, "pipeline query 'SELECT 1'", () => Children.ProgramAsync(published, query), () => Children.ProgramAsync("dotnet", [duckDb, "measure", "query-duckdb"]), "DuckDB.NET in a program compiled ahead", Target.Under(0.4), rounds: rounds);
        await SparkAsync(run, published, lake);
    }

    /// <summary>From spark-submit to the first row, as the scripts of spark-submit/ start a job; and what a batch's way into C# and back costs.</summary>
    private async Task SparkAsync(BenchmarkRun run, string published, string lake)
    {
        if (!SparkMeasures.IsPresent)
        {
            run.Report.LeaveOut(Name, "spark-submit to the first row, and a callback's cost: set SPARK_HOME to a Spark 4.1 or 3.5.");
            return;
        }
        var home = Environment.GetEnvironmentVariable("SPARK_HOME")!;
        var submit = Path.Combine(home, "bin", "spark-submit");
        string[] options = ["--master", "local[2]", "--conf", "spark.log.level=WARN", "--conf", "spark.ui.enabled=false"];
        string[] ours = [.. options, "--class", "org.apache.spark.deploy.PythonRunner", "--conf", $"spark.pyspark.driver.python={published}", "spark-internal", "query", "", "SELECT 1 AS one", "--master", "local[2]", "-o", "json", "--lake", lake];
        if (Children.IsOnPath("python3"))
        {
            var script = Path.Combine(Repository.Root, "tests", "Benchmarks", "References", "first_row.py");
            var name = Directory.Exists(Path.Combine(home, "python", "pyspark")) ? "PySpark" : "python3 over a bare socket (this Spark has no PySpark, which is slower)";
            var environment = new Dictionary<string, string?> { ["PYSPARK_PIN_THREAD"] = "false" };
            _ = await run.CompareAsync(
                Name, "spark-submit to the first row of 'SELECT 1'",
                () => Children.UntilLineAsync("""{"one":1}""", submit, ours, environment), () => Children.UntilLineAsync("""{"one":1}""", submit, [.. options, script, "SELECT 1 AS one"], environment),
                name, Target.AtMost(1.3), rounds: run.Size(7, 3));
        }
        else
        {
            run.Report.LeaveOut(Name, "spark-submit to the first row: the reference needs python3.");
        }
        await CallbackAsync(run, home);
    }

    /// <summary>A batch's way into C# and back, against a function of Java that does the same.</summary>
    private async Task CallbackAsync(BenchmarkRun run, string sparkHome)
    {
        if (!Children.IsOnPath("javac"))
        {
            run.Report.LeaveOut(Name, "a callback's cost: the reference is a function of Java: tests/bench.sh --install (javac)");
            return;
        }
        var classes = run["classes"];
        _ = await Children.OutputAsync("javac", ["-cp", Path.Combine(sparkHome, "jars", "*"), "-d", classes, Path.Combine(Repository.Root, "tests", "Benchmarks", "References", "DropBatch.java")]);
        var callback = await Children.MeasureAsync("callback-spark", $"classes={classes}", $"checkpoints={run["callback"]}", $"batches={run.Size(200, 60)}", $"rounds={run.Size(3, 2)}");
        run.Tell(
            Name, "a batch of a stream on Spark through a ForeachBatch of C#, added to what it takes through one of Java",
            string.Create(CultureInfo.InvariantCulture, $"{callback["added_ms"]:0.0} ms ({callback["added_least_ms"]:0.0} – {callback["added_most_ms"]:0.0}): {callback["called_p50_ms"]:0} ms a batch"), "< 20 ms", callback["added_ms"] < 20, callback,
            string.Create(CultureInfo.InvariantCulture, $"{callback["java_p50_ms"]:0} ms a batch; {callback["plain_p50_ms"]:0} ms into Spark's sink that drops rows, with no function"));
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
