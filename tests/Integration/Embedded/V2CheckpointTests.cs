using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Runtime.Errors;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Checkpoints of the feature v2Checkpoint: JSON or Parquet, with their files in sidecars or not.</summary>
/// <remarks>Checkpoints are made by hand as the protocol says ("V2 Spec"); the commits that they stand for are not there.</remarks>
[TestFixture]
public sealed class V2CheckpointTests : HandMadeTableTests
{
    private const string Id = "80a083e8-7026-4e79-81be-64bd76c43a11";
    private const string Sidecar = "3a0d65cd-4056-49b8-937b-95f9e3ee90e5.parquet";
    private const string Protocol = """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["v2Checkpoint"],"writerFeatures":["v2Checkpoint"]}}""";
    private const string About = """{"checkpointMetadata":{"version":10,"tags":{}}}""";
    private const string Txn = """{"txn":{"appId":"app","version":7}}""";
    [SetUp]
    public void Start()
    {
        Directory.CreateDirectory($"{table.Folder}/_delta_log/_sidecars");
        table.File("a.parquet", "SELECT 1 AS id");
        table.File("b.parquet", "SELECT 2 AS id");
        table.File("gone.parquet", "SELECT 3 AS id");
    }

    private string Log => $"{table.Folder}/_delta_log";

    private static string Reference(string path) => $$"""{"sidecar":{"path":"{{path}}","sizeInBytes":1,"modificationTime":1,"tags":{} } }""";

    private static string Remove(string path) => $$"""{"remove":{"path":"{{path}}","deletionTimestamp":{{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}},"dataChange":true} }""";

    private void Json(params string[] lines) => File.WriteAllLines($"{Log}/{10:D20}.checkpoint.{Id}.json", [About, Protocol, HandMadeTable.Columns(["id integer"]), Txn, .. lines]);

    /// <summary>Lines as a Parquet file with a column for each kind of action, or those that are told.</summary>
    private void Parquet(string path, string[] lines, string kinds = "protocol, metaData, txn, sidecar, checkpointMetadata, \"add\", remove")
    {
        File.WriteAllLines($"{folder}/lines.json", lines);
        engine.Execute($$"""
            COPY (SELECT {{kinds}} FROM read_json('{{folder}}/lines.json', format = 'newline_delimited', columns = {
                protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
                metaData: 'STRUCT(id VARCHAR, format STRUCT(provider VARCHAR), schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR))',
                txn: 'STRUCT(appId VARCHAR, version BIGINT)', sidecar: 'STRUCT(path VARCHAR, sizeInBytes BIGINT, modificationTime BIGINT, tags MAP(VARCHAR, VARCHAR))',
                checkpointMetadata: 'STRUCT(version BIGINT, tags MAP(VARCHAR, VARCHAR))',
                "add": 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, dataChange BOOLEAN)',
                remove: 'STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN)'})) TO '{{Log}}/{{path}}' (FORMAT parquet)
            """);
    }

    private void PutSidecar(string name = Sidecar) =>
        Parquet($"_sidecars/{name}", [HandMadeTable.Add("a.parquet"), HandMadeTable.Add("b.parquet"), Remove("gone.parquet")], "\"add\", remove");

    [TestCase("json", "sidecar")]
    [TestCase("json", "address")]
    [TestCase("json", "inside")]
    [TestCase("parquet", "sidecar")]
    [TestCase("parquet", "inside")]
    [TestCase("classic", "sidecar")]
    public void A_table_opens_by_its_checkpoint_of_the_second_kind_wherever_its_files_are_named(string form, string where)
    {
        string[] files = where switch
        {
            "inside" => [HandMadeTable.Add("a.parquet"), HandMadeTable.Add("b.parquet"), Remove("gone.parquet")],
            "address" => [Reference($"file://{Log}/_sidecars/{Sidecar}")],
            _ => [Reference(Sidecar)],
        };
        if (where != "inside") PutSidecar();
        if (form == "json") Json(files);
        else Parquet(form == "classic" ? $"{10:D20}.checkpoint.parquet" : $"{10:D20}.checkpoint.{Id}.parquet", [About, Protocol, HandMadeTable.Columns(["id integer"]), Txn, .. files]);
        File.WriteAllText($"{Log}/_last_checkpoint", """{"version":10,"size":6,"v2Checkpoint":{"path":"x"}}""");
        Rows().Should().Equal(1, 2);
        var log = DeltaLog.For(table.Folder);
        var snapshot = log.LoadExistingAsync().GetAwaiter().GetResult();
        snapshot.Version.Should().Be(10);
        snapshot.TransactionVersion("app").Should().Be(7);
        snapshot.ReadTombstonesAsync().GetAwaiter().GetResult().Select(static file => file.Path).Should().Equal("gone.parquet");
        engine.Delta.Vacuum(table.Folder, 24 * 7, dryRun: false).Should().BeEmpty("the removed file is not past its retention");
    }

    [Test]
    public void Commits_after_it_are_read_and_further_ones_are_written()
    {
        PutSidecar();
        Json(Reference(Sidecar));
        File.WriteAllText($"{Log}/{11:D20}.json", HandMadeTable.Remove("b.parquet") + "\n");
        Rows().Should().Equal(1);
        Append(4);
        Rows().Should().Equal(1, 4);
        for (var i = 5; i < 13; i++) Append(i);
        File.Exists($"{Log}/{20:D20}.checkpoint.parquet").Should().BeTrue();
        engine.Dispose();
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        Rows().Should().Equal(1, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        engine.Delta.RestoreToVersion(table.Folder, 10);
        Rows().Should().Equal(1, 2);
    }

    [Test]
    public void A_sidecar_that_is_not_there_is_made_up_for_by_the_commits()
    {
        Json(Reference(Sidecar));
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("a.parquet"));
        for (var version = 1; version <= 10; version++) table.Commit($$"""{"txn":{"appId":"app","version":{{version}}} }""");
        Rows().Should().Equal(1);
    }

    [TestCase(Sidecar)]
    [TestCase("../../../secret.parquet")]
    [TestCase("file:///etc/passwd")]
    [TestCase("..%2F..%2F..%2Fsecret.parquet")]
    [TestCase("_sidecars/")]
    public void A_sidecar_that_cannot_be_read_is_refused_by_the_checkpoints_name_and_none_is_read_outside_the_log(string path)
    {
        Parquet("../../secret.parquet", [HandMadeTable.Add("a.parquet")], "\"add\", remove");
        Json(Reference(path));
        var read = () => Rows();
        var error = read.Should().Throw<EngineException>().WithMessage($"Cannot read the checkpoint '{Log}/{10:D20}.checkpoint.{Id}.json': *").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
    }

    [Test]
    public void A_cut_checkpoint_is_refused_by_its_name()
    {
        File.WriteAllText($"{Log}/{10:D20}.checkpoint.{Id}.json", About + "\n" + Protocol[..40]);
        var read = () => Rows();
        read.Should().Throw<EngineException>().WithMessage($"Cannot read the checkpoint '{Log}/{10:D20}.checkpoint.{Id}.json': *");
    }

    private void Append(int id)
    {
        var sql = string.Create(CultureInfo.InvariantCulture, $"SELECT {id} AS id");
        engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, "append", [], None));
    }

    private List<int> Rows()
    {
        var view = engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));
        var sql = $"SELECT id FROM \"{view.Name}\" ORDER BY id";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(static row => (int)row.Values[0]!)];
    }
}
