using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Options of Spark that the embedded engine does not have are refused by name, not ignored.</summary>
public sealed class OptionsTests
{
    private EmbeddedEngine engine = null!;
    private SparkSession spark = null!;
    private string folder = null!;

    [OneTimeSetUp]
    public void Start()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1 });
        spark = SparkSession.ForEngine(engine);
        folder = Directory.CreateTempSubdirectory("options-").FullName;
        File.WriteAllText(Path.Combine(folder, "one.csv"), "1,a\n");
        File.WriteAllText(Path.Combine(folder, "one.json"), "{\"n\":1}\n");
    }

    [OneTimeTearDown]
    public void Stop()
    {
        engine?.Dispose();
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    [TestCase("csv", "lineSep", "|")]
    [TestCase("csv", "LINESEP", "|")]
    [TestCase("csv", "nanValue", "n/a")]
    [TestCase("csv", "modifiedAfter", "2020-01-01T00:00:00")]
    [TestCase("csv", "pathGlobFilter", "*.txt")]
    [TestCase("json", "primitivesAsString", "true")]
    [TestCase("json", "timestampFormat", "dd/MM/yyyy")]
    [TestCase("json", "recursiveFileLookup", "true")]
    [TestCase("parquet", "mergeSchema", "true")]
    [TestCase("text", "lineSep", ";")]
    public void An_option_that_would_read_other_rows_is_refused_by_name(string format, string name, string value) =>
        FluentActions.Invoking(() => spark.Read().Format(format).Option(name, value).Load(Path.Combine(folder, "one.csv")).Collect())
            .Should().Throw<EngineException>().WithMessage($"The embedded engine does not have the option {name}='{value}' for reading {format} files*run on Spark.");

    [TestCase("csv", "lineSep", "\r\n")]
    [TestCase("csv", "encoding", "ISO-8859-1")]
    [TestCase("csv", "emptyValue", "-")]
    [TestCase("json", "encoding", "UTF-16")]
    [TestCase("text", "lineSep", ";")]
    public void An_option_that_would_write_other_files_is_refused_before_anything_is_written(string format, string name, string value)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        FluentActions.Invoking(() => spark.CreateDataFrame(["a"]).Write().Format(format).Option(name, value).Save(path))
            .Should().Throw<EngineException>().WithMessage($"The embedded engine does not have the option {name}='{value}' for writing {format} files*");
        Directory.Exists(path).Should().BeFalse();
    }

    [TestCase("csv", "lineSep", "\n")]
    [TestCase("csv", "timeZone", "utc")]
    [TestCase("csv", "maxColumns", "20")]
    [TestCase("csv", "noSuchOption", "1")]
    [TestCase("json", "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]")]
    public void An_option_that_changes_no_row_is_taken(string format, string name, string value) =>
        spark.Read().Format(format).Option(name, value).Load(Path.Combine(folder, $"one.{format}")).Collect().Should().ContainSingle();

    [TestCase("QQ")]
    [TestCase("yyyy-MM-dd n")]
    [TestCase("SSSS")]
    public void A_pattern_that_cannot_be_written_is_refused_by_its_letters(string pattern)
    {
        var day = spark.CreateDataFrame(["2020-01-31"]).SelectExpr("CAST(_1 AS TIMESTAMP) AS at");
        FluentActions.Invoking(() => day.Write().Format("csv").Option("timestampFormat", pattern).Save(Path.Combine(folder, Guid.NewGuid().ToString("N"))))
            .Should().Throw<NotSupportedException>().WithMessage($"DuckDB cannot say the date format '{pattern}': '*' has no counterpart.*");
    }
}
