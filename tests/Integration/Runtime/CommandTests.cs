using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Cli;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Tests.Integration.Runtime;

/// <summary>Commands that look at a lake, over one that the embedded engine wrote.</summary>
public class CommandTests
{
    private static readonly StructType Fish = new(new StructField("pond", new StringType()), new StructField("n", new LongType()), new StructField("grams", new DoubleType()));
    private string folder = "";

    private string Lake => Path.Combine(folder, "lake");

    [OneTimeSetUp]
    public void WriteLake()
    {
        folder = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"commands-{Guid.NewGuid():N}");
        var layout = new LakeLayout(Lake);
        using var engine = EngineFactory.Create(new EngineSettings("embedded[1]", "test", new Dictionary<string, string>()));
        var spark = SparkSession.ForEngine(engine);
        Write(spark, layout.Table("fish"), ["north", 3L, 12.5], ["south", 1L, null]);
        Write(spark, layout.Table("fish"), ["Müller, west", 7L, 0.1 + 0.2]);
        Write(spark, layout.Quarantine("fish"), ["?", -1L, null]);
    }

    [OneTimeTearDown]
    public void DeleteLake() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task Query_answers_as_a_table()
    {
        var (exitCode, output, _) = await RunAsync("query", "SELECT pond, n, grams FROM fish ORDER BY n");

        exitCode.Should().Be(0);
        output.Should().Be("""
            pond          n                grams
            ────────────  ─  ───────────────────
            south         1                    ∅
            north         3                 12.5
            Müller, west  7  0.30000000000000004

            """);
    }

    [Test]
    public async Task Query_answers_as_csv_and_as_json_lines()
    {
        (await RunAsync("query", "SELECT pond, grams FROM fish ORDER BY n DESC", "-o", "csv")).Output.Should().Be("pond,grams\n\"Müller, west\",0.30000000000000004\nnorth,12.5\nsouth,\n");
        (await RunAsync("query", "SELECT pond, n, grams FROM fish ORDER BY n LIMIT 1", "-o", "json")).Output.Should().Be("{\"pond\":\"south\",\"n\":1,\"grams\":null}\n");
    }

    [Test]
    public async Task Query_sees_an_earlier_version_and_the_quarantine()
    {
        (await RunAsync("query", "SELECT now.n AS now, before.n AS before, bad.n AS bad FROM (SELECT count(*) AS n FROM fish) now, (SELECT count(*) AS n FROM fish VERSION AS OF 0) before, (SELECT count(*) AS n FROM fish_quarantine) bad", "-o", "csv"))
            .Output.Should().Be("now,before,bad\n3,2,1\n");
    }

    [Test]
    public async Task Query_writes_one_parquet_file_that_can_be_read_again()
    {
        var path = Path.Combine(folder, "answer.parquet");

        (await RunAsync("query", "SELECT * FROM fish", "-o", "parquet", "--to", path)).ExitCode.Should().Be(0);

        File.Exists(path).Should().BeTrue();
        using var engine = EngineFactory.Create(new EngineSettings("embedded[1]", "test", new Dictionary<string, string>()));
        SparkSession.ForEngine(engine).Read().Parquet(path).Count().Should().Be(3);
        Directory.GetFileSystemEntries(folder, ".answer*").Should().BeEmpty();
    }

    [Test]
    public async Task Query_writes_the_form_of_the_files_ending_whole()
    {
        var text = new string('x', 500);
        var (csv, json) = (Path.Combine(folder, "answer.csv"), Path.Combine(folder, "answer.json"));

        (await RunAsync("query", $"SELECT '{text}' AS long FROM fish LIMIT 1", "--to", csv)).ExitCode.Should().Be(0);
        (await RunAsync("query", $"SELECT '{text}' AS long FROM fish LIMIT 1", "--to", json)).ExitCode.Should().Be(0);

        (await File.ReadAllTextAsync(csv)).Should().Be($"long\n{text}\n");
        (await File.ReadAllTextAsync(json)).Should().Be($$"""{"long":"{{text}}"}""" + "\n");
    }

    [TestCase(new[] { "--to", "answer.csv", "-o", "json" }, "a csv file by its ending, and --output is 'json'")]
    [TestCase(new[] { "--to", "answer" }, "is not known by its ending")]
    public async Task Query_refuses_a_file_whose_form_is_not_clear(string[] options, string message)
    {
        var run = await RunAsync(["query", "SELECT 1 AS one", .. options]);

        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain(message);
        File.Exists("answer").Should().BeFalse();
    }

    [TestCase("SELECT * FROM fsh", "The query cannot be run: ")]
    [TestCase("SELEC 1", "The query cannot be run: ")]
    [TestCase("SELECT * FROM fsh VERSION AS OF 1", "There is no table 'fsh' in the lake")]
    public async Task A_query_that_is_not_right_is_exit_2_and_names_the_tables(string sql, string message)
    {
        var (exitCode, output, error) = await RunAsync("query", sql);

        (exitCode, output).Should().Be((2, ""));
        error.Should().StartWith("error: " + message).And.Contain("The lake has: fish, fish_quarantine.").And.NotContain("   at ");
    }

    [Test]
    public async Task A_version_that_never_was_is_one_sentence()
    {
        var (exitCode, _, error) = await RunAsync("query", "SELECT * FROM fish VERSION AS OF 9");

        exitCode.Should().Be(2);
        error.Should().StartWith("error: ").And.Contain("9").And.NotContain("   at ");
    }

    [Test]
    public async Task Versions_lists_what_can_be_gone_back_to()
    {
        var (exitCode, output, _) = await RunAsync("versions", "fish");

        exitCode.Should().Be(0);
        output.Split('\n').Skip(2).Take(2).Should().SatisfyRespectively(
            static line => line.Should().MatchRegex(@"^ *1  .* 3 .*WRITE.* yes$"),
            static line => line.Should().MatchRegex(@"^ *0  .* 2 .* yes$"));
    }

    [Test]
    public async Task Versions_of_an_unknown_table_names_the_nearest()
    {
        var (exitCode, _, error) = await RunAsync("versions", "fihs");

        exitCode.Should().Be(2);
        error.Should().StartWith($"error: There is no table 'fihs' in the lake '{Lake}'. Did you mean 'fish'? The lake has: fish, fish_quarantine.");
    }

    [Test]
    public async Task A_lake_that_is_not_there_says_how_to_make_one()
    {
        var (exitCode, _, error) = await RunAsync("query", "SELECT * FROM fish", "--lake", Path.Combine(folder, "nothing"));

        exitCode.Should().Be(2);
        error.Should().Contain("has no tables yet: run 'pipeline demo'");
        Directory.Exists(Path.Combine(folder, "nothing")).Should().BeFalse("a command that only looks makes nothing");
    }

    [Test]
    public async Task Config_show_tells_the_origin_of_each_value()
    {
        var (exitCode, output, _) = await RunAsync("config", "show", "--origin");

        exitCode.Should().Be(0);
        output.Should().MatchRegex($@"(?m)^lake +?= {Lake}  \(--lake\)$").And.MatchRegex(@"(?m)^master +?= embedded\[1\]  \(environment MASTER\)$").And.MatchRegex(@"(?m)^output +?= text  \(default\)$");
    }

    private static void Write(SparkSession spark, string path, params object?[][] rows) =>
        spark.CreateDataFrame(rows, Fish).Write().Format("delta").Mode(SaveMode.Append).Save(path);

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        var console = new HostConsole(new Dictionary<string, string> { ["MASTER"] = "embedded[1]" }, output, error, IsErrorTerminal: false);
        string[] all = args.Contains("--lake") ? args : [.. args, "--lake", Lake];
        return (await PipelineProgram.RunAsync(all, console), output.ToString(), error.ToString());
    }
}
