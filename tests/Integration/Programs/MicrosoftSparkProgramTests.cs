using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Expressions;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Streaming;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Programs;
using Pipeline.Tests.Support.Spark;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Integration.Programs;

/// <summary>Programs as users of Microsoft.Spark write them, run: their text differs from that library's samples in the using lines only.</summary>
[TestFixture("embedded")]
[TestFixture("4.1")]
public sealed class MicrosoftSparkProgramTests(string engineName)
{
    private IEngine? embedded;
    private SparkSession spark = null!;
    private TemporaryFolder folder = null!;

    [OneTimeSetUp]
    public void Start()
    {
        var engine = engineName == "embedded" ? embedded = EngineFactory.Create(new EngineSettings("embedded", "programs", new Dictionary<string, string>())) : SparkServer.Engine(engineName);
        spark = SparkSession.ForEngine(engine);
        folder = new TemporaryFolder();
    }

    [OneTimeTearDown]
    public void Stop()
    {
        embedded?.Dispose();
        folder?.Dispose();
    }

    [Test]
    public void The_basics_of_SQL()
    {
        File.WriteAllText(folder["people.json"], "{\"name\":\"Michael\"}\n{\"name\":\"Andy\", \"age\":30}\n{\"name\":\"Justin\", \"age\":19}\n");
        var shown = Shown(() =>
        {
            DataFrame df = spark.Read().Json(folder["people.json"]);
            df.PrintSchema();
            df.Select(df["name"], df["age"] + 1).Show();
            df.Filter(df["age"] > 21).Show();
            df.GroupBy("age").Count().Sort(Col("age").Desc()).Show();
            df.CreateOrReplaceTempView("people");
            spark.Sql("SELECT name FROM people WHERE age < 21").Show();

            var schema = new StructType(new[] { new StructField("name", new StringType()), new StructField("age", new IntegerType(), false) });
            DataFrame more = spark.CreateDataFrame(new List<GenericRow> { new(new object[] { "Kim", 17 }), new(new object[] { "Lee", 44 }) }, schema);
            more.WithColumn("who", When(more["age"] < 18, "child").Otherwise(Concat(Lit("adult "), more["name"]))).Show();
            WindowSpec byAge = Pipeline.Engine.Sql.Expressions.Window.OrderBy(Col("age").Desc());
            more.Select(Col("name"), RowNumber().Over(byAge).As("place")).OrderBy("place").Show();
            more.Write().Mode(SaveMode.Overwrite).Option("header", true).Csv(folder["out"]);
            Console.WriteLine(spark.Read().Option("header", true).Option("inferSchema", true).Csv(folder["out"]).Agg(Avg("age")).Collect().First().Get(0));
        });

        shown.Should().Be(
            """
            root
             |-- age: long (nullable = true)
             |-- name: string (nullable = true)

            +-------+---------+
            |   name|(age + 1)|
            +-------+---------+
            |Michael|     NULL|
            |   Andy|       31|
            | Justin|       20|
            +-------+---------+

            +---+----+
            |age|name|
            +---+----+
            | 30|Andy|
            +---+----+

            +----+-----+
            | age|count|
            +----+-----+
            |  30|    1|
            |  19|    1|
            |NULL|    1|
            +----+-----+

            +------+
            |  name|
            +------+
            |Justin|
            +------+

            +----+---+---------+
            |name|age|      who|
            +----+---+---------+
            | Kim| 17|    child|
            | Lee| 44|adult Lee|
            +----+---+---------+

            +----+-----+
            |name|place|
            +----+-----+
            | Lee|    1|
            | Kim|    2|
            +----+-----+

            30.5

            """.ReplaceLineEndings("\n"));
    }

    [Test]
    public void A_join_and_aggregate_like_those_of_TPC_H()
    {
        Write("customer", "c_custkey BIGINT, c_mktsegment STRING", [[1L, "BUILDING"], [2L, "AUTOMOBILE"], [3L, "BUILDING"]]);
        Write("orders", "o_orderkey BIGINT, o_custkey BIGINT, o_orderdate DATE", [[10L, 1L, new DateOnly(1995, 3, 1)], [11L, 1L, new DateOnly(1995, 3, 15)], [12L, 2L, new DateOnly(1995, 1, 1)], [13L, 3L, new DateOnly(1994, 12, 31)]]);
        Write("lineitem", "l_orderkey BIGINT, l_extendedprice DOUBLE, l_discount DOUBLE, l_shipdate DATE",
            [[10L, 100.0, 0.5, new DateOnly(1995, 3, 16)], [10L, 10.0, 0.0, new DateOnly(1995, 4, 1)], [10L, 7.0, 0.0, new DateOnly(1995, 3, 15)], [12L, 999.0, 0.0, new DateOnly(1995, 5, 1)], [13L, 200.0, 0.25, new DateOnly(1995, 6, 1)]]);

        DataFrame customer = spark.Read().Parquet(folder["customer"]);
        DataFrame orders = spark.Read().Parquet(folder["orders"]);
        DataFrame lineitem = spark.Read().Parquet(folder["lineitem"]);
        DataFrame result = ShippingPriority.Of(customer, orders, lineitem);

        result.Collect().Select(row => FormattableString.Invariant($"{row.Get(0)} {row.Get(1):yyyy-MM-dd} {row.Get(2)}")).Should().Equal("13 1994-12-31 150", "10 1995-03-01 60");
    }

    [Test]
    public async Task A_Kafka_word_count()
    {
        await using var kafka = await KafkaServer.StartAsync();
        using (var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, LingerMs = 5 }).Build())
        {
            foreach (var line in (string[])["the cat the dog", "the", "cat µ"]) producer.Produce("words", new Message<Null, string> { Value = line });
            producer.Flush(TimeSpan.FromSeconds(20)).Should().Be(0);
        }

        DataFrame lines = spark.ReadStream()
            .Format("kafka")
            .Option("kafka.bootstrap.servers", kafka.BootstrapServers)
            .Option("subscribe", "words")
            .Option("startingOffsets", "earliest")
            .Load()
            .SelectExpr("CAST(value AS STRING)");
        DataFrame words = lines.Select(Explode(Split(lines["value"], " ")).Alias("word"));
        var counts = new List<string>();
        if (engineName == "embedded")
        {
            // The embedded engine keeps no state across batches and says so; the same count stands on each batch.
            FluentActions.Invoking(() => words.GroupBy("word").Count().WriteStream().OutputMode("complete").Format("memory").QueryName("counts").Start())
                .Should().Throw<EngineException>();
            StreamingQuery each = words.WriteStream().Option("checkpointLocation", folder["checkpoint"]).Trigger(Trigger.AvailableNow())
                .ForeachBatch((batch, _) => counts.AddRange(batch.GroupBy("word").Count().Collect().Select(row => row.ToString())))
                .Start();
            each.AwaitTermination();
        }
        else
        {
            StreamingQuery query = words.GroupBy("word").Count().WriteStream().OutputMode("complete").Format("memory").QueryName("counts").Trigger(Trigger.AvailableNow()).Start();
            query.AwaitTermination();
            counts.AddRange(spark.Sql("SELECT * FROM counts").Collect().Select(row => row.ToString()));
        }

        counts.Should().BeEquivalentTo("[the, 3]", "[cat, 2]", "[dog, 1]", "[µ, 1]");
    }

    private void Write(string table, string columns, IEnumerable<object?[]> rows) =>
        spark.CreateDataFrame(rows, DdlParser.ParseSchema(columns)).Write().Mode(SaveMode.Overwrite).Parquet(folder[table]);

    private static string Shown(Action program)
    {
        var console = Console.Out;
        using var text = new StringWriter { NewLine = "\n" };
        Console.SetOut(text);
        try
        {
            program();
        }
        finally
        {
            Console.SetOut(console);
        }
        return text.ToString().ReplaceLineEndings("\n");
    }
}
