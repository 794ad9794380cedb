using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export;
using Pipeline.Suite.Export.Postgres;
using Pipeline.Suite.Export.Sqlite;

namespace Pipeline.Tests.Unit.Export;

public class SinkSqlTests
{
    private static readonly MetricsTable Stats = new(
        "method_stats",
        new StructType(new StructField("program_id", new StringType(), IsNullable: false), new StructField("method", new StringType()), new StructField("n", new LongType()), new StructField("mean", new DoubleType())),
        ["program_id", "method"],
        [])
    { Namespace = "water_quality" };

    [Test]
    public void Sqlite_makes_a_prefixed_table_with_typed_columns() =>
        SqliteSql.CreateTable(Stats).Should().Be("""CREATE TABLE "water_quality_method_stats" ("program_id" TEXT NOT NULL, "method" TEXT, "n" INTEGER, "mean" REAL)""");

    [Test]
    public void Sqlite_makes_a_primary_key_where_no_part_may_be_null() =>
        SqliteSql.CreateTable(Stats with { Key = ["program_id"] }).Should().EndWith("""PRIMARY KEY ("program_id"))""");

    [Test]
    public void Sqlite_upserts_by_a_key_in_which_null_equals_null() =>
        SqliteSql.Upsert(Stats).Should().Be(
            """INSERT INTO "water_quality_method_stats" ("program_id", "method", "n", "mean") SELECT "program_id", "method", "n", "mean" FROM temp."staged" WHERE true """ +
            """ON CONFLICT ("program_id", "method" IS NULL, ifnull("method", '')) DO UPDATE SET "n" = excluded."n", "mean" = excluded."mean" """ +
            """WHERE "water_quality_method_stats"."n" IS NOT excluded."n" OR "water_quality_method_stats"."mean" IS NOT excluded."mean" """.TrimEnd());

    [Test]
    public void Postgres_makes_a_table_and_after_its_rows_a_null_safe_key()
    {
        PostgresSql.CreateTable(Stats).Should().Be("""CREATE TABLE IF NOT EXISTS "water_quality"."method_stats" ("program_id" text NOT NULL, "method" text, "n" bigint, "mean" double precision)""");
        PostgresSql.AddKey(Stats, ["method", "program_id"]).Should().Be("""ALTER TABLE "water_quality"."method_stats" ADD CONSTRAINT "method_stats_key" UNIQUE NULLS NOT DISTINCT ("method", "program_id")""");
    }

    [Test]
    public void Postgres_updates_only_rows_that_differ() =>
        PostgresSql.Upsert(Stats).Should().EndWith("""WHERE (t."n", t."mean") IS DISTINCT FROM (excluded."n", excluded."mean")""");

    [Test]
    public void Postgres_deletes_rows_that_are_gone_by_a_join_that_can_be_hashed() =>
        PostgresSql.DeleteMissing(Stats).Should().EndWith("""WHERE t."program_id" = gone."program_id" AND (t."method" IS NULL) = (gone."method" IS NULL) AND coalesce(t."method"::text, '') = coalesce(gone."method"::text, '')""");

    [Test]
    public void Names_are_quoted_whatever_stands_in_them()
    {
        SqliteSql.Quote("a\"; DROP TABLE x; --").Should().Be("\"a\"\"; DROP TABLE x; --\"");
        PostgresSql.Quote("a\"; DROP TABLE x; --").Should().Be("\"a\"\"; DROP TABLE x; --\"");
    }

    [Test]
    public void Migrations_are_numbered_from_one_without_gaps() =>
        Migrations.All.Select(static migration => migration.Version).Should().Equal(Enumerable.Range(1, Migrations.All.Length)).And.NotBeEmpty();

    [Test]
    public void A_key_column_that_is_not_there_is_refused_with_those_that_are()
    {
        var check = () => (Stats with { Key = ["site"] }).Check();

        check.Should().Throw<ExportException>().WithMessage("Key column 'site' is not in table 'method_stats'. It has: program_id, method, n, mean.");
    }

    [Test]
    public void A_nested_column_is_refused_by_name()
    {
        var check = () => (Stats with { Columns = Stats.Columns.Add(new StructField("tags", new ArrayType(new StringType()))) }).Check();

        check.Should().Throw<ExportException>().WithMessage("Column 'tags' of table 'method_stats' is array<string>*");
    }
}
