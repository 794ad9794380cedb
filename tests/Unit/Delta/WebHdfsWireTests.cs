using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Storage;
using Pipeline.Suite.Loading;

namespace Pipeline.Tests.Unit.Delta;

public class WebHdfsWireTests
{
    private const string NotFound = """{"RemoteException":{"exception":"FileNotFoundException","javaClassName":"java.io.FileNotFoundException","message":"File does not exist: /x"}}""";

    [Test]
    public async Task A_new_file_is_created_under_another_name_and_renamed()
    {
        using var node = new FakeNameNode(
            (404, NotFound, null),
            (307, "", "/datanode/create"),
            (201, "", null),
            (200, """{"boolean":true}""", null));
        var put = await node.Storage(isPrivate: true).PutIfAbsentAsync("a b/c.json", "content"u8.ToArray());
        put.Should().Be(PutResult.Created);
        node.Requests.Select(static request => System.Text.RegularExpressions.Regex.Replace(request, "[0-9a-f]{32}", "ID")).Should().Equal(
            "GET /webhdfs/v1/lake/a%20b/c.json?op=GETFILESTATUS&user.name=me ",
            "PUT /webhdfs/v1/lake/a%20b/.c.json.ID.tmp?op=CREATE&user.name=me&overwrite=false&permission=600 ",
            "PUT /datanode/create content",
            "PUT /webhdfs/v1/lake/a%20b/.c.json.ID.tmp?op=RENAME&user.name=me&destination=/lake/a%20b/c.json ");
    }

    [Test]
    public async Task A_rename_that_hdfs_refuses_means_that_another_was_first()
    {
        using var node = new FakeNameNode(
            (404, NotFound, null),
            (307, "", "/datanode/create"),
            (201, "", null),
            (200, """{"boolean":false}""", null),
            (200, Status(7), null),
            (200, """{"boolean":true}""", null),
            (200, Status(9), null));
        (await node.Storage().PutIfAbsentAsync("c", "content"u8.ToArray())).Should().Be(PutResult.Exists);
        node.Requests.Skip(5).First().Should().StartWith("DELETE /webhdfs/v1/lake/.c.", "the temporary file is taken away");
    }

    [Test]
    public async Task A_rename_whose_reply_was_lost_is_told_by_the_temporary_file_that_is_gone()
    {
        using var node = new FakeNameNode(
            (404, NotFound, null),
            (307, "", "/datanode/create"),
            (201, "", null),
            (503, "", null),
            (404, NotFound, null));
        (await node.Storage().PutIfAbsentAsync("c", "content"u8.ToArray())).Should().Be(PutResult.Created);
    }

    [Test]
    public async Task A_name_node_in_safe_mode_may_be_tried_again()
    {
        using var node = new FakeNameNode((404, NotFound, null), (403, """{"RemoteException":{"exception":"SafeModeException","message":"Cannot create file/x. Name node is in safe mode.\nIt was turned on manually."}}""", null));
        var put = () => node.Storage().PutIfAbsentAsync("x", "1"u8.ToArray());
        var error = (await put.Should().ThrowAsync<StorageException>()).Which;
        error.Message.Should().Match($"HDFS at 127.0.0.1:{node.Port} refused CREATE of '/lake/.x.*.tmp' with 403 SafeModeException: Cannot create file/x. Name node is in safe mode.");
        error.IsTransient.Should().BeTrue();
    }

    [Test]
    public async Task Something_that_is_not_webhdfs_is_told()
    {
        using var page = new FakeNameNode((200, "<html>hello</html>", null));
        var stat = () => page.Storage().StatAsync("x");
        (await stat.Should().ThrowAsync<StorageException>()).WithMessage($"HDFS at 127.0.0.1:{page.Port} answered about '/lake/x' with something that is not JSON. Is it a WebHDFS endpoint?");
        using var direct = new FakeNameNode((200, "content at once", null));
        var read = () => direct.Storage().TryReadAsync("x");
        (await read.Should().ThrowAsync<StorageException>()).WithMessage($"HDFS at 127.0.0.1:{direct.Port} answered OPEN of '/lake/x' with 200 where the address of a data node was expected. Is it a WebHDFS endpoint?");
    }

    [Test]
    public async Task A_file_is_replaced_in_one_step()
    {
        using var node = new FakeNameNode((307, "", "/datanode/create"), (201, "", null), (200, "", null));
        await node.Storage().PutAsync("c", "content"u8.ToArray());
        node.Requests.Last().Should().Contain("op=RENAME&user.name=me&destination=/lake/c&renameoptions=OVERWRITE");
    }

    [Test]
    public async Task A_lakes_private_folders_are_made_so_and_results_are_for_all()
    {
        const string made = """{"boolean":true}""";
        using var node = new FakeNameNode((200, made, null), (200, made, null), (200, made, null), (200, made, null), (307, "", "/datanode/create"), (201, "", null), (200, "", null));
        var lake = new LakeLayout($"webhdfs://127.0.0.1:{node.Port}/lake", new StorageOptions { HdfsUser = "me" });
        (await lake.PrepareAsync()).Should().BeEmpty();
        await lake.RunStorage("run-1").PutAsync("result.json", "{}"u8.ToArray());
        node.Requests.Take(5).Select(static request => System.Text.RegularExpressions.Regex.Replace(request, "[0-9a-f]{32}", "ID")).Should().Equal(
            "PUT /webhdfs/v1/lake?op=MKDIRS&user.name=me ",
            "PUT /webhdfs/v1/lake/raw?op=MKDIRS&user.name=me&permission=700 ",
            "PUT /webhdfs/v1/lake/quarantine?op=MKDIRS&user.name=me&permission=700 ",
            "PUT /webhdfs/v1/lake/checkpoints?op=MKDIRS&user.name=me&permission=700 ",
            "PUT /webhdfs/v1/lake/runs/run-1/.result.json.ID.tmp?op=CREATE&user.name=me&overwrite=false&permission=644 ");
    }

    private static string Status(long length) => $$$"""{"FileStatus":{"length":{{{length}}},"modificationTime":0,"type":"FILE","pathSuffix":""}}""";

    /// <summary>Answers requests in turn from a script, and keeps them as <c>METHOD path body</c>.</summary>
    private sealed class FakeNameNode : IDisposable
    {
        private readonly HttpListener listener = new();
        private readonly Task serving;

        public FakeNameNode(params (int Status, string Body, string? Location)[] script)
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Port = ((IPEndPoint)probe.LocalEndpoint).Port;
            }

            listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
            listener.Start();
            serving = ServeAsync(script);
        }

        public int Port { get; }

        public ConcurrentQueue<string> Requests { get; } = [];

        public IStorage Storage(bool isPrivate = false) => StorageFactory.For($"webhdfs://127.0.0.1:{Port}/lake", new StorageOptions { HdfsUser = "me", IsPrivate = isPrivate });

        public void Dispose()
        {
            listener.Stop();
            serving.Wait();
            listener.Close();
        }

        private async Task ServeAsync((int Status, string Body, string? Location)[] script)
        {
            foreach (var (status, body, location) in script)
            {
                HttpListenerContext context;
                try
                {
                    context = await listener.GetContextAsync();
                }
                catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
                {
                    return; // Stopped with a part of the script unasked.
                }

                using var reader = new StreamReader(context.Request.InputStream);
                Requests.Enqueue($"{context.Request.HttpMethod} {context.Request.RawUrl} {await reader.ReadToEndAsync()}");
                context.Response.StatusCode = status;
                if (location is not null) context.Response.RedirectLocation = $"http://127.0.0.1:{Port}{location}";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
                context.Response.Close();
            }
        }
    }
}
