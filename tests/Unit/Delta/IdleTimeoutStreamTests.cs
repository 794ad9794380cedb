using System.Net;
using System.Net.Sockets;
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Storage;

namespace Pipeline.Tests.Unit.Delta;

/// <summary>A connection to a node of HDFS that answers no more is an error, also in the middle of a file.</summary>
public class IdleTimeoutStreamTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(200);

    [TestCase("", TestName = "A_node_that_sends_no_answer")]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe first bytes", TestName = "A_node_that_falls_silent_within_a_file")]
    public async Task A_silent_node_is_given_up(string said)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, said);
        using var client = new HttpClient(WebHdfsClient.Handler(Limit));

        var read = async () =>
        {
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), HttpCompletionOption.ResponseHeadersRead);
            await using var content = await response.Content.ReadAsStreamAsync();
            await content.CopyToAsync(Stream.Null);
        };

        var error = (await read.Should().ThrowAsync<Exception>()).Which;
        (error as IOException ?? error.InnerException).Should().BeOfType<IOException>().Which.Message.Should().Be("The server sent nothing for 0.2 seconds.");
        (await serving).Dispose();
    }

    [Test]
    public async Task A_node_that_sends_slowly_is_read_to_the_end()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var stream = await IdleTimeoutStream.ConnectAsync("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, TimeSpan.FromMinutes(1), CancellationToken.None);
        using (var server = await listener.AcceptTcpClientAsync())
        {
            for (var i = 0; i < 3; i++) await server.GetStream().WriteAsync("abc"u8.ToArray());
        }

        using var reader = new StreamReader(stream);
        (await reader.ReadToEndAsync()).Should().Be("abcabcabc");
    }

    private static async Task<TcpClient> ServeAsync(TcpListener listener, string said)
    {
        var client = await listener.AcceptTcpClientAsync();
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(said));
        return client;
    }
}
