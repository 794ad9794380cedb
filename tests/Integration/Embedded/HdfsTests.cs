using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Integration.Embedded;

[TestFixture]
public sealed class HdfsTests
{
    private static readonly Dictionary<string, string> Header = new() { ["header"] = "true" };
    private HdfsServer server = null!;

    [OneTimeSetUp]
    public void Start() => server = HdfsServer.Start();

    [OneTimeTearDown]
    public void End() => server?.Dispose();

    private EmbeddedEngine Engine() => EmbeddedEngine.Create(new EmbeddedSettings { Storage = new StorageOptions { HdfsHttpAddresses = new Dictionary<string, string> { ["*"] = $"http://127.0.0.1:{server.HttpPort}" } } });

    [Test]
    public void Tables_and_files_on_HDFS_are_written_read_and_changed_as_those_on_a_disk()
    {
        using var engine = Engine();
        var root = $"hdfs://127.0.0.1:{server.RpcPort}/lake";
        const string sql = "SELECT range AS id, 'é' || range AS text, range % 2 AS part FROM range(6)";
        var schema = engine.Describe(sql);
        engine.Write(sql, schema, new SinkSpec("delta", root + "/t", "append", ["part"], new Dictionary<string, string>()));
        engine.Delta.Delete(root + "/t", "id = 3", new Dictionary<string, string>());
        List<object?> Ids(SourceView view) => [.. engine.Query($"SELECT id FROM \"{view.Name}\" ORDER BY id", engine.Describe("SELECT 1::BIGINT AS id")).Select(row => row.Values[0])];
        Ids(engine.OpenSource(new SourceSpec("delta", [root + "/t"], new Dictionary<string, string>(), null, false))).Should().Equal(0L, 1L, 2L, 4L, 5L);
        foreach (var mode in new[] { "errorifexists", "append", "overwrite" }) engine.Write(sql, schema, new SinkSpec("csv", root + "/csv", mode, [], Header));
        foreach (var path in new[] { root + "/csv", root + "/csv/*.csv" })
            Ids(engine.OpenSource(new SourceSpec("csv", [path], Header, schema, false))).Should().Equal(0L, 1L, 2L, 3L, 4L, 5L);
        var none = () => engine.OpenSource(new SourceSpec("csv", [root + "/none.csv"], Header, schema, false));
        none.Should().Throw<EngineException>().WithMessage("The path '*none.csv' does not exist.*");
    }
}
