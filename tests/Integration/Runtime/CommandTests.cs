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

    [TestCase("SELECT * FROM fsh", "The query cannot be run: Table with name fsh does not exist. Did you mean 'fish'?")]
    [TestCase("SELECT * FROM fsh VERSION AS OF 1", "There is no table 'fsh' in the lake")]
    public async Task A_query_of_a_table_that_is_not_there_is_exit_2_and_names_those_that_are(string sql, string message)
    {
        var (exitCode, output, error) = await RunAsync("query", sql);

        (exitCode, output).Should().Be((2, ""));
        error.Should().StartWith("error: " + message).And.Contain("The lake has: fish, fish_quarantine.").And.NotContain("   at ");
    }

    [TestCase("SELEC 1", "syntax error at or near \"SELEC\".", "LINE 1: SELEC 1\n        ^\n")]
    [TestCase("SELECT 'é',\n  n FRM fish", "syntax error at or near \"fish\".", "LINE 2:   n FRM fish\n                ^\n")]
    [TestCase("EXPLAIN SELECT n FROM fish WHERE", "syntax error at end of input.", null)]
    [TestCase("SELECT pnd FROM fish", "Referenced column \"pnd\" not found in FROM clause! Candidate bindings: \"pond\".", "LINE 1: SELECT pnd FROM fish\n               ^\n")]
    [TestCase("SELECT n FROM fish VERSION AS OF 0 WHERE grms > 1", "Referenced column \"grms\" not found in FROM clause! Candidate bindings: \"grams\".", null)]
    [TestCase("SELECT pond + n FROM fish", "No function matches the given name and argument types '+(VARCHAR, BIGINT)'. You might need to add explicit type casts.", null)]
    public async Task An_error_of_the_query_shows_its_place_and_no_tables(string sql, string message, string? place)
    {
        var (exitCode, output, error) = await RunAsync("query", sql);

        (exitCode, output).Should().Be((2, ""));
        error.Should().StartWith("error: ").And.Contain(message).And.NotContain("The lake has").And.NotContain("   at ");
        if (place is not null) error.Should().EndWith(place);
    }

    [Test]
    public async Task The_caret_stands_below_the_place_behind_a_table_as_of_a_version_too()
    {
        var (_, _, error) = await RunAsync("query", "SELECT n FROM fish VERSION AS OF 0 WHERE grms > 1");

        string[] lines = error.TrimEnd().Split('\n');
        lines[^2][lines[^1].IndexOf('^', StringComparison.Ordinal)..].Should().StartWith("grms > 1");
    }

    [Test]
    public async Task A_query_comes_from_a_file_or_from_stdin()
    {
        var file = Path.Combine(folder, "count.sql");
        await File.WriteAllTextAsync(file, "-- how many\nSELECT count(*) AS n\nFROM fish;\n");

        (await RunAsync("query", "-f", file, "-o", "csv")).Output.Should().Be("n\n3\n");
        (await RunWithInputAsync("SELECT sum(n) AS n FROM fish", "query", "-", "-o", "csv")).Output.Should().Be("n\n11\n");
        (await RunWithInputAsync("SELECT sum(n) AS n FROM fish", "query", "-o", "csv")).Output.Should().Be("n\n11\n");
        (await RunAsync("query", "-f", file + "x")).Error.Should().StartWith($"error: The query's file '{file}x' cannot be read");
        (await RunAsync("query", "SELECT 1", "-f", file)).Error.Should().Contain("There are two queries");
        (await RunAsync("query")).Error.Should().Contain("There is no query. Give it as an argument, as a file with -f FILE, or on stdin with -.");
    }

    [Test]
    public async Task The_number_of_rows_is_told_on_stderr_and_not_in_the_answer()
    {
        var one = await RunAsync("query", "SELECT n FROM fish LIMIT 1", "-o", "csv");

        one.Output.Split('\n').Should().HaveCount(3);
        one.Error.Should().EndWith("(1 row)\n");
        (await RunAsync("query", "SELECT n FROM fish", "-o", "json")).Error.Should().EndWith("(3 rows)\n");
        (await RunAsync("query", "SELECT n FROM fish", "-q")).Error.Should().BeEmpty();
        (await RunAsync("query", "SELECT n FROM fish", "--to", Path.Combine(folder, "counted.csv"))).Error.Should().EndWith($"Wrote 3 rows to '{Path.Combine(folder, "counted.csv")}'.\n");
    }

    [Test]
    public async Task Show_tables_and_information_schema_tell_of_the_lake_and_of_nothing_else()
    {
        (await RunAsync("query", "SHOW TABLES", "-o", "csv")).Output.Should().Be("name\nfish\nfish_quarantine\n");
        (await RunAsync("query", "SELECT table_name, rows, version FROM information_schema.tables ORDER BY table_name", "-o", "csv")).Output.Should().Be("table_name,rows,version\nfish,3,1\nfish_quarantine,1,0\n");
        (await RunAsync("query", "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'fish' ORDER BY ordinal_position", "-o", "csv"))
            .Output.Should().Be("column_name,data_type\npond,string\nn,bigint\ngrams,double\n");
        (await RunAsync("query", "SELECT count(*) AS n FROM fish WHERE pond = 'information_schema.tables'", "-o", "csv")).Output.Should().Be("n\n0\n", "a text is not a table");
    }

    [Test]
    public async Task A_row_that_is_too_wide_for_the_terminal_is_a_block_of_lines()
    {
        const string sql = "SELECT pond, n, 1.5 AS a_number_with_a_long_name, 2.5 AS another_number_with_a_long_name FROM fish ORDER BY n LIMIT 1";

        var narrow = await RunAsync(40, "query", sql);

        narrow.Output.Split('\n').Should().Equal("pond                             south", "n                                1", "a_number_with_a_long_name        1.5", "another_number_with_a_long_name  2.5", "");
        (await RunAsync("query", sql, "-x")).Output.Should().Be(narrow.Output);
        (await RunAsync(80, "query", "SELECT pond, repeat('x', 100) AS long FROM fish")).Output.Split('\n').Should().OnlyContain(static line => line.Length <= 80).And.Contain(static line => line.EndsWith('…'));
    }

    [Test]
    public async Task The_name_of_a_row_is_cut_last_and_a_meaning_goes_on_in_the_next_line()
    {
        var described = await RunAsync(60, "describe", "fish_quarantine");
        var tables = await RunAsync(60, "tables");

        tables.Output.Split('\n').Should().OnlyContain(static line => line.Length <= 60).And.Contain(static line => line.StartsWith("fish_quarantine  "));
        described.Output.Should().NotContain("…").And.Contain("pond");
    }

    [Test]
    public async Task Tables_lists_rows_versions_and_sizes()
    {
        var (exitCode, output, _) = await RunAsync("tables");

        exitCode.Should().Be(0);
        output.Split('\n')[2].Should().MatchRegex(@"^fish +3  [0-9.]+ (B|KiB) +1  \d{4}-\d\d-\d\d \d\d:\d\d$");
        output.Split('\n')[3].Should().MatchRegex(@"^fish_quarantine +1 .* one row or message that 'fish' rejected$");
        (await RunAsync("tables", "--lake", Path.Combine(folder, "nothing"))).Error.Should().Contain("has no tables yet: run 'pipeline demo'");
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

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) => RunAsync("", null, args);

    private Task<(int ExitCode, string Output, string Error)> RunAsync(int width, params string[] args) => RunAsync("", width, args);

    private Task<(int ExitCode, string Output, string Error)> RunWithInputAsync(string input, params string[] args) => RunAsync(input, null, args);

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(string input, int? width, string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var given = new StringReader(input);
        var console = new HostConsole(new Dictionary<string, string> { ["MASTER"] = "embedded[1]" }, output, error, IsErrorTerminal: false) { OpenIn = () => given, Width = width };
        string[] all = args.Contains("--lake") ? args : [.. args, "--lake", Lake];
        return (await PipelineProgram.RunAsync(all, console), output.ToString(), error.ToString());
    }
}
