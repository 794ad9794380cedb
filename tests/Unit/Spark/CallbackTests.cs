using System.Net;
using System.Net.Sockets;
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Gateway.Callbacks;

namespace Pipeline.Tests.Unit.Spark;

public class CallbackTests
{
    private FakeGateway fake = null!;
    private JvmGateway gateway = null!;
    private CallbackServer server = null!;

    [SetUp]
    public void Start()
    {
        fake = new FakeGateway(_ => "!yv\n");
        gateway = JvmGateway.Connect(fake.Port, new GatewaySecret(FakeGateway.Secret));
        server = new CallbackServer(gateway, new GatewaySecret(FakeGateway.Secret));
    }

    [TearDown]
    public void Stop()
    {
        server.Dispose();
        gateway.Dispose();
        fake.Dispose();
    }

    [Test]
    public void A_call_reaches_its_handler_and_its_references_are_released_after_it()
    {
        var seen = "";
        var proxy = server.Add("a.VoidFunction2", (scope, method, arguments) =>
        {
            seen = $"{method}({arguments[0]}, {arguments[1]}) live {gateway.LiveReferences}";
            return null;
        });
        using var jvm = new Caller(server.Port, FakeGateway.Secret);
        jvm.Read().Should().Be("!yv");
        jvm.Send($"c\n{proxy.Id}\ncall\nro14\nL4\ne\n");
        jvm.Read().Should().Be("!yv");
        seen.Should().Be("call(ro14, 4) live 1");
        fake.Commands.Should().Equal("m\nd\no14\ne\n");
        gateway.LiveReferences.Should().Be(0);
    }

    [Test]
    public void A_value_is_answered_in_the_wires_form()
    {
        var proxy = server.Add("a.F", (_, _, _) => "two\nlines");
        using var jvm = new Caller(server.Port, FakeGateway.Secret);
        _ = jvm.Read();
        jvm.Send($"c\n{proxy.Id}\napply\ne\n");
        jvm.Read().Should().Be("!ystwo\\nlines");
    }

    [Test]
    public void An_exception_is_the_answer_with_message_and_stack_on_one_line()
    {
        var proxy = server.Add("a.F", (_, _, _) => throw new InvalidDataException("batch 4 has no rows"));
        using var jvm = new Caller(server.Port, FakeGateway.Secret);
        _ = jvm.Read();
        jvm.Send($"c\n{proxy.Id}\ncall\ne\n");
        jvm.Read().Should().StartWith("!xsSystem.IO.InvalidDataException: batch 4 has no rows\\n").And.Contain("at Pipeline.Tests.Unit.Spark.CallbackTests");
        jvm.Send($"c\n{proxy.Id}\ncall\ne\n");
        jvm.Read().Should().StartWith("!xs", "the connection serves on");
    }

    [Test]
    public void A_wrong_secret_gets_no_answer_and_no_call()
    {
        var called = false;
        var proxy = server.Add("a.F", (_, _, _) => called = true);
        using var stranger = new Caller(server.Port, "guess!");
        stranger.Send($"c\n{proxy.Id}\ncall\ne\n");
        stranger.Read().Should().BeNull();
        called.Should().BeFalse();
    }

    [Test]
    public void Where_the_JVM_shows_no_secret_the_proxys_id_is_one()
    {
        var proxy = server.Add("a.F", (_, _, _) => null);
        using (var early = new Caller(server.Port, null))
        {
            early.Send($"c\n{proxy.Id}\ncall\ne\n");
            early.Read().Should().BeNull("the secret is asked for unless the JVM has none to show");
        }
        server.AllowsProxyIdAsSecret = true;
        using (var stranger = new Caller(server.Port, null))
        {
            stranger.Send("c\np0\ncall\ne\n");
            stranger.Read().Should().BeNull();
        }
        using var jvm = new Caller(server.Port, null);
        jvm.Send($"c\n{proxy.Id}\ncall\ne\n");
        jvm.Read().Should().Be("!yv");
        proxy.Id.Should().MatchRegex("^p[0-9a-f]{32}$");
    }

    [Test]
    public void A_proxy_that_the_JVM_drops_is_forgotten()
    {
        var proxy = server.Add("a.F", (_, _, _) => null);
        using var jvm = new Caller(server.Port, FakeGateway.Secret);
        _ = jvm.Read();
        jvm.Send($"g\n{proxy.Id}\ne\n");
        jvm.Read().Should().Be("!yv");
        server.ProxyCount.Should().Be(0);
        jvm.Send($"c\n{proxy.Id}\ncall\ne\n");
        jvm.Read().Should().StartWith($"!xsSystem.InvalidOperationException: The callback {proxy.Id} is not known here");
    }

    [Test]
    public void Bytes_that_are_no_protocol_end_the_connection_and_nothing_else()
    {
        using (var jvm = new Caller(server.Port, FakeGateway.Secret))
        {
            _ = jvm.Read();
            jvm.Send("c\np0\ncall\n?what\ne\n");
            jvm.Read().Should().BeNull();
        }
        using var next = new Caller(server.Port, FakeGateway.Secret);
        next.Read().Should().Be("!yv");
    }

    private sealed class Caller : IDisposable
    {
        private readonly TcpClient client = new();
        private readonly StreamReader reader;

        public Caller(int port, string? secret)
        {
            client.Connect(IPAddress.Loopback, port);
            client.ReceiveTimeout = 10_000;
            reader = new StreamReader(client.GetStream());
            if (secret is not null) Send($"A\n{secret}\ne\n");
        }

        public void Send(string text)
        {
            try
            {
                client.GetStream().Write(Encoding.UTF8.GetBytes(text));
            }
            catch (IOException)
            {
                // The server has closed it; Read tells.
                return;
            }
        }

        public string? Read()
        {
            try
            {
                return reader.ReadLine();
            }
            catch (IOException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
            {
                return null;
            }
        }

        public void Dispose()
        {
            reader.Dispose();
            client.Dispose();
        }
    }
}
