using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

/// <summary>Ten thousand tiny batches: what the JVM holds for us, and what we hold, must not grow with them.</summary>
public class SoakTests
{
    private const int Batches = 10_000;
    private const int EveryBatches = 500;
    private const long Megabyte = 1 << 20;
    private static readonly StructType Count = new(new StructField("n", new LongType()));

    [Test, Explicit("Takes a quarter of an hour. Run it by name, with SPARK_HOME set, and look at the table that it prints.")]
    public void A_stream_of_10_000_batches_holds_references_and_memory_flat()
    {
        using var spark = SparkServer.Start("4.1");
        var checkpoint = Directory.CreateTempSubdirectory("pipeline-soak-");
        var samples = new List<Sample>();
        using var done = new ManualResetEventSlim();
        var started = Stopwatch.StartNew();
        try
        {
            var view = spark.OpenSource(new SourceSpec("rate-micro-batch", [], new Dictionary<string, string> { ["rowsPerBatch"] = "3", ["numPartitions"] = "1" }, null, true));
            using var stream = spark.StartStream(new StreamSpec(
                $"select value as n from {view.Name}", Count, "soak", checkpoint.FullName, "append", new TriggerSpec("processingTime"), new Dictionary<string, string>(), null,
                (engine, batch, batchId) =>
                {
                    engine.Query($"select count(*) as n from {batch.Name}", Count).Single().Get(0).Should().Be(3L);
                    if (batchId % EveryBatches == 0)
                    {
                        samples.Add(Sample.Take(spark, batchId, started.Elapsed));
                        TestContext.Progress.WriteLine(samples[^1]);
                    }
                    if (batchId >= Batches) done.Set();
                }));
            while (!done.Wait(TimeSpan.FromSeconds(1))) stream.Failure.Should().BeNull();
        }
        finally
        {
            checkpoint.Delete(recursive: true);
        }

        // The first thousand warm up: code that is compiled, pools that fill.
        var warm = samples.Where(static sample => sample.Batch >= 1_000).ToList();
        (warm.Max(static sample => sample.References) - warm.Min(static sample => sample.References)).Should().BeLessThanOrEqualTo(2, "we hold as many references after each batch, but for that look's");
        (warm.Max(static sample => sample.Bindings) - warm.Min(static sample => sample.Bindings)).Should().BeLessThanOrEqualTo(2, "the JVM holds as many for us, but for what the look at the stream's failure holds just then");
        (warm[^1].OwnBytes - warm[0].OwnBytes).Should().BeLessThan(8 * Megabyte, "our heap is flat");
        (warm[^1].JvmBytes - warm[0].JvmBytes).Should().BeLessThan(64 * Megabyte, "the JVM's heap is flat, but for what Spark keeps of past queries up to its limits");
    }

    /// <summary>What both sides hold inside a batch, after a collection on each.</summary>
    private sealed record Sample(long Batch, TimeSpan At, long References, int Bindings, long OwnBytes, long JvmBytes)
    {
        public static Sample Take(SparkEngine spark, long batch, TimeSpan at)
        {
            using var scope = spark.Begin();
            _ = scope.Static("java.lang.System", "gc");
            var runtime = scope.StaticObject("java.lang.Runtime", "getRuntime");
            var used = (long)Convert.ToInt64(scope.Call(runtime, "totalMemory"), CultureInfo.InvariantCulture) - Convert.ToInt64(scope.Call(runtime, "freeMemory"), CultureInfo.InvariantCulture);
            return new Sample(batch, at, spark.LiveReferences, CountBindings(scope), OwnHeap(), used);
        }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"batch {Batch,6}  {At.TotalSeconds,6:0} s  references {References,3}  in the JVM {Bindings,3}  our heap {OwnBytes / (double)Megabyte,6:0.0} MB  JVM's heap {JvmBytes / (double)Megabyte,6:0.0} MB");

        private static long OwnHeap()
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
            return GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes;
        }

        /// <summary>How many objects the gateway's table of references has.</summary>
        private static int CountBindings(JvmScope scope) => (int)scope.Call(scope.Object((JvmObject)scope.OfGateway("getGateway")!, "getBindings"), "size")!;
    }
}
