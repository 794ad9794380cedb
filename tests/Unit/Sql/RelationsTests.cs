using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;
using static Pipeline.Tests.Unit.Sql.Rendering;
using Window = Pipeline.Engine.Sql.Expressions.Window;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Frames as text, in both dialects.</summary>
public sealed class RelationsTests
{
    [Test]
    public void A_source_is_read_whole() => Rendered(t => t).Is("""SELECT * FROM "v1" AS t1""");

    [Test]
    public void Filter_and_select_are_one_query() =>
        Rendered(t => t.Filter(t["i"] > 21 & t["s"] != "x").Select("s", "i")).Is("""SELECT t1."s", t1."i" FROM "v1" AS t1 WHERE (t1."i" > 21) AND (t1."s" <> 'x')""");

    [Test]
    public void A_column_that_stands_on_a_computed_one_is_computed_once() =>
        Rendered(t => t.Select("i").WithColumn("j", Col("i") + 1).WithColumn("k", Col("j") * Col("j")))
            .Is("""SELECT t2."i", t2."j", t2."j" * t2."j" AS "k" FROM ( SELECT t1."i", t1."i" + 1 AS "j" FROM "v1" AS t1 ) AS t2""");

    [Test]
    public void Columns_that_do_not_stand_on_one_another_are_one_query() =>
        Rendered(t => t.Select("i", "d").WithColumn("j", Col("i") + 1).WithColumn("e", Col("d") * 2.0))
            .Is("SELECT t1.`i`, t1.`d`, t1.`i` + 1 AS `j`, t1.`d` * 2D AS `e` FROM `v1` AS t1", """SELECT t1."i", t1."d", t1."i" + 1 AS "j", t1."d" * 2e0 AS "e" FROM "v1" AS t1""");

    [Test]
    public void Groups_are_filtered_and_ordered_from_outside() =>
        Rendered(t => t.GroupBy("s").Agg(Avg("d").Alias("mean")).Filter(Col("mean") > 1.0).OrderBy(Col("mean").Desc())).Is(
            "SELECT * FROM ( SELECT t1.`s`, avg(t1.`d`) AS `mean` FROM `v1` AS t1 GROUP BY t1.`s` ) AS t2 WHERE t2.`mean` > 1D ORDER BY t2.`mean` DESC NULLS LAST",
            """SELECT * FROM ( SELECT t1."s", avg(t1."d") AS "mean" FROM "v1" AS t1 GROUP BY t1."s" ) AS t2 WHERE t2."mean" > 1e0 ORDER BY t2."mean" DESC NULLS LAST""");

    [Test]
    public void Columns_that_are_only_renamed_are_not_all_columns_as_they_are() => Rendered(t =>
    {
        var renamed = t.SparkSession.Read().Schema(new StructType(new StructField("k", new IntegerType()))).Csv("/other").Filter(Col("k") > 1).Select(Col("k").As("key"));
        return t.Join(renamed, Col("i") == Col("key")).Select("s", "key");
    }).Is("""SELECT t1."s", t3."key" FROM "v1" AS t1 JOIN ( SELECT t2."k" AS "key" FROM "v2" AS t2 WHERE t2."k" > 1 ) AS t3 ON t1."i" = t3."key" """.TrimEnd());

    [Test]
    public void A_constant_key_is_no_place_of_a_column() =>
        Rendered(t => t.GroupBy(Lit(1).As("one")).Agg(Max("i").As("m"))).Is(
            "SELECT 1 AS `one`, max(t1.`i`) AS `m` FROM `v1` AS t1 GROUP BY CAST(1 AS INT)",
            """SELECT 1 AS "one", max(t1."i") AS "m" FROM "v1" AS t1 GROUP BY CAST(1 AS INTEGER)""");

    [Test]
    public void A_frames_own_columns_tell_the_sides_of_a_join_apart() => Rendered(t =>
    {
        var other = t.Select(Col("s"), Col("d").As("e"));
        return t.Join(other, t["s"] == other["s"], "left").Select(t["s"], other["e"]);
    }).Is("""SELECT t1."s", t2."d" AS "e" FROM "v1" AS t1 LEFT JOIN "v1" AS t2 ON t1."s" = t2."s" """.TrimEnd());

    [Test]
    public void Aliases_tell_the_sides_of_a_self_join_apart() =>
        Rendered(t => t.Alias("a").Join(t.Alias("b"), Col("a.i") == Col("b.l")).Select("a.s", "b.d"))
            .Is("""SELECT t1."s", t2."d" FROM "v1" AS t1 JOIN "v1" AS t2 ON t1."i" = t2."l" """.TrimEnd());

    [TestCase("left_semi", "LEFT SEMI JOIN", "SEMI JOIN")]
    [TestCase("left_anti", "LEFT ANTI JOIN", "ANTI JOIN")]
    [TestCase("right", "RIGHT JOIN", "RIGHT JOIN")]
    public void A_kind_of_join_has_its_words(string kind, string spark, string duckdb)
    {
        string Join(string words) => $"""SELECT t1."i" FROM "v1" AS t1 {words} "v1" AS t2 ON t1."i" = t2."l" """.TrimEnd();
        var both = Rendered(t => t.Select("i").Join(t.Select("l"), Col("i") == Col("l"), kind).Select("i"));
        both.Is(Join(spark).Replace('"', '`'), Join(duckdb));
    }

    [Test]
    public void A_join_by_name_gives_the_column_once() =>
        Rendered(t => t.Select("i", "s").Join(t.Select("i", "d"), ["i"]))
            .Is("""SELECT t1."i", t1."s", t2."d" FROM "v1" AS t1 JOIN "v1" AS t2 ON t1."i" = t2."i" """.TrimEnd());

    [Test]
    public void A_full_join_by_name_takes_the_key_from_either_side() =>
        Rendered(t => t.Select("i", "s").Join(t.Select("i", "d"), ["i"], "full"))
            .Is("""SELECT coalesce(t1."i", t2."i") AS "i", t1."s", t2."d" FROM "v1" AS t1 FULL JOIN "v1" AS t2 ON t1."i" = t2."i" """.TrimEnd());

    [Test]
    public void A_plan_that_is_used_twice_is_written_once() =>
        Rendered(t =>
        {
            var totals = t.GroupBy("s").Agg(Max("i").As("m"));
            return totals.Filter(Col("m") > 1).Union(totals.Filter(Col("m") < 0));
        }).Is("""WITH c1 AS ( SELECT t1."s", max(t1."i") AS "m" FROM "v1" AS t1 GROUP BY t1."s" ) SELECT * FROM ( (SELECT * FROM c1 AS t2 WHERE t2."m" > 1) UNION ALL (SELECT * FROM c1 AS t3 WHERE t3."m" < 0) ) AS t4""");

    [Test]
    public void A_union_gives_both_sides_the_common_type() =>
        Rendered(t => t.Select("i").Union(t.Select("l")))
            .Is("""SELECT * FROM ( (SELECT CAST(t1."i" AS BIGINT) AS "i" FROM "v1" AS t1) UNION ALL (SELECT t2."l" FROM "v1" AS t2) ) AS t3""");

    [Test]
    public void Union_by_name_puts_NULL_where_a_column_is_missing() =>
        Rendered(t => t.Select("i").UnionByName(t.Select("l", "i"), true))
            .Is("""SELECT * FROM ( (SELECT t1."i", CAST(NULL AS BIGINT) AS "l" FROM "v1" AS t1) UNION ALL (SELECT t2."i", t2."l" FROM "v1" AS t2) ) AS t3""");

    [Test]
    public void Unpivot_makes_rows_of_columns() =>
        Rendered(t => t.Unpivot([Col("s")], [Col("i"), Col("l")], "name", "value")).Is(
            "SELECT * FROM ( SELECT t1.`s` AS `s`, stack(2, 'i', CAST(t1.`i` AS BIGINT), 'l', t1.`l`) AS (`name`, `value`) FROM `v1` AS t1 ) AS t2",
            """SELECT * FROM ( SELECT t1."s" AS "s", unnest(['i', 'l']) AS "name", unnest([CAST(t1."i" AS BIGINT), t1."l"]) AS "value" FROM "v1" AS t1 ) AS t2""");

    [Test]
    public void A_generator_is_filtered_from_outside() =>
        Rendered(t => t.Select(Col("i"), ExplodeOuter("list").As("e")).Filter(Col("e") > 1)).Is(
            "SELECT * FROM ( SELECT t1.`i` AS `i`, explode_outer(t1.`list`) AS `e` FROM `v1` AS t1 ) AS t2 WHERE t2.`e` > 1",
            """SELECT * FROM ( SELECT t1."i" AS "i", unnest(CASE WHEN len(t1."list") > 0 THEN t1."list" ELSE [NULL] END) AS "e" FROM "v1" AS t1 ) AS t2 WHERE t2."e" > 1""");

    [Test]
    public void A_map_explodes_into_key_and_value() =>
        Rendered(t => t.Select(Explode("m"))).Is(
            "SELECT * FROM ( SELECT explode(t1.`m`) AS (`key`, `value`) FROM `v1` AS t1 ) AS t2",
            """SELECT * FROM ( SELECT unnest(map_keys(t1."m")) AS "key", unnest(map_values(t1."m")) AS "value" FROM "v1" AS t1 ) AS t2""");

    [Test]
    public void Duplicates_are_dropped_by_columns() =>
        Rendered(t => t.Select("s", "i").DropDuplicates("s")).Is(
            "SELECT t2.`s`, t2.`i` FROM ( SELECT t1.`s`, t1.`i`, row_number() OVER (PARTITION BY t1.`s` ORDER BY t1.`s` ASC NULLS FIRST) AS `__place` FROM `v1` AS t1 ) AS t2 WHERE t2.`__place` = 1",
            """SELECT t2."s", t2."i" FROM ( SELECT t1."s", t1."i", CAST(row_number() OVER (PARTITION BY t1."s" ORDER BY t1."s" ASC NULLS FIRST) AS INTEGER) AS "__place" FROM "v1" AS t1 ) AS t2 WHERE t2."__place" = 1""");

    [Test]
    public void A_filter_by_another_column_stands_outside_a_window_function() =>
        Rendered(t => t.Select(Col("i"), Sum("d").Over(Window.PartitionBy("s")).As("total")).Filter(Col("i") > 1))
            .Is("""SELECT * FROM ( SELECT t1."i", sum(t1."d") OVER (PARTITION BY t1."s") AS "total" FROM "v1" AS t1 ) AS t2 WHERE t2."i" > 1""");

    [Test]
    public void Order_and_limit_keep_their_order() =>
        Rendered(t => t.OrderBy(Col("d").Desc()).Limit(3).Filter(Col("i") > 1).Select("i"))
            .Is("""SELECT t2."i" FROM ( SELECT * FROM "v1" AS t1 ORDER BY t1."d" DESC NULLS LAST LIMIT 3 ) AS t2 WHERE t2."i" > 1""");

    [Test]
    public void An_order_by_a_column_that_was_made_anew_takes_the_earlier_one() =>
        Rendered(t => t.OrderBy("i").Select((-Col("i")).As("i"))).Is("""SELECT -t1."i" AS "i" FROM "v1" AS t1 ORDER BY t1."i" ASC NULLS FIRST""");

    [Test]
    public void Hints_are_Sparks_alone() =>
        Rendered(t => t.Select("i").Coalesce(1)).Is("SELECT /*+ COALESCE(1) */ t1.`i` FROM `v1` AS t1", """SELECT t1."i" FROM "v1" AS t1""");

    [Test]
    public void Rows_without_a_time_belong_to_no_window() =>
        Rendered(t => t.GroupBy(Functions.Window("at", "10 minutes")).Agg(Count("*").As("n"))).Spark
            .Should().Be("SELECT window(t1.`at`, '10 minutes') AS `window`, count(1) AS `n` FROM `v1` AS t1 WHERE t1.`at` IS NOT NULL GROUP BY window(t1.`at`, '10 minutes')");

    [Test]
    public void A_pivot_is_an_aggregate_a_value() =>
        Rendered(t => t.GroupBy("s").Pivot("i", [1, null]).Agg(Max("d"))).Is(
            "SELECT t1.`s`, max(CASE WHEN t1.`i` <=> 1 THEN t1.`d` END) AS `1`, max(CASE WHEN t1.`i` <=> NULL THEN t1.`d` END) AS `null` FROM `v1` AS t1 GROUP BY t1.`s`",
            """SELECT t1."s", max(CASE WHEN t1."i" IS NOT DISTINCT FROM 1 THEN t1."d" END) AS "1", max(CASE WHEN t1."i" IS NOT DISTINCT FROM NULL THEN t1."d" END) AS "null" FROM "v1" AS t1 GROUP BY t1."s" """.TrimEnd());

    [Test]
    public void The_same_frame_gives_the_same_text_each_time() =>
        Rendered(t => t.Select(Functions.Transform("list", x => x + 1).As("a"))).Should().Be(Rendered(t => t.Select(Functions.Transform("list", x => x + 1).As("a"))));
}
