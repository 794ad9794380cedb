using FluentAssertions;
using NSubstitute;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Streaming;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>What a session asks of its engine.</summary>
public sealed class SessionTests
{
    private readonly StructType schema = new(new StructField("id", new LongType(), false), new StructField("name", new StringType()));
    private FakeEngine engine = null!;
    private SparkSession spark = null!;

    [SetUp]
    public void Start()
    {
        engine = FakeEngine.DuckDb();
        spark = SparkSession.ForEngine(engine);
    }

    [TearDown]
    public void Stop()
    {
        spark.Dispose();
        engine.Dispose();
    }

    [Test]
    public void A_reader_hands_on_format_options_and_schema()
    {
        spark.Read().Option("header", true).Option("sep", ";").Schema("id BIGINT NOT NULL, name STRING").Csv("/in/a.csv", "/in/b.csv");
        var spec = engine.Opened.Should().ContainSingle().Subject;
        spec.Format.Should().Be("csv");
        spec.Paths.Should().Equal("/in/a.csv", "/in/b.csv");
        spec.Options["HEADER"].Should().Be("true");
        spec.Schema!.Equals(schema).Should().BeTrue();
        spec.IsStreaming.Should().BeFalse();
    }

    [Test]
    public void A_writer_hands_on_mode_partitions_and_options()
    {
        Frame().Write().Format("Delta").Mode(SaveMode.Append).PartitionBy("name").Option("txnVersion", 7L).Save("/out");
        var sink = engine.Written.Should().ContainSingle().Subject;
        sink.Should().BeEquivalentTo(new SinkSpec("delta", "/out", "append", ["name"], new Dictionary<string, string> { ["txnVersion"] = "7" }));
        engine.Executed.Should().Equal("SELECT *\nFROM \"rows\" AS t1");
    }

    [Test]
    public void Count_asks_for_one_number()
    {
        engine.Answers.Enqueue([[3L]]);
        Frame().Filter(Col("id") > 1).Count().Should().Be(3);
        engine.Executed.Should().Equal("SELECT count(*) AS \"count(1)\"\nFROM \"rows\" AS t1\nWHERE t1.\"id\" > 1");
    }

    [Test]
    public void Show_draws_Sparks_table()
    {
        engine.Answers.Enqueue([[1L, "a rather long name, cut"], [2L, null]]);
        Frame().ShowString(1).ReplaceLineEndings("\n").Should().Be("""
            +---+--------------------+
            | id|                name|
            +---+--------------------+
            |  1|a rather long nam...|
            +---+--------------------+
            only showing top 1 row

            """);
    }

    [Test]
    public void A_schema_is_known_without_asking_the_engine()
    {
        var typed = Frame().Select(Col("id"), (Col("id") / 2).As("half"), Upper("name").As("upper"), Count("*").Over().As("n"));
        typed.Schema().SimpleString.Should().Be("struct<id:bigint,half:double,upper:string,n:bigint>");
        engine.Executed.Should().BeEmpty();
    }

    [Test]
    public void The_type_of_an_unknown_function_is_asked_from_the_engine()
    {
        engine.Described = new StructType(new StructField("x", new DateType()));
        Frame().Select(CallFunction("own_function", Col("id")).As("x")).Schema()[0].DataType.Should().Be(new DateType());
        engine.Executed.Should().Equal("describe: SELECT own_function(t1.\"id\") AS \"x\"\nFROM \"rows\" AS t1");
    }

    [Test]
    public void Sql_runs_commands_at_once_and_queries_later()
    {
        spark.Sql("SET x = 1");
        spark.Sql("select 1 as x").Filter("x > 0").ToSql().Should().Be("SELECT *\nFROM (\nselect 1 as x\n) AS t1\nWHERE t1.\"x\" > 0");
        engine.Executed.Should().Equal("SET x = 1", "describe: select 1 as x");
    }

    [Test]
    public void A_view_of_a_stream_is_a_stream_by_name()
    {
        spark.ReadStream().Format("rate").Load().CreateOrReplaceTempView("ticks");
        spark.Table("ticks").IsStreaming().Should().BeTrue();
        spark.Sql("SELECT * FROM ticks WHERE x > 1").IsStreaming().Should().BeTrue();
        spark.Sql("SELECT * FROM tickets").IsStreaming().Should().BeFalse();
    }

    [Test]
    public void Persist_reads_the_kept_rows_from_then_on()
    {
        var kept = Frame().Filter("id > 1").Persist();
        kept.Select("id").ToSql().Should().Be("SELECT t1.\"id\"\nFROM \"kept\" AS t1");
        kept.Unpersist();
        engine.Executed.Should().Equal("persist: SELECT *\nFROM \"rows\" AS t1\nWHERE t1.\"id\" > 1", "unpersist: kept");
    }

    [Test]
    public void A_batch_belongs_to_a_session_on_the_engine_that_owns_it()
    {
        var batches = new List<(string Sql, long Id, IEngine Engine)>();
        spark.ReadStream().Format("kafka").Option("subscribe", "t").Load().WriteStream()
            .Trigger(Trigger.ProcessingTime("10 seconds")).OutputMode(OutputMode.Update).Option("checkpointLocation", "/cp").QueryName("q")
            .ForeachBatch((batch, id) => batches.Add((batch.Filter("id > 1").ToSql(), id, batch.SparkSession.Engine))).Start();
        var stream = engine.Stream!;
        stream.Trigger.Should().Be(new TriggerSpec("processingTime", 10_000));
        (stream.CheckpointLocation, stream.OutputMode, stream.QueryName, stream.Sink).Should().Be(("/cp", "update", "q", null));
        using var other = FakeEngine.Spark();
        stream.ForeachBatch!(other, new SourceView("batch_7", schema, true), 7);
        batches.Should().Equal(("SELECT *\nFROM `batch_7` AS t1\nWHERE t1.`id` > 1", 7L, other));
    }

    [Test]
    public void Progress_is_read_as_values()
    {
        var progress = StreamingQueryProgress.Parse("""
            {"id":"a","runId":"b","name":null,"timestamp":"2024-05-06T07:08:09.123Z","batchId":3,"numInputRows":10,"inputRowsPerSecond":5.5,"processedRowsPerSecond":"NaN","durationMs":{"addBatch":12,"triggerExecution":20},
             "stateOperators":[{"operatorName":"dedupe","numRowsTotal":4,"numRowsUpdated":1,"numRowsDroppedByWatermark":2,"memoryUsedBytes":99}],
             "sources":[{"description":"KafkaV2[Subscribe[t]]","startOffset":{"t":{"0":1}},"endOffset":{"t":{"0":11}},"latestOffset":null,"numInputRows":10}],"sink":{"description":"ForeachBatchSink"}}
            """);
        progress.BatchId.Should().Be(3);
        progress.Timestamp.Should().Be(new DateTimeOffset(2024, 5, 6, 7, 8, 9, 123, TimeSpan.Zero));
        progress.ProcessedRowsPerSecond.Should().Be(double.NaN);
        progress.DurationMs["addBatch"].Should().Be(12);
        progress.Sources.Should().ContainSingle().Which.Should().BeEquivalentTo(new { StartOffset = """{"t":{"0":1}}""", EndOffset = """{"t":{"0":11}}""", LatestOffset = (string?)null, NumInputRows = 10 });
        progress.StateOperators.Should().Equal(new StateOperatorProgress("dedupe", 4, 1, 2, 99));
        progress.Sink.Should().Be("ForeachBatchSink");
    }

    [Test]
    public void A_merge_names_both_sides()
    {
        engine.Delta.Exists("/t").Returns(true);
        engine.Described = schema;
        DeltaTable.ForPath(spark, "/t").As("t").Merge(Frame().Alias("s"), Col("t.id") == Col("s.id"))
            .WhenMatched(Col("s.name") != Col("t.name")).UpdateExpr(new Dictionary<string, string> { ["name"] = "upper(s.name)" })
            .WhenNotMatched().InsertAll().Option("txnVersion", "1").Execute();
        var merge = (MergeSpec)engine.Delta.ReceivedCalls().Single(call => call.GetMethodInfo().Name == nameof(IDeltaEngine.Merge)).GetArguments()[0]!;
        (merge.Path, merge.TargetAlias, merge.SourceAlias).Should().Be(("/t", "t", "s"));
        merge.SourceSql.Should().Be("SELECT *\nFROM \"rows\" AS t1");
        merge.ConditionSql.Should().Be("\"t\".\"id\" = \"s\".\"id\"");
        merge.Clauses.Should().BeEquivalentTo(new[]
        {
            new MergeClause("matchedUpdate", "\"s\".\"name\" <> \"t\".\"name\"", new Dictionary<string, string> { ["name"] = "upper(\"s\".\"name\")" }),
            new MergeClause("notMatchedInsert", null, null),
        }, options => options.WithStrictOrdering());
        merge.Options["txnVersion"].Should().Be("1");
    }

    [Test]
    public void A_delete_names_the_tables_columns()
    {
        engine.Delta.Exists("/t").Returns(true);
        engine.Described = schema;
        DeltaTable.ForPath(spark, "/t").Delete("id > 5 and name is not null");
        engine.Delta.Received().Delete("/t", "(\"id\" > 5) AND (\"name\" IS NOT NULL)", Arg.Any<IReadOnlyDictionary<string, string>>());
    }

    [Test]
    public void A_builder_makes_its_engine_by_the_registered_factory_and_once()
    {
        EngineSettings? asked = null;
        EngineRegistry.Register(settings =>
        {
            asked = settings;
            return engine;
        });
        try
        {
            var made = SparkSession.Builder().AppName("app").Master("embedded").Config("a", true).GetOrCreate();
            SparkSession.Builder().GetOrCreate().Should().BeSameAs(made);
            SparkSession.Active().Should().BeSameAs(made);
            (asked!.AppName, asked.Master, asked.Config["a"]).Should().Be(("app", "embedded", "true"));
            made.Stop();
            engine.IsDisposed.Should().BeTrue();
            SparkSession.GetActiveSession().Should().BeNull();
        }
        finally
        {
            EngineRegistry.Unregister();
        }
    }

    [Test]
    public void One_row_of_values_is_a_query_without_a_table()
    {
        var row = spark.CreateDataFrame([[5L, "it's"]], schema);
        row.ToSql().Should().Contain("CAST(5 AS BIGINT) AS \"id\", 'it''s' AS \"name\"");
        row.Unpersist();
        engine.RowsOpened.Should().Be(0);
        engine.Executed.Should().BeEmpty();
    }

    [TestCase(5, "an int for a bigint")]
    [TestCase(null, "NULL where there is none")]
    [TestCase(5L, "text with a NUL, which no literal holds", "a\0b")]
    public void A_row_whose_values_are_not_of_its_columns_is_left_to_the_engine_to_check(object? id, string why, string name = "a")
    {
        _ = spark.CreateDataFrame([[id, name]], schema);
        engine.RowsOpened.Should().Be(1, why);
    }

    private DataFrame Frame() => spark.CreateDataFrame(new List<object?[]>(), schema);
}
