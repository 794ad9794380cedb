using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Embedded.Session;

namespace Pipeline.Tests.Integration.Embedded;

[TestFixture]
public sealed class TableNamesTests
{
    [TestCase("FROM \"__delta_1\" ORDER BY 1", "__delta_1")]
    [TestCase("SELECT * FROM \"odd \"\"name\"", "odd \"name")]
    [TestCase("SELECT * FROM a JOIN b USING (x) JOIN c.d ON true", "a", "b", "d")]
    [TestCase("CREATE TABLE t (a INTEGER)")]
    [TestCase("SELEC nonsense")]
    [TestCase("WITH w AS (SELECT * FROM a) SELECT * FROM w JOIN (SELECT 1 FROM B WHERE x IN (SELECT y FROM c)) ON true", "B", "a", "c", "w")]
    public void Names_of_tables_are_those_that_the_query_reads(string sql, params string[] names)
    {
        using var database = new Database(new EmbeddedSettings());
        database.TableNames(sql).Should().BeEquivalentTo(names);
    }

    [Test]
    public void A_view_is_named_itself_and_not_what_it_reads()
    {
        using var database = new Database(new EmbeddedSettings());
        using var connection = database.Connect();
        connection.Execute("CREATE TABLE t AS SELECT 1 AS a");
        connection.Execute("CREATE VIEW v AS FROM (SELECT * FROM (SELECT a FROM t))");
        connection.Execute("CREATE VIEW w AS FROM v");
        database.TableNames("FROM w ORDER BY 1").Should().BeEquivalentTo("w");
    }
}
