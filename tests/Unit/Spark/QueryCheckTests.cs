using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark.Session;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Unit.Spark;

/// <summary>What Spark may be asked by a user's text that is to be a query: told by its words, before Spark sees it.</summary>
public class QueryCheckTests
{
    [TestCase("SELECT 1")]
    [TestCase("(SELECT 1)")]
    [TestCase("WITH x AS (SELECT 1) SELECT * FROM x;")]
    [TestCase("VALUES (1), (2)")]
    [TestCase("FROM fish SELECT n")]
    [TestCase("DESCRIBE TABLE fish")]
    [TestCase("SHOW TABLES")]
    [TestCase("EXPLAIN EXTENDED SELECT 1")]
    [TestCase("-- INSERT INTO x\nSELECT 'INSERT INTO x; reflect(1)', \"csv.`/etc/passwd`\" /* ; DROP TABLE x */")]
    [TestCase("SELECT transform(array(1), x -> x + 1), f.`a b`, f.`Estimate; Total:` FROM fish f JOIN pond USING (n)")]
    [TestCase("SELECT 'it''s; INSERT INTO', 'a\\'; DROP TABLE x'")]
    public void A_query_over_tables_is_let_through(string sql) => FluentActions.Invoking(() => QueryCheck.Require(sql, allowFiles: false)).Should().NotThrow();

    [TestCase("INSERT INTO fish VALUES (1)")]
    [TestCase("WITH x AS (SELECT 1) INSERT INTO fish SELECT * FROM x")]
    [TestCase("FROM fish INSERT OVERWRITE DIRECTORY '/tmp/x' USING csv SELECT *")]
    [TestCase("EXPLAIN INSERT INTO fish VALUES (1)")]
    [TestCase("CREATE TABLE x USING csv LOCATION '/tmp/x'")]
    [TestCase("SET spark.sql.x = 1")]
    [TestCase("ADD JAR '/tmp/x.jar'")]
    [TestCase("CACHE TABLE x AS SELECT 1")]
    [TestCase("SELECT 1; DROP TABLE fish")]
    [TestCase("SELECT TRANSFORM(n) USING 'sh -c id' FROM fish")]
    [TestCase("FROM fish MAP n USING \"id\"")]
    [TestCase("SELECT reflect('java.lang.System', 'getenv', 'HOME')")]
    [TestCase("SELECT `java_method`('java.lang.System', 'getProperty', 'user.home')")]
    [TestCase("SELECT try_reflect ('java.lang.System', 'exit', 1)")]
    [TestCase("/* SELECT */ DROP TABLE fish")]
    [TestCase("")]
    [TestCase("-- nothing")]
    public void Anything_else_is_refused_whatever_is_allowed(string sql)
    {
        foreach (var allowFiles in new[] { false, true })
            FluentActions.Invoking(() => QueryCheck.Require(sql, allowFiles)).Should().Throw<EngineException>().Which.ErrorClass.Should().Be("PARSE_SYNTAX_ERROR");
    }

    [TestCase("SELECT * FROM csv.`/etc/passwd`")]
    [TestCase("SELECT * FROM TEXT . `passwd`")]
    [TestCase("SELECT * FROM `parquet`.`s3a://bucket/x`")]
    [TestCase("SELECT * FROM fish, text.passwd")]
    [TestCase("SELECT * FROM delta.`/somewhere/else`")]
    [TestCase("SELECT * FROM `org.apache.spark.sql.execution.datasources.v2.text.TextDataSourceV2`.`passwd`")]
    [TestCase("DESCRIBE delta.`/somewhere/else`")]
    public void Files_by_path_are_refused_unless_they_are_allowed(string sql)
    {
        FluentActions.Invoking(() => QueryCheck.Require(sql, allowFiles: false)).Should().Throw<EngineException>().Which.ErrorClass.Should().Be(QueryRefusal.FilesNotAllowed);
        FluentActions.Invoking(() => QueryCheck.Require(sql, allowFiles: true)).Should().NotThrow();
    }
}
