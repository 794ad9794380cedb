using System.Collections.Immutable;
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;

namespace Pipeline.Tests.Unit.Delta;

public class ActionJsonTests
{
    private static readonly ImmutableSortedDictionary<string, string?> NoValues = ImmutableSortedDictionary.Create<string, string?>(StringComparer.Ordinal);
    private static readonly ImmutableSortedDictionary<string, string> NoWords = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    private static IEnumerable<TestCaseData> Lines()
    {
        yield return Line(
            "add",
            new AddFile("day=2020-01-01/part%201.parquet", NoValues.Add("day", "2020-01-01").Add("site", null), 123, 1700000000000, true) { Stats = """{"numRecords":1}""" },
            """{"add":{"path":"day=2020-01-01/part%201.parquet","partitionValues":{"day":"2020-01-01","site":null},"size":123,"modificationTime":1700000000000,"dataChange":true,"stats":"{\"numRecords\":1}"}}""");
        yield return Line(
            "add with tags and a deletion vector",
            new AddFile("a", NoValues, 1, 2, false) { Tags = NoValues.Add("k", "é"), DeletionVector = new DeletionVector("u", "ab^-aqEH.-t@S}K{vb[*k^", 4, 40, 6) },
            """{"add":{"path":"a","partitionValues":{},"size":1,"modificationTime":2,"dataChange":false,"tags":{"k":"é"},"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":6}}}""");
        yield return Line(
            "remove",
            new RemoveFile("a", 1700000000000, true) { ExtendedFileMetadata = true, PartitionValues = NoValues.Add("p", "1"), SizeBytes = 9 },
            """{"remove":{"path":"a","deletionTimestamp":1700000000000,"dataChange":true,"extendedFileMetadata":true,"partitionValues":{"p":"1"},"size":9}}""");
        yield return Line(
            "remove with the least",
            new RemoveFile("a", null, false),
            """{"remove":{"path":"a","dataChange":false,"extendedFileMetadata":false}}""");
        yield return Line("txn", new SetTransaction("3ba13872-2d47-4e17-86a0-21afd2a22395", 364475, 1700000000000), """{"txn":{"appId":"3ba13872-2d47-4e17-86a0-21afd2a22395","version":364475,"lastUpdated":1700000000000}}""");
        yield return Line("txn without a time", new SetTransaction("a", 0), """{"txn":{"appId":"a","version":0}}""");
        yield return Line("protocol", new Protocol(1, 2), """{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}""");
        yield return Line(
            "protocol with features",
            new Protocol(3, 7) { ReaderFeatures = ["timestampNtz"], WriterFeatures = ["appendOnly", "timestampNtz"] },
            """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timestampNtz"],"writerFeatures":["appendOnly","timestampNtz"]}}""");
        yield return Line(
            "metaData",
            new Metadata("af23", """{"type":"struct","fields":[]}""", ["day"], NoWords.Add("delta.appendOnly", "true")) { Name = "n", Description = "d", CreatedTime = 1 },
            """{"metaData":{"id":"af23","name":"n","description":"d","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":["day"],"configuration":{"delta.appendOnly":"true"},"createdTime":1}}""");
        yield return Line(
            "commitInfo",
            new CommitInfo
            {
                Timestamp = 5,
                InCommitTimestamp = 6,
                Operation = "WRITE",
                OperationParameters = NoWords.Add("mode", "Append").Add("partitionBy", """["day"]"""),
                OperationMetrics = NoWords.Add("numFiles", "1"),
                ReadVersion = 2,
                IsolationLevel = "WriteSerializable",
                IsBlindAppend = true,
                EngineInfo = "Pipeline/0.1.0",
                TxnId = "t",
                UserMetadata = "batch 7",
            },
            """{"commitInfo":{"inCommitTimestamp":6,"timestamp":5,"operation":"WRITE","operationParameters":{"mode":"Append","partitionBy":"[\"day\"]"},"readVersion":2,"isolationLevel":"WriteSerializable","isBlindAppend":true,"operationMetrics":{"numFiles":"1"},"userMetadata":"batch 7","engineInfo":"Pipeline/0.1.0","txnId":"t"}}""");
        yield return Line("domainMetadata", new DomainMetadata("delta.clustering", """{"x":1}""", false), """{"domainMetadata":{"domain":"delta.clustering","configuration":"{\"x\":1}","removed":false}}""");
    }

    [TestCaseSource(nameof(Lines))]
    public void An_action_is_written_as_its_line(DeltaAction action, string line) =>
        Encoding.UTF8.GetString(ActionWriter.Write([action]).Span).Should().Be(line + "\n");

    [TestCaseSource(nameof(Lines))]
    public void A_line_is_read_as_its_action(DeltaAction action, string line) =>
        ActionReader.ReadCommit(Encoding.UTF8.GetBytes(line), "0.json").Should().ContainSingle().Which.Should().BeEquivalentTo(action, options => options.RespectingRuntimeTypes());

    [Test]
    public void Lines_are_read_with_either_line_end_and_none_at_the_end_of_the_file() =>
        Read("{\"txn\":{\"appId\":\"a\",\"version\":1}}\r\n\n{\"txn\":{\"appId\":\"b\",\"version\":2}}").Should().Equal(new SetTransaction("a", 1), new SetTransaction("b", 2));

    [Test]
    public void Unknown_actions_and_fields_are_passed_over() =>
        Read("""
            {"somethingNew":{"a":[1,{"b":2}]}}
            {"txn":{"appId":"a","later":{"x":[1]},"version":1}}
            {"add":null,"txn":{"appId":"b","version":2}}
            """).Should().Equal(new SetTransaction("a", 1), new SetTransaction("b", 2));

    [Test]
    public void Row_changes_are_known_and_not_part_of_the_table() =>
        Read("""{"cdc":{"path":"_change_data/cdc-1.parquet","partitionValues":{},"size":1,"dataChange":false}}""").Should().Equal(new CdcFile("_change_data/cdc-1.parquet") { SizeBytes = 1 });

    [Test]
    public void Parameters_that_are_not_text_are_kept_as_their_json()
    {
        var info = (CommitInfo)Read("""{"commitInfo":{"timestamp":1,"operation":"X","operationParameters":{"n":5,"list":["a", 1],"flag":true,"none":null}}}""").Single();
        info.OperationParameters.Should().Equal(new Dictionary<string, string> { ["n"] = "5", ["list"] = """["a", 1]""", ["flag"] = "true" });
    }

    [TestCase("", "it is empty")]
    [TestCase("{\"add\":{\"path\":\"a\",\"siz", "line 1 is cut or is not JSON (*)")]
    [TestCase("{\"txn\":{\"appId\":\"a\",\"version\":1}}\n{\"add\":", "line 2 is cut or is not JSON (*)")]
    [TestCase("[]", "line 1 is not a JSON object")]
    [TestCase("{\"txn\":{\"appId\":\"a\",\"version\":1}} {}", "line 1 is cut or is not JSON (*)")]
    [TestCase("{\"add\":{\"size\":1}}", "in line 1 the action 'add' lacks 'path'")]
    [TestCase("{\"add\":{\"path\":\"a\"}}", "in line 1 the action 'add' lacks 'size'")]
    [TestCase("{\"add\":{\"path\":\"a\",\"size\":\"1\"}}", "line 1 has a value of the wrong type (*)")]
    [TestCase("{\"add\":5}", "in line 1 an action should be an object and is a Number")]
    [TestCase("{\"txn\":{\"appId\":\"a\"}}", "in line 1 the action 'txn' lacks 'version'")]
    public void A_broken_file_is_refused_by_name_and_line(string content, string reason)
    {
        var read = () => Read(content);
        read.Should().Throw<DeltaException>()
            .WithMessage($"Cannot read the log file '/t/_delta_log/0.json': {reason}. The file was cut or changed by something other than a Delta writer; put it back from a copy, or restore the table.")
            .Which.Kind.Should().Be(DeltaErrorKind.CorruptLog);
    }

    private static List<DeltaAction> Read(string content) => ActionReader.ReadCommit(Encoding.UTF8.GetBytes(content), "/t/_delta_log/0.json");

    private static TestCaseData Line(string name, DeltaAction action, string line) => new TestCaseData(action, line).SetArgDisplayNames(name);
}
