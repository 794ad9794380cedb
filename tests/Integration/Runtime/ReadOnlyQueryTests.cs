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

/// <summary><c>pipeline query</c> answers queries over the lake's tables: it writes nothing, loads nothing, and reads other files only where it is told to.</summary>
public class ReadOnlyQueryTests
{
    private const string Crypto =
        "504152311500150815082C15021500150615060000070000001502192C4806736368656D6115020015022500180161001602191C191C26081C150219"
        + "15001918016115001602162A162A2608005C1C000000162A160200003F00000050415231";

    private string folder = "";

    private string Lake => Path.Combine(folder, "lake");

    [OneTimeSetUp]
    public void WriteLake()
    {
        folder = Directory.CreateTempSubdirectory("read-only-").FullName;
        using var engine = EngineFactory.Create(new EngineSettings("embedded[1]", "test", new Dictionary<string, string>()));
        var spark = SparkSession.ForEngine(engine);
        spark.CreateDataFrame([[1L], [2L]], new StructType(new StructField("n", new LongType()))).Write().Format("delta").Save(new LakeLayout(Lake).Table("fish"));
        File.WriteAllText(Path.Combine(folder, "canary.csv"), "word\ncanary-4711\n");
    }

    [OneTimeTearDown]
    public void DeleteLake() => Directory.Delete(folder, recursive: true);

    [TestCase("COPY (SELECT 1) TO '{0}/out.csv'")]
    [TestCase("COPY fish TO '{0}/out.parquet' (FORMAT parquet)")]
    [TestCase("COPY fish FROM '{0}/canary.csv'")]
    [TestCase("EXPLAIN ANALYZE COPY (SELECT 1) TO '{0}/out.csv'")]
    [TestCase("EXPORT DATABASE '{0}/out'")]
    [TestCase("IMPORT DATABASE '{0}'")]
    [TestCase("ATTACH '{0}/out.db' AS x")]
    [TestCase("INSTALL httpfs")]
    [TestCase("LOAD httpfs")]
    [TestCase("LOAD '{0}/canary.csv'")]
    [TestCase("PRAGMA database_list")]
    [TestCase("SET enable_external_access = true")]
    [TestCase("RESET allowed_directories")]
    [TestCase("CREATE SECRET s (TYPE s3)")]
    [TestCase("CREATE TABLE t AS SELECT * FROM '{0}/canary.csv'")]
    [TestCase("CREATE OR REPLACE VIEW fish AS SELECT 3 AS n")]
    [TestCase("INSERT INTO fish VALUES (3)")]
    [TestCase("UPDATE fish SET n = 0")]
    [TestCase("DELETE FROM fish")]
    [TestCase("DROP VIEW fish")]
    [TestCase("CALL enable_logging(storage='file', storage_path='{0}/out')")]
    [TestCase("CHECKPOINT")]
    [TestCase("SELECT 1; COPY (SELECT 1) TO '{0}/out.csv'")]
    [TestCase("SELECT 1; SELECT 2")]
    [TestCase("/* SELECT */ COPY (SELECT 1) TO '{0}/out.csv'")]
    [TestCase("-- SELECT\nCOPY (SELECT 1) TO '{0}/out.csv'")]
    [TestCase("")]
    public async Task Statements_other_than_queries_are_refused_whatever_is_allowed(string sql)
    {
        foreach (string[] options in (string[][])[[], ["--allow-files"]])
        {
            var before = Files();

            var (exitCode, output, error) = await RunAsync([Text(sql), .. options]);

            (exitCode, output).Should().Be((2, ""));
            error.Should().StartWith("error: ").And.NotContain("canary-4711").And.NotContain("   at ");
            Files().Should().Equal(before);
        }
    }

    [TestCase("SELECT * FROM read_csv('{0}/canary.csv')")]
    [TestCase("SELECT * FROM read_csv_auto('{0}/canary.csv')")]
    [TestCase("SELECT * FROM READ_TEXT('{0}/canary.csv')")]
    [TestCase("SELECT content FROM read_blob('{0}/*.csv')")]
    [TestCase("SELECT * FROM sniff_csv('{0}/canary.csv')")]
    [TestCase("SELECT * FROM glob('{0}/*')")]
    [TestCase("SELECT * FROM '{0}/canary.csv'")]
    [TestCase("SELECT * FROM \"{0}/canary.csv\"")]
    [TestCase("FROM fish, '{0}/canary.csv'")]
    [TestCase("SELECT (SELECT count(*) FROM glob('{0}/*')) AS n")]
    [TestCase("WITH x AS (SELECT * FROM read_text('{0}/canary.csv')) SELECT * FROM x")]
    [TestCase("SELECT * FROM fish WHERE n IN (SELECT length(content) FROM read_text('{0}/canary.csv'))")]
    [TestCase("SELECT 1 UNION ALL SELECT size FROM read_text('{0}/canary.csv')")]
    [TestCase("EXPLAIN ANALYZE SELECT * FROM '{0}/canary.csv'")]
    [TestCase("DESCRIBE SELECT * FROM '{0}/canary.csv'")]
    [TestCase("DESCRIBE '{0}/canary.csv'")]
    [TestCase("SUMMARIZE '{0}/canary.csv'")]
    public async Task Files_are_read_only_where_that_is_allowed(string sql)
    {
        var (exitCode, output, error) = await RunAsync(Text(sql));

        (exitCode, output).Should().Be((2, ""));
        error.Should().Contain("Allow files with --allow-files.").And.NotContain("canary-4711");
        (await RunAsync(Text(sql), "--allow-files")).ExitCode.Should().Be(0);
    }

    [TestCase("SELECT * FROM query('SELECT * FROM read_text(''{0}/canary.csv'')')")]
    [TestCase("SELECT * FROM query_table('{0}/canary.csv')")]
    [TestCase("SELECT * FROM enable_logging(storage='file', storage_path='{0}/out')")]
    [TestCase("SELECT * FROM enable_profiling(save_location='{0}/out.json')")]
    [TestCase("SELECT * FROM duckdb_secrets()")]
    [TestCase("SELECT * FROM __scan(1)")]
    [TestCase("SELECT * FROM read_duckdb('{0}/canary.csv')")]
    public async Task Functions_that_are_not_known_to_be_harmless_are_refused_whatever_is_allowed(string sql)
    {
        foreach (string[] options in (string[][])[[], ["--allow-files"]])
        {
            var before = Files();

            var (exitCode, output, error) = await RunAsync([Text(sql), .. options]);

            (exitCode, output).Should().Be((2, ""));
            error.Should().Contain("is none of those that a query may take rows from");
            Files().Should().Equal(before);
        }
    }

    [TestCase("SELECT sum(n) FROM fish", "3")]
    [TestCase("(SELECT sum(n) FROM fish)", "3")]
    [TestCase("-- COPY\nWITH x AS (FROM fish) SELECT count(*) FROM x;", "2")]
    [TestCase("VALUES ('COPY x TO y; LOAD z')", "COPY x TO y; LOAD z")]
    [TestCase("SELECT sum(range) FROM range(4)", "6")]
    [TestCase("SELECT * FROM unnest([7])", "7")]
    [TestCase("DESCRIBE fish", "n,bigint,YES,,,")]
    [TestCase("EXPLAIN SELECT 1", null)]
    [TestCase("SUMMARIZE fish", null)]
    [TestCase("SHOW TABLES;", "fish")]
    public async Task Queries_are_answered(string sql, string? expected)
    {
        var (exitCode, output, error) = await RunAsync(sql, "-o", "csv");

        exitCode.Should().Be(0, error);
        if (expected is not null) output.Split('\n')[1].Should().Be(expected);
    }

    [TestCase("SELECT strptime('x', '%Y')", "The query failed: Could not parse string")]
    [TestCase("SELECT error('canary')", "The query failed: canary.")]
    [TestCase("SELECT * FROM read_parquet('{0}/crypto.parquet')", "The query failed: File is encrypted")]
    public async Task A_query_that_fails_while_it_runs_is_the_querys_fault(string sql, string message)
    {
        // A column with crypto_metadata in a file without an encryption algorithm: an internal error to DuckDB.
        await File.WriteAllBytesAsync(Path.Combine(folder, "crypto.parquet"), Convert.FromHexString(Crypto));

        var (exitCode, _, error) = await RunAsync(Text(sql), "--allow-files");

        exitCode.Should().Be(2);
        error.Should().StartWith("error: " + message).And.NotContain("not foreseen");
    }

    [Test]
    public void The_engine_itself_reaches_no_file_outside_once_its_files_are_closed()
    {
        using var engine = EngineFactory.Create(new EngineSettings("embedded[1]", "test", new Dictionary<string, string>()));
        var spark = SparkSession.ForEngine(engine);
        spark.Read().Format("delta").Load(new LakeLayout(Lake).Table("fish")).CreateOrReplaceTempView("fish");

        engine.CloseFiles([]);

        spark.Sql("SELECT * FROM fish").Count().Should().Be(2);
        foreach (var sql in new[] { "SELECT * FROM read_text('{0}/canary.csv')", "SELECT * FROM '{0}/canary.csv'", "SELECT * FROM '{0}/lake/tables/fish/../../../canary.csv'" })
            FluentActions.Invoking(() => spark.Sql(Text(sql)).Collect().ToList()).Should().Throw<EngineException>().WithMessage("*disabled by configuration*");
        foreach (var sql in new[] { "COPY (SELECT 1) TO '{0}/out.csv'", "ATTACH '{0}/out.db'", "INSTALL httpfs", "LOAD httpfs", "SET enable_external_access = true" })
            FluentActions.Invoking(() => engine.Execute(Text(sql))).Should().Throw<EngineException>();
        File.Exists(Text("{0}/out.csv")).Should().BeFalse();
    }

    [Test]
    public void A_query_that_needs_more_than_its_memory_goes_on_with_closed_files()
    {
        using var engine = EngineFactory.Create(new EngineSettings("embedded[1]", "test", new Dictionary<string, string> { ["spark.driver.memory"] = "64m" }));
        engine.CloseFiles([]);

        SparkSession.ForEngine(engine).Sql("SELECT count(*) AS n FROM (SELECT range, md5(range::VARCHAR) AS h FROM range(2000000) ORDER BY h)").Collect().Single().Values[0].Should().Be(2_000_000L);
    }

    private string Text(string sql) => sql.Replace("{0}", folder, StringComparison.Ordinal);

    private List<string> Files() => [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        var console = new HostConsole(new Dictionary<string, string> { ["MASTER"] = "embedded[1]" }, output, error, IsErrorTerminal: false);
        return (await PipelineProgram.RunAsync(["query", .. args, "--lake", Lake], console), output.ToString(), error.ToString());
    }
}
