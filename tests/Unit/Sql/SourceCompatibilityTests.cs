using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Streaming;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Programs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Programs as Microsoft.Spark's users write them: that they compile is most of the test.</summary>
public sealed class SourceCompatibilityTests
{
    [Test]
    public void A_Kafka_word_count()
    {
        using var engine = FakeEngine.Spark();
        engine.Described = new StructType(new StructField("key", new BinaryType()), new StructField("value", new BinaryType()));
        var spark = SparkSession.ForEngine(engine);

        DataFrame lines = spark.ReadStream().Format("kafka").Option("kafka.bootstrap.servers", "localhost:9092").Option("subscribe", "words").Load().SelectExpr("CAST(value AS STRING)");
        DataFrame words = lines.Select(Explode(Split(lines["value"], " ")).Alias("word"));
        DataFrame wordCounts = words.GroupBy("word").Count();
        StreamingQuery query = wordCounts.WriteStream().OutputMode("complete").Format("console").Start();
        query.AwaitTermination();

        engine.Stream!.Sql.Replace("\n", " ", StringComparison.Ordinal).Should().Be(
            "SELECT t3.`word`, count(1) AS `count` FROM ( SELECT explode(split(t2.`value`, ' ', -1)) AS `word` FROM ( SELECT CAST(t1.`value` AS STRING) AS `value` FROM `v1` AS t1 ) AS t2 ) AS t3 GROUP BY t3.`word`");
    }

    [Test]
    public void The_basics_of_SQL()
    {
        using var engine = FakeEngine.Spark();
        var spark = SparkSession.ForEngine(engine);
        engine.Described = new StructType(new StructField("age", new LongType()), new StructField("name", new StringType()));

        DataFrame df = spark.Read().Json("people.json");
        df.PrintSchema();
        df.Select("name").Show();
        df.Select(df["name"], df["age"] + 1).Show();
        df.Filter(df["age"] > 21).Show();
        df.Filter(df.Col("age").Gt(21) & df["name"].IsNotNull()).Show();
        df.GroupBy("age").Agg(Avg("age").Alias("avg"), Max(df["age"])).Show();
        df.GroupBy("age").Count().Sort(Desc("count"), Col("age").Asc()).Show();
        df.CreateOrReplaceTempView("people");
        spark.Sql("SELECT * FROM people").Show();
        var schema = new StructType(new[] { new StructField("name", new StringType()), new StructField("age", new IntegerType(), false) });
        spark.CreateDataFrame(new List<GenericRow> { new(new object[] { "Michael", 20 }) }, schema).WithColumn("older", Col("age") * 2 + 1).Show();
        df.WithColumn("who", When(df["age"] < 18, "child").Otherwise(Concat(Lit("adult "), df["name"]))).Na().Fill("?").DropDuplicates().Limit(3).Show(10, 0);
        df.Write().Mode(SaveMode.Overwrite).Option("header", true).Csv("out");

        engine.Views["people"].Should().Be("SELECT *\nFROM `v1` AS t1");
    }

    [Test]
    public void A_join_and_aggregate_like_those_of_TPC_H()
    {
        using var engine = FakeEngine.Spark();
        var spark = SparkSession.ForEngine(engine);
        DataFrame customer = spark.Read().Schema("c_custkey BIGINT, c_mktsegment STRING").Parquet("/customer");
        DataFrame orders = spark.Read().Schema("o_orderkey BIGINT, o_custkey BIGINT, o_orderdate DATE").Parquet("/orders");
        DataFrame lineitem = spark.Read().Schema("l_orderkey BIGINT, l_extendedprice DOUBLE, l_discount DOUBLE, l_shipdate DATE").Parquet("/lineitem");

        var result = ShippingPriority.Of(customer, orders, lineitem);

        result.ToSql().Replace("\n", " ", StringComparison.Ordinal).Should().Be(
            "SELECT t6.`l_orderkey`, t4.`o_orderdate`, sum(t6.`l_extendedprice` * (1 - t6.`l_discount`)) AS `revenue` "
            + "FROM ( SELECT * FROM `v1` AS t1 WHERE t1.`c_mktsegment` = 'BUILDING' ) AS t2 "
            + "JOIN ( SELECT * FROM `v2` AS t3 WHERE t3.`o_orderdate` < DATE '1995-03-15' ) AS t4 ON t2.`c_custkey` = t4.`o_custkey` "
            + "JOIN ( SELECT * FROM `v3` AS t5 WHERE t5.`l_shipdate` > DATE '1995-03-15' ) AS t6 ON t4.`o_orderkey` = t6.`l_orderkey` "
            + "GROUP BY t6.`l_orderkey`, t4.`o_orderdate` ORDER BY sum(t6.`l_extendedprice` * (1 - t6.`l_discount`)) DESC NULLS LAST, t4.`o_orderdate` ASC NULLS FIRST LIMIT 10");
    }
}
