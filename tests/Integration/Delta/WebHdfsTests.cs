using System.Text;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Integration.Delta;

[NonParallelizable]
public class WebHdfsTests
{
    private static readonly StorageOptions User = new() { HdfsUser = "test" };
    private HdfsServer server = null!;
    private IStorage storage = null!;
    private int folders;

    [OneTimeSetUp]
    public void Start() => server = HdfsServer.Start();

    [OneTimeTearDown]
    public void Stop() => server?.Dispose();

    [SetUp]
    public void MakeFolder() => storage = StorageFactory.For($"{server.WebHdfsUri}/lake {folders++}%é", User);

    [Test]
    public async Task A_file_is_made_once_read_replaced_and_deleted()
    {
        (await storage.PutIfAbsentAsync("a/b c.txt", Bytes("first"))).Should().Be(PutResult.Created);
        (await storage.PutIfAbsentAsync("a/b c.txt", Bytes("second"))).Should().Be(PutResult.Exists);
        Text(await storage.TryReadAsync("a/b c.txt")).Should().Be("first");
        await storage.PutAsync("a/b c.txt", Bytes("third"));
        await storage.PutAsync("a/new", Bytes("n"));
        Text(await storage.TryReadAsync("a/b c.txt")).Should().Be("third");
        await using (var part = await storage.OpenReadAsync("a/b c.txt", 1, 3)) Text(await ReadAsync(part)).Should().Be("hir");
        (await storage.ListAsync("a")).Select(static entry => (entry.Path, entry.SizeBytes)).Should().Equal(("a/b c.txt", 5L), ("a/new", 1L));
        (await storage.DeleteAsync("a/b c.txt")).Should().BeTrue();
        (await storage.DeleteAsync("a/b c.txt")).Should().BeFalse();
        (await storage.TryReadAsync("a/b c.txt")).Should().BeNull();
        (await storage.StatAsync("none")).Should().BeNull();
        (await storage.ListAsync("none")).Should().BeEmpty();
    }

    [Test]
    public async Task A_job_closes_what_is_private_of_a_lake_and_leaves_its_result_to_schedulers()
    {
        using var folder = new TemporaryFolder();
        (await Support.Processes.Programs.PipelineAsync(["produce", "generate", "students", "--rows", "20", "--out", folder["data"]])).ExitCode.Should().Be(0);

        var run = await Support.Processes.Programs.PipelineAsync(["batch-etl", "--dataset", "students", "--input", folder["data"], "--out", folder["out"], "--lake", $"{server.WebHdfsUri}/modes"]);

        run.ExitCode.Should().Be(0, run.Error);
        var modes = await ModesAsync("modes");
        foreach (var name in (string[])["raw", "quarantine", "checkpoints"]) modes.Should().Contain(name, "700");
        foreach (var name in (string[])["tables", "batches", "runs"]) modes.Should().Contain(name, "755");
        var runs = await ModesAsync("modes/runs");
        runs.Should().ContainSingle().Which.Value.Should().Be("755");
        (await ModesAsync($"modes/runs/{runs.Keys.Single()}")).Should().Contain("result.json", "644");
    }

    /// <summary>Names in a folder with their permissions, as HDFS has them.</summary>
    private async Task<Dictionary<string, string>> ModesAsync(string path)
    {
        using var http = new HttpClient();
        using var listed = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{server.HttpPort}/webhdfs/v1/{path}?op=LISTSTATUS")));
        return listed.RootElement.GetProperty("FileStatuses").GetProperty("FileStatus").EnumerateArray()
            .ToDictionary(static entry => entry.GetProperty("pathSuffix").GetString()!, static entry => entry.GetProperty("permission").GetString()!);
    }

    [Test]
    public void A_write_that_is_cancelled_while_its_commit_is_on_the_way_keeps_what_the_commit_names()
    {
        using var proxy = new CuttingProxy(new Uri(server.WebHdfsUri.Replace("webhdfs:", "http:", StringComparison.Ordinal)).Port);
        using var engine = Pipeline.Engine.Embedded.EmbeddedEngine.Create(new Pipeline.Engine.Embedded.EmbeddedSettings { Storage = User });
        using var cancel = new CancellationTokenSource();
        var table = $"webhdfs://127.0.0.1:{proxy.Port}/cancelled";
        const string sql = "SELECT 1 AS a";
        proxy.CutOnce(sent =>
        {
            var request = Encoding.ASCII.GetString(sent);
            if (!request.Contains("op=RENAME", StringComparison.Ordinal) || !request.Contains("_delta_log", StringComparison.Ordinal)) return Cut.None;
            cancel.Cancel();
            return Cut.BeforeReply;
        });
        var write = () => engine.Write(sql, engine.Describe(sql), new Pipeline.Engine.Sql.Engines.SinkSpec("delta", table, "append", [], new Dictionary<string, string>()), cancel.Token);
        write.Should().Throw<OperationCanceledException>();
        proxy.Cuts.Should().Be(1);

        using var later = Pipeline.Engine.Embedded.EmbeddedEngine.Create(new Pipeline.Engine.Embedded.EmbeddedSettings { Storage = User });
        SpinWait.SpinUntil(() => later.Delta.Exists(table), TimeSpan.FromSeconds(30)).Should().BeTrue("the name node had been told");
        var view = later.OpenSource(new Pipeline.Engine.Sql.Engines.SourceSpec("delta", [table], new Dictionary<string, string>(), null, false));
        later.Query($"FROM {view.Name}", view.Schema).Single().Get(0).Should().Be(1);
    }

    [Test]
    public async Task Of_many_at_once_exactly_one_makes_the_file()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => storage.PutIfAbsentAsync("x", Bytes($"{i}"))));
        results.Count(static result => result == PutResult.Created).Should().Be(1);
        Text(await storage.TryReadAsync("x")).Should().Be($"{Array.IndexOf(results, PutResult.Created)}");
        (await storage.ListAsync("")).Should().ContainSingle("no temporary file is left");
    }

    [Test]
    public async Task A_rename_never_replaces_nor_falls_into_a_folder()
    {
        await storage.PutAsync("a", Bytes("1"));
        await storage.PutAsync("b", Bytes("2"));
        await storage.CreateFolderAsync("folder");
        (await storage.RenameAsync("a", "b")).Should().Be(PutResult.Exists);
        (await storage.RenameAsync("a", "folder")).Should().Be(PutResult.Exists);
        (await storage.RenameAsync("a", "sub/c")).Should().Be(PutResult.Created);
        Text(await storage.TryReadAsync("sub/c")).Should().Be("1");
        var rename = () => storage.RenameAsync("a", "d");
        (await rename.Should().ThrowAsync<StorageException>()).Which.IsNotFound.Should().BeTrue();
    }

    [Test]
    public async Task A_long_folder_is_listed_from_a_name_on()
    {
        for (var i = 0; i < 25; i++) await storage.PutIfAbsentAsync($"log/{i:D3}", Bytes("x"));
        (await storage.ListAsync("log", startAt: "020")).Select(static entry => entry.Name).Should().Equal("020", "021", "022", "023", "024");
        (await storage.ListAsync("", recursive: true)).Should().HaveCount(25);
    }

    [Test]
    public async Task A_dead_owners_lock_is_taken_over_on_hdfs_too()
    {
        var acquired = (LockAcquired)await RunLock.TryAcquireAsync(storage.At("state"), "run-1");
        (await RunLock.TryAcquireAsync(storage.At("state"), "run-2")).Should().BeOfType<LockHeld>();
        await storage.PutAsync("state/run.lock", (acquired.Lock.Owner with { ProcessId = 0x3FFFFFFF }).ToJson());
        (await RunLock.TryAcquireAsync(storage.At("state"), "run-3")).Should().BeOfType<LockAcquired>().Which.TakenOverFrom!.RunId.Should().Be("run-1");
    }

    [Test]
    public async Task A_table_on_hdfs_takes_parallel_writers_checkpoints_and_is_read_afresh()
    {
        var schema = new StructType(new StructField("id", new LongType()));
        var writers = Enumerable.Range(0, 3).Select(writer => Task.Run(async () =>
        {
            var log = DeltaLog.For(storage.At("t"));
            for (var i = 0; i < 5; i++)
            {
                var transaction = await log.BeginCreateOrAppendAsync(schema);
                transaction.Append([new DataFile($"w{writer}-{i}", 1, DataFile.NoPartitions, new FileStatistics(1), DateTimeOffset.UtcNow)]);
                (await transaction.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>().Which.Warning.Should().BeNull();
            }
        }));
        await Task.WhenAll(writers);
        (await storage.StatAsync("t/_delta_log/00000000000000000010.checkpoint.parquet")).Should().NotBeNull();
        var snapshot = await DeltaLog.For(storage.At("t")).LoadExistingAsync();
        (snapshot.Version, snapshot.FileCount, snapshot.CountRows()).Should().Be((14, 15, 15));
        await storage.PutAsync("t/_delta_log/00000000000000000010.checkpoint.parquet", Bytes("cut"));
        for (var version = 0; version < 10; version++) await storage.DeleteAsync($"t/{LogPath.Commit(version)}");
        (await DeltaLog.For(storage.At("t")).LoadExistingAsync()).FileCount.Should().Be(15, "the version checksum has them");
    }

    [Test]
    public async Task An_hdfs_uri_is_reached_at_the_address_that_is_set()
    {
        var options = User with { HdfsHttpAddresses = new Dictionary<string, string> { ["*"] = $"http://127.0.0.1:{server.HttpPort}" } };
        var hdfs = StorageFactory.For($"{server.HdfsUri}/by-rpc-name", options);
        await hdfs.PutIfAbsentAsync("x", Bytes("1"));
        Text(await StorageFactory.For($"{server.WebHdfsUri}/by-rpc-name", User).TryReadAsync("x")).Should().Be("1");
    }

    [Test]
    public async Task A_port_where_no_name_node_listens_is_told_and_may_be_tried_again()
    {
        var read = () => StorageFactory.For("webhdfs://127.0.0.1:1/x").TryReadAsync("y");
        var error = (await read.Should().ThrowAsync<StorageException>()).Which;
        error.Message.Should().Match("HDFS at 127.0.0.1:1 did not answer the GET of '/webhdfs/v1/x/y': *. Check that the name node's HTTP address is right (hdfs:// URIs take it from PIPELINE_HDFS_HTTP) and that it runs.");
        error.IsTransient.Should().BeTrue();
    }

    [Test]
    public async Task What_hdfs_refuses_is_told_in_its_words()
    {
        await storage.PutAsync("file", Bytes("1"));
        var put = () => storage.PutIfAbsentAsync("file/below", Bytes("2"));
        (await put.Should().ThrowAsync<StorageException>()).WithMessage($"HDFS at 127.0.0.1:{server.HttpPort} refused * of '/lake *%é/file/below*' with 4?? *: *");
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Text(byte[]? content) => content is null ? null : Encoding.UTF8.GetString(content);

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer);
        return buffer.ToArray();
    }
}
