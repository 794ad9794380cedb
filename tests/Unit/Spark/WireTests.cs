using System.Buffers;
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Gateway.Wire;

namespace Pipeline.Tests.Unit.Spark;

public class WireTests
{
    [Test]
    public void Authenticate_is_A_and_the_secret_without_an_end() =>
        Written(to => Commands.Authenticate(to, new GatewaySecret("abc"))).Should().Be("A\nabc\n");

    [Test]
    public void Call_names_object_method_and_arguments_each_on_its_line() =>
        Written(to => Commands.Call(to, "o12", "option", ["header", true, 7, 8L, null])).Should().Be("c\no12\noption\nsheader\nbtrue\ni7\nL8\nn\ne\n");

    [Test]
    public void Static_call_puts_z_before_the_class() =>
        Written(to => Commands.CallStatic(to, "org.apache.spark.sql.SparkSession", "builder", [])).Should().Be("c\nz:org.apache.spark.sql.SparkSession\nbuilder\ne\n");

    [Test]
    public void Construct_names_the_class() =>
        Written(to => Commands.Construct(to, "java.util.ArrayList", [3])).Should().Be("i\njava.util.ArrayList\ni3\ne\n");

    [Test]
    public void Static_member_is_a_reflection() =>
        Written(to => Commands.StaticMember(to, "org.apache.spark.sql.types.DataTypes", "StringType")).Should().Be("r\nm\norg.apache.spark.sql.types.DataTypes\nStringType\ne\n");

    [Test]
    public void Question_what_a_name_is_carries_the_default_view() =>
        Written(to => Commands.WhatIs(to, "a.B")).Should().Be("r\nu\na.B\nrj\ne\n");

    [Test]
    public void Arrays_are_made_set_read_and_measured()
    {
        Written(to => Commands.NewArray(to, "java.lang.String", 2)).Should().Be("a\nc\nsjava.lang.String\ni2\ne\n");
        Written(to => Commands.SetElement(to, "o2", 0, "x")).Should().Be("a\ns\no2\ni0\nsx\ne\n");
        Written(to => Commands.GetElement(to, "o2", 1)).Should().Be("a\ng\no2\ni1\ne\n");
        Written(to => Commands.ArrayLength(to, "o2")).Should().Be("a\ne\no2\ne\n");
    }

    [Test]
    public void Forget_and_stack_trace_name_the_reference()
    {
        Written(to => Commands.Forget(to, "o12")).Should().Be("m\nd\no12\ne\n");
        Written(to => Commands.StackTrace(to, "o15")).Should().Be("p\nro15\ne\n");
    }

    [TestCase("", "s\n")]
    [TestCase("a\\b\nc\rd", "sa\\\\b\\nc\\rd\n")]
    [TestCase("µ° 😀", "sµ° 😀\n")]
    [TestCase("e", "se\n")]
    public void Text_is_escaped_so_that_it_stays_on_its_line(string text, string line)
    {
        Written(to => WireValue.Write(to, text)).Should().Be(line);
        WireValue.Read(Encoding.UTF8.GetBytes(line[..^1])).Should().Be(text);
    }

    [Test]
    public void Numbers_bytes_references_and_proxies_have_their_letters()
    {
        Written(to => WireValue.Write(to, long.MinValue)).Should().Be("L-9223372036854775808\n");
        Written(to => WireValue.Write(to, double.NaN)).Should().Be("dNaN\n");
        Written(to => WireValue.Write(to, double.NegativeInfinity)).Should().Be("d-Infinity\n");
        Written(to => WireValue.Write(to, 0.1)).Should().Be("d0.1\n");
        Written(to => WireValue.Write(to, 1.50m)).Should().Be("D1.50\n");
        Written(to => WireValue.Write(to, new byte[] { 0, 1, 255 })).Should().Be("jAAH/\n");
        Written(to => WireValue.Write(to, new JvmObject("o7", 'r'))).Should().Be("ro7\n");
        Written(to => WireValue.Write(to, new JvmProxy("p0", "java.lang.Runnable"))).Should().Be("fp0;java.lang.Runnable\n");
    }

    [Test]
    public void Answers_come_as_typed_values()
    {
        Read("!yv").Value.Should().BeNull();
        Read("!yn").Value.Should().BeNull();
        Read("!ybfalse").Value.Should().Be(false);
        Read("!yi-5").Value.Should().Be(-5);
        Read("!yL9007199254740993").Value.Should().Be(9007199254740993L);
        Read("!yd1.5E-7").Value.Should().Be(1.5e-7);
        Read("!ydNaN").Value.Should().Be(double.NaN);
        Read("!yD12345678901234567890123456789012345678.90").Value.Should().Be("12345678901234567890123456789012345678.90");
        Read("!yjAAH/").Value.Should().BeEquivalentTo(new byte[] { 0, 1, 255 });
        Read("!yto7").Value.Should().Be(new WireReference('t', "o7"));
        Read("!ycio.delta.Thing").Value.Should().Be(new WireName('c'));
        Read("!yp").Value.Should().Be(new WireName('p'));
        Read("!xro3").Should().Be(new Answer(AnswerKind.Threw, new WireReference('r', "o3")));
    }

    [TestCase("!zsbad", "The gateway did not understand the command: sbad")]
    [TestCase("hello", "The line 'hello' is not an answer of the gateway.")]
    [TestCase("!yq1", "The value 'q1' is not one that the gateway's protocol has.")]
    [TestCase("!yi12x", "The value 'i12x' is not one that the gateway's protocol has.")]
    [TestCase("!y", "The value is empty: its letter of type is missing.")]
    public void What_is_not_an_answer_is_refused_by_name(string line, string message) =>
        FluentActions.Invoking(() => Read(line)).Should().Throw<FormatException>().WithMessage(message);

    [Test]
    public void A_type_that_the_wire_lacks_is_the_callers_mistake() =>
        FluentActions.Invoking(() => Written(to => WireValue.Write(to, Guid.Empty))).Should().Throw<ArgumentException>()
            .WithMessage("A value of type Guid cannot be given to the JVM. It takes string, int, long, double, bool, decimal, byte[], a JVM object, a proxy or null.*");

    [Test]
    public void A_line_break_in_a_name_cannot_smuggle_a_command() =>
        FluentActions.Invoking(() => Written(to => Commands.Call(to, "o1", "a\ne", []))).Should().Throw<ArgumentException>().WithMessage("The name 'a\\ne' has a line break*");

    [Test]
    public void Lines_longer_than_the_buffer_and_split_anywhere_come_whole()
    {
        var big = new string('x', 100_000);
        using var stream = new Trickle(Encoding.UTF8.GetBytes($"a\n{big}\n\nb\n"), 7);
        var reader = new LineReader(stream);
        var lines = new List<string>();
        while (reader.TryRead(out var line)) lines.Add(Encoding.UTF8.GetString(line));
        lines.Should().Equal("a", big, "", "b");
    }

    [Test]
    public void A_stream_that_ends_within_a_line_is_an_error()
    {
        var reader = new LineReader(new MemoryStream("!yv\n!y"u8.ToArray()));
        reader.TryRead(out _).Should().BeTrue();
        FluentActions.Invoking(() => reader.TryRead(out _)).Should().Throw<EndOfStreamException>();
    }

    [Test]
    public void A_secret_has_no_text()
    {
        new GatewaySecret("abc").ToString().Should().Be("***");
        $"{new GatewaySecret("abc")}".Should().NotContain("abc");
        new GatewaySecret("abc").Matches("abd"u8).Should().BeFalse();
    }

    private static string Written(Action<IBufferWriter<byte>> write)
    {
        var to = new ArrayBufferWriter<byte>();
        write(to);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }

    private static Answer Read(string line) => Answer.Read(Encoding.UTF8.GetBytes(line));

    private sealed class Trickle(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, step));
    }
}
