
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.UserFunctions.Worker;

namespace Pipeline.Tests.Unit.UserFunctions;

/// <summary>The header of a task as real Sparks send it.</summary>
[TestFixtureSource(typeof(Recorded), nameof(Recorded.Versions))]
public sealed class TaskHeaderTests(string version)
{
    [Test]
    public void A_recorded_header_is_read_to_the_byte_before_the_data()
    {
        using var stream = new MemoryStream(Recorded.Task(version));
        var header = TaskHeader.Read(new WireReader(stream))!;
        (header.Partition, header.EvalType).Should().Be((0, EvalTypes.Scalar));
        header.Conf["spark.sql.session.timeZone"].Should().Be("UTC");
        header.Functions.Select(static function => (string.Join(',', function.Columns), function.Commands.Length)).Should().Equal(("0", 2), ("0,1", 1));
        header.Functions.SelectMany(static function => function.Commands).Should().OnlyContain(static command => Encoding.UTF8.GetString(command).StartsWith("{\"version\":1,"));
        // Arrow's streams begin with this mark.
        new WireReader(stream).ReadInt().Should().Be(-1);
    }

    [TestCase("partition", EvalTypes.Partition, "0")]
    [TestCase("group", EvalTypes.Group, "6,1,3,0,1,2,3")]
    public void A_recorded_header_of_a_function_over_rows_is_read_to_the_byte_before_the_data(string kind, int evalType, string columns)
    {
        using var stream = new MemoryStream(Recorded.Rows(kind, version));
        var header = TaskHeader.Read(new WireReader(stream))!;
        (header.EvalType, header.Dialect.Version).Should().Be((evalType, version));
        var function = header.Functions.Should().ContainSingle().Which;
        string.Join(',', function.Columns).Should().Be(columns);
        Encoding.UTF8.GetString(function.Commands.Should().ContainSingle().Which).Should().StartWith("{\"version\":1,");
        // Spark 4 says that a group follows; then, and else at once, Arrow's stream begins.
        if (kind == "group" && version != "3.5") new WireReader(stream).ReadInt().Should().Be(1);
        new WireReader(stream).ReadInt().Should().Be(-1);
    }

    [Test]
    public void A_header_that_is_cut_off_anywhere_is_an_end_of_the_connection_and_never_a_task()
    {
        var task = Recorded.Task(version);
        using var whole = new MemoryStream(task);
        _ = TaskHeader.Read(new WireReader(whole));
        for (var length = 1; length < whole.Position; length += length < 200 ? 1 : 37)
        {
            using var cut = new MemoryStream(task, 0, length);
            FluentActions.Invoking(() => TaskHeader.Read(new WireReader(cut))).Should().Throw<EndOfStreamException>($"of {length} bytes");
        }
    }

    [Test]
    public void Another_dialect_or_kind_of_task_is_refused_by_name()
    {
        var task = Recorded.Task(version);
        var word = task.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"/{version}"));
        task[word + 3] = (byte)'9';
        using var stream = new MemoryStream(task);
        FluentActions.Invoking(() => TaskHeader.Read(new WireReader(stream))).Should().Throw<ProtocolException>()
            .WithMessage($"*The driver speaks 'pipeline-csharp-1/{version[0]}.9', and this worker 'pipeline-csharp-1/3.5', 'pipeline-csharp-1/4.1'*");
    }

    [Test]
    public void The_end_of_the_connection_or_of_the_tasks_is_no_header()
    {
        using var empty = new MemoryStream();
        TaskHeader.Read(new WireReader(empty)).Should().BeNull();
        using var end = new MemoryStream([255, 255, 255, 255]);
        TaskHeader.Read(new WireReader(end)).Should().BeNull();
    }
}
