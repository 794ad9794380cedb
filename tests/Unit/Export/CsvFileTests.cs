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
