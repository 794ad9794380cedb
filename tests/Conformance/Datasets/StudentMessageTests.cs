using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets.StudentMessages;
using Pipeline.Suite.Schemas;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Datasets;

/// <summary>Each shape of message gives the student that it tells, or the reason why it cannot be read: one query over all of them, the same on every engine.</summary>
[TestFixture("embedded")]
[TestFixture("spark")]
public sealed class StudentMessageTests(string engineName)
{
    private IEngine engine = null!;

    [OneTimeSetUp]
    public void Start() => engine = Engines.Get(engineName);

    [Test]
    public void Every_shape_of_message_is_read_or_named_for_what_it_breaks()
    {
        StudentMessageShapes.All.Should().HaveCountGreaterThanOrEqualTo(60);
        StudentMessageShapes.All.Select(shape => shape.Name).Should().OnlyHaveUniqueItems();
        var actual = ReadAll();
        var differences = StudentMessageShapes.All.Index()
            .Where(shape => actual[shape.Index] != shape.Item.Expected)
            .Select(shape => $"{shape.Item.Name}: should be {shape.Item.Expected} and is {actual[shape.Index]}");
        string.Join("\n", differences).Should().BeEmpty();
    }

    private Dictionary<long, string> ReadAll()
    {
        var schema = new StructType(new StructField("value", new BinaryType()), new StructField("offset", new LongType()));
        var messages = SparkSession.ForEngine(engine)
            .CreateDataFrame(StudentMessageShapes.All.Index().Select(shape => new object?[] { shape.Item.Value, (long)shape.Index }), schema)
            .Select(
                Lit(null).Cast("binary").As("key"), Col("value"), Lit("message").As("topic"), Lit(0).As("partition"), Col("offset"),
                Lit(null).Cast("array<struct<key:string,value:binary>>").As("headers"));
        var students = new StudentMessagesFlow().StageMessages(messages);
        return students.Collect().ToDictionary(row => row.GetAs<long>(StagedColumns.Offset), Text);
    }

    private static string Text(Row row)
    {
        var broken = ((System.Collections.IEnumerable)row.Get(StagedColumns.Broken)!).Cast<Row>().ToList();
        return broken.Count > 0
            ? "!" + string.Join(",", broken.Select(rule => $"{rule.Get("column")}:{rule.Get("rule")}"))
            : string.Join("|", StudentMessages.Students.Columns.Select(column => row.Get(column.Name)));
    }
}
