using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.VersionsOfFixture))]
public class LifeTests(string version)
{
    [Test]
    public void A_disposed_session_leaves_no_JVM()
    {
        var spark = SparkServer.Start(version);
        var id = spark.JvmProcessId!.Value;
        IsAlive(id).Should().BeTrue();
        var started = Stopwatch.StartNew();
        spark.Dispose();
        IsAlive(id).Should().BeFalse();
        started.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
        spark.Lost.IsCancellationRequested.Should().BeFalse();
        spark.LiveReferences.Should().Be(0);
        FluentActions.Invoking(() => spark.Describe("select 1")).Should().Throw<ObjectDisposedException>();
    }

    [Test]
    public async Task A_killed_JVM_fails_queries_and_streams_in_seconds()
    {
        using var spark = SparkServer.Start(version);
        var lost = new TaskCompletionSource();
        var isStreaming = new TaskCompletionSource();
        using var registration = spark.Lost.Register(() => lost.TrySetResult());
        var schema = new StructType(new StructField("n", new LongType()));
        var view = spark.OpenSource(new SourceSpec("rate", [], new Dictionary<string, string>(), null, true));
        using var stream = spark.StartStream(new StreamSpec($"select value as n from {view.Name}", schema, "rate", null, "append", new TriggerSpec("processingTime", 100), new Dictionary<string, string>(), null, (_, _, _) => isStreaming.TrySetResult()));
        var waiting = Task.Run(() => stream.AwaitTermination(null));
        var query = Task.Run(() => spark.Query("select count(*) as n from range(0, 100000000000, 1, 4) where id % 7 = 3", schema).ToList());
        await isStreaming.Task.WaitAsync(TimeSpan.FromMinutes(1));
        var started = Stopwatch.StartNew();
        using (var jvm = Process.GetProcessById(spark.JvmProcessId!.Value)) jvm.Kill();
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(5));
        (await FluentActions.Awaiting(() => query).Should().ThrowAsync<EngineException>()).Which.IsTransient.Should().BeTrue();
        (await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<GatewayException>()).Which.Message.Should().StartWith("The JVM that runs Spark has ended (exit code 137)");
        started.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5));
        stream.IsActive.Should().BeFalse();
        stream.Failure.Should().BeOfType<GatewayException>();
        FluentActions.Invoking(() => spark.Describe("select 1")).Should().Throw<GatewayException>();
    }

    [Test]
    public void A_JVM_without_memory_ends_and_the_query_says_so()
    {
        using var spark = SparkServer.Start(version, options => options with { Conf = new Dictionary<string, string> { ["spark.driver.memory"] = "512m" } });
        // Lists of long strings that no heap of this size holds, made by the tasks, which are threads of this JVM.
        FluentActions.Invoking(() => spark.Query("select size(collect_list(repeat(cast(id as string), 2000))) as n from range(0, 1000000, 1, 2)", new StructType(new StructField("n", new IntegerType()))).ToList())
            .Should().Throw<EngineException>().WithMessage("The JVM that runs Spark has ended (exit code 137: its memory did not suffice; give the driver more with spark.driver.memory)*")
            .Which.IsTransient.Should().BeTrue();
    }

    [Test]
    public void A_JVM_that_cannot_start_says_why()
    {
        // Where there is no Spark the test is left out, before an absence could pass for a start that fails.
        _ = SparkServer.RequireHome(version);
        FluentActions.Invoking(() => SparkServer.Start(version, options => options with { Conf = new Dictionary<string, string> { ["spark.driver.memory"] = "much" } }))
            .Should().Throw<SparkStartException>().WithMessage("Spark's JVM ended with exit code 1 before it was ready. Its last lines:*much*");
        FluentActions.Invoking(() => SparkServer.Start(version, options => options with { Master = "nonsense" }))
            .Should().Throw<EngineException>();
    }

    [Test]
    public void Callbacks_work_in_the_pinned_mode_of_Py4J_that_plain_spark_submit_has()
    {
        Environment.SetEnvironmentVariable("PYSPARK_PIN_THREAD", "true");
        try
        {
            using var spark = SparkServer.Start(version);
            var schema = new StructType(new StructField("n", new LongType()));
            var view = spark.OpenSource(new SourceSpec("rate", [], new Dictionary<string, string>(), null, true));
            using var ran = new CountdownEvent(3);
            using var stream = spark.StartStream(new StreamSpec($"select value as n from {view.Name}", schema, "rate", null, "append", new TriggerSpec("processingTime", 100), new Dictionary<string, string>(), null, (engine, batch, batchId) =>
            {
                _ = engine.Query($"select count(*) as n from {batch.Name}", schema).Single();
                if (!ran.IsSet) _ = ran.Signal();
            }));
            ran.Wait(TimeSpan.FromMinutes(1)).Should().BeTrue();
            stream.Failure.Should().BeNull();
        }
        finally
        {
            Environment.SetEnvironmentVariable("PYSPARK_PIN_THREAD", null);
        }
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
