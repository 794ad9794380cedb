using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export.Files;

namespace Pipeline.Tests.Unit.Export;

public class CsvFileTests
{
    private static readonly StructType Columns = new(new StructField("Filiere", new StringType()), new StructField("Moyenne_Age", new DoubleType()));

    [Test]
    public void The_file_has_exactly_this_text()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"csv-{Guid.NewGuid():N}", "resultats.csv");

        CsvFile.Write(path, Columns, Rows(["Génie, civil", 21.5], ["a \"b\"", 1e-7], [null, null], ["", 3.0])).Should().Be(4);

        File.ReadAllText(path).Should().Be("Filiere,Moyenne_Age\n\"Génie, civil\",21.5\n\"a \"\"b\"\"\",1E-07\n,\n\"\",3\n");
        File.ReadAllBytes(path)[0].Should().Be((byte)'F', "there is no byte order mark");
    }

    [TestCase("=1+1", "'=1+1")]
    [TestCase("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    [TestCase("+1", "'+1")]
    [TestCase("-1", "'-1")]
    [TestCase("@SUM(A1)", "'@SUM(A1)")]
    [TestCase("\t=1", "'\t=1")]
    [TestCase("\r=1", "\"'\r=1\"")]
    [TestCase("  =1", "'  =1")]
    [TestCase("\n=1", "\"'\n=1\"")]
    [TestCase("\u00A0=1", "'\u00A0=1")]
    [TestCase("\uFF1D1", "'\uFF1D1")]
    [TestCase("a=1", "a=1")]
    [TestCase("1-2", "1-2")]
    [TestCase("", "\"\"")]
    public void Formulas_are_guarded_where_that_is_asked_for(string text, string guarded)
    {
        using var asked = new StringWriter { NewLine = "\n" };
        using var notAsked = new StringWriter { NewLine = "\n" };

        CsvFile.Write(asked, Columns, Rows([text, -1.5], [null, null]), guardsFormulas: true);
        CsvFile.Write(notAsked, Columns, Rows([text, -1.5]));

        asked.ToString().Should().Be($"Filiere,Moyenne_Age\n{guarded},-1.5\n,\n", "numbers stay numbers");
        notAsked.ToString().Should().NotContain("'");
    }

    [Test]
    public void A_columns_name_is_guarded_too()
    {
        using var writer = new StringWriter { NewLine = "\n" };

        CsvFile.Write(writer, new StructType(new StructField("=cmd|' /C calc'!A0", new StringType())), [], guardsFormulas: true);

        writer.ToString().Should().Be("'=cmd|' /C calc'!A0\n");
    }

    [Test]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        var folder = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"csv-{Guid.NewGuid():N}");
        var path = Path.Combine(folder, "resultats.csv");
        CsvFile.Write(path, Columns, Rows(["Droit", 1.0]));
        var failing = () => CsvFile.Write(path, Columns, Failing());

        failing.Should().Throw<InvalidOperationException>();

        File.ReadAllText(path).Should().Be("Filiere,Moyenne_Age\nDroit,1\n");
        Directory.GetFileSystemEntries(folder).Should().Equal(path);
    }

    private static IEnumerable<Row> Rows(params object?[][] rows) => rows.Select(static values => new Row(Columns, values));

    private static IEnumerable<Row> Failing()
    {
        yield return new Row(Columns, ["Finance", 2.0]);
        throw new InvalidOperationException("The source broke.");
    }
}
