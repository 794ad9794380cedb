using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas;

namespace Pipeline.Tests.Unit.Schemas;

public sealed class TypeTests
{
    [Test]
    public void A_schema_is_written_as_Spark_writes_it() =>
        new StructType(new StructField("id", new LongType(), false), new StructField("tags", new ArrayType(new StringType())), new StructField("price", new DecimalType(10, 2))).Json.Should().Be(
            """{"type":"struct","fields":[{"name":"id","type":"long","nullable":false,"metadata":{}},{"name":"tags","type":{"type":"array","elementType":"string","containsNull":true},"nullable":true,"metadata":{}},{"name":"price","type":"decimal(10,2)","nullable":true,"metadata":{}}]}""");

    [Test]
    public void What_is_written_is_read_back_equal()
    {
        var schema = new StructType(
            new StructField("m", new MapType(new StringType(), new StructType(new StructField("t", new TimestampNTZType())), false)),
            new StructField("b", new BinaryType()));
        DataType.ParseDataType(schema.Json).Should().Be(schema);
    }

    [TestCase("\"decimal(39,2)\"")]
    [TestCase("\"decimal(3,4)\"")]
    [TestCase("\"text\"")]
    [TestCase("{\"type\":\"struct\"}")]
    [TestCase("{")]
    public void JSON_that_is_no_type_is_refused(string json)
    {
        var read = () => DataType.ParseDataType(json);
        read.Should().Throw<FormatException>();
    }

    [Test]
    public void The_sample_contract_has_the_files_columns_in_order() =>
        WaterQuality.Samples.SourceSchema.FieldNames.Should().StartWith("SITE_ID").And.EndWith("WTEMP_DEG_C").And.HaveCount(30);

    [Test]
    public void A_column_that_is_not_there_is_named_with_those_there_are()
    {
        var ask = () => WaterQuality.Methods.Column("metod");
        ask.Should().Throw<ArgumentException>().WithMessage("Column 'metod' is not in the contract 'methods'. It has: program_id, parameter, start_year*");
    }
}
