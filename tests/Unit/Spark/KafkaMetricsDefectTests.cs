using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark.Streaming;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Unit.Spark;

public class KafkaMetricsDefectTests
{
    [TestCase("java.lang.NullPointerException: Cannot invoke \"scala.collection.IterableOps.map(scala.Function1)\"\n\tat org.apache.spark.sql.kafka010.KafkaMicroBatchStream$.metrics(KafkaMicroBatchStream.scala:520)", true)]
    [TestCase("java.lang.NullPointerException: null\n\tat org.example.Function.apply(Function.scala:1)", false)]
    [TestCase("java.lang.IllegalStateException: Partition 3 is gone\n\tat org.apache.spark.sql.kafka010.KafkaMicroBatchStream$.metrics(KafkaMicroBatchStream.scala:520)", false)]
    [TestCase(null, false)]
    public void It_is_known_by_its_kind_and_place_only(string? stack, bool isCause) =>
        KafkaMetricsDefect.IsCause(new EngineException("The stream failed.") { RemoteStackTrace = stack }).Should().Be(isCause);
}
