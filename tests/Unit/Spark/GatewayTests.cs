using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark.Gateway;

namespace Pipeline.Tests.Unit.Spark;

public class GatewayTests
{
    [Test]
    public void A_wrong_secret_is_refused_without_showing_it()
    {
        using var fake = new FakeGateway(_ => "!yv\n");
        FluentActions.Invoking(() => JvmGateway.Connect(fake.Port, new GatewaySecret("wrong-one"))).Should().Throw<GatewayException>()
            .Where(error => error.Message.Contains("refused the secret") && !error.ToString().Contains("wrong-one") && error.IsTransient);
    }

    [Test]
    public void Nobody_at_the_port_is_a_clear_sentence()
    {
        int port;
        using (var fake = new FakeGateway(_ => "")) port = fake.Port;
        FluentActions.Invoking(() => Connect(port)).Should().Throw<GatewayException>().WithMessage($"Cannot connect to Spark's gateway at 127.0.0.1:{port}: *The JVM is not there, or has ended.");
    }

    [Test]
    public void A_scope_releases_what_was_made_in_it_and_the_count_follows()
    {
        var next = 0;
        using var fake = new FakeGateway(command => command.StartsWith('m') ? "!yv\n" : $"!yro{next++}\n");
        using var gateway = Connect(fake.Port);
        using (var scope = gateway.BeginScope())
        {
            var list = scope.New("java.util.ArrayList");
            _ = scope.Object(list, "iterator");
            gateway.LiveReferences.Should().Be(2);
        }
        gateway.LiveReferences.Should().Be(0);
        fake.Commands.Should().Equal("i\njava.util.ArrayList\ne\n", "c\no0\niterator\ne\n", "m\nd\no0\ne\n", "m\nd\no1\ne\n");
    }

    [Test]
    public void Hundreds_of_references_are_released_at_the_scopes_end()
    {
        var next = 0;
        using var fake = new FakeGateway(command => command.StartsWith('m') ? "!yv\n" : $"!yro{Interlocked.Increment(ref next)}\n");
        using var gateway = Connect(fake.Port);
        using (var scope = gateway.BeginScope())
            for (var i = 0; i < 700; i++) _ = scope.New("a.B");
        gateway.LiveReferences.Should().Be(0);
        fake.Commands.Count(command => command.StartsWith('m')).Should().Be(700);
    }

    [Test]
    public void A_kept_object_lives_over_its_scope_until_it_is_released()
    {
        using var fake = new FakeGateway(command => command.StartsWith('m') ? "!yv\n" : "!yro5\n");
        using var gateway = Connect(fake.Port);
        JvmObject kept;
        using (var scope = gateway.BeginScope()) kept = scope.Keep(scope.New("a.B"));
        gateway.LiveReferences.Should().Be(1);
        gateway.Release(kept);
        gateway.LiveReferences.Should().Be(0);
        fake.Commands.Should().EndWith("m\nd\no5\ne\n");
        FluentActions.Invoking(() => kept.Id).Should().Throw<ObjectDisposedException>().WithMessage("*o5 was released*");
        gateway.Release(kept);
        fake.Commands.Should().HaveCount(2);
    }

    [Test]
    public void A_throwable_is_read_with_its_class_codes_first_line_and_stack()
    {
        using var fake = new FakeGateway(command => command switch
        {
            "c\no1\nsql\nsselect\ne\n" => "!xro2\n",
            "c\no2\ngetClass\ne\n" => "!yro3\n",
            "c\no3\ngetName\ne\n" => "!ysorg.apache.spark.sql.AnalysisException\n",
            "c\no2\ngetMessage\ne\n" => "!ys[TABLE_OR_VIEW_NOT_FOUND] No table `t`.\\n'Project [*]\n",
            "c\no2\ngetErrorClass\ne\n" => "!ysTABLE_OR_VIEW_NOT_FOUND\n",
            "c\no2\ngetSqlState\ne\n" => "!ys42P01\n",
            "c\no2\ngetCause\ne\n" => "!yn\n",
            "p\nro2\ne\n" => "!ysorg.apache.spark.sql.AnalysisException: [TABLE\\n\tat a.B(C.java:1)\n",
            _ => "!yv\n",
        });
        using var gateway = Connect(fake.Port);
        using (var scope = gateway.BeginScope())
        {
            var error = FluentActions.Invoking(() => scope.Call(new JvmObject("o1", 'r'), "sql", "select")).Should().Throw<JvmException>().Which;
            error.Message.Should().Be("[TABLE_OR_VIEW_NOT_FOUND] No table `t`.");
            error.FullMessage.Should().Be("[TABLE_OR_VIEW_NOT_FOUND] No table `t`.\n'Project [*]");
            error.ErrorClass.Should().Be("TABLE_OR_VIEW_NOT_FOUND");
            error.SqlState.Should().Be("42P01");
            error.RemoteClass.Should().Be("org.apache.spark.sql.AnalysisException");
            error.RemoteStackTrace.Should().Contain("\tat a.B(C.java:1)");
            error.IsTransient.Should().BeFalse();
        }
        fake.Commands.Should().EndWith(["m\nd\no2\ne\n", "m\nd\no3\ne\n"]);
        gateway.LiveReferences.Should().Be(0);
    }

    [Test]
    public void A_gateways_own_refusal_is_told_apart()
    {
        using var fake = new FakeGateway(_ => "!xspy4j.Py4JException: Method nope([]) does not exist\\n\tat x\n");
        using var gateway = Connect(fake.Port);
        using var scope = gateway.BeginScope();
        var error = FluentActions.Invoking(() => scope.Call(new JvmObject("o1", 'r'), "nope")).Should().Throw<JvmException>().Which;
        error.Message.Should().Be("Spark's gateway refused the call 'nope': py4j.Py4JException: Method nope([]) does not exist");
        error.IsGatewayRefusal.Should().BeTrue();
    }

    [TestCase(null, "Lost the connection to Spark's JVM in the call 'secretTaking': the JVM closed it.")]
    [TestCase("!ys1\n!ys2\n", "Spark's gateway answered the call 'secretTaking' twice; the connection is given up.")]
    [TestCase("?\n", "Spark's gateway answered the call 'secretTaking' with what is not in its protocol. The line '?' is not an answer of the gateway.")]
    [TestCase("!zsWhat?\n", "Spark's gateway answered the call 'secretTaking' with what is not in its protocol. The gateway did not understand the command: sWhat?")]
    public void A_broken_answer_breaks_the_connection_and_names_no_argument(string? reply, string message)
    {
        using var fake = new FakeGateway(command => command.Contains("secretTaking") ? reply : "!yi1\n");
        using var gateway = Connect(fake.Port);
        using (var scope = gateway.BeginScope())
        {
            FluentActions.Invoking(() => scope.Call(new JvmObject("o1", 'r'), "secretTaking", "pass=hunter2")).Should().Throw<GatewayException>()
                .Where(error => error.Message == message && !error.ToString().Contains("hunter2"));
            FluentActions.Invoking(() => scope.Call(new JvmObject("o1", 'r'), "again")).Should().Throw<GatewayException>().WithMessage("*was lost earlier*");
        }
        using var next = gateway.BeginScope();
        next.Call(new JvmObject("o1", 'r'), "size").Should().Be(1);
        gateway.Lost.IsCancellationRequested.Should().BeFalse();
    }

    [Test]
    public void References_of_a_broken_connection_are_released_by_the_next_scope()
    {
        using var fake = new FakeGateway(command => command.StartsWith("i\n") ? "!yro9\n" : command.Contains("die") ? null : "!yv\n");
        using var gateway = Connect(fake.Port);
        using (var scope = gateway.BeginScope())
        {
            var made = scope.New("a.B");
            FluentActions.Invoking(() => scope.Call(made, "die")).Should().Throw<GatewayException>();
        }
        gateway.LiveReferences.Should().Be(1);
        using (gateway.BeginScope()) { }
        gateway.LiveReferences.Should().Be(0);
        fake.Commands.Should().EndWith("m\nd\no9\ne\n");
    }

    [Test]
    public void Two_threads_in_one_scope_are_the_callers_mistake()
    {
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        using var fake = new FakeGateway(_ =>
        {
            entered.Set();
            leave.Wait();
            return "!yv\n";
        });
        using var gateway = Connect(fake.Port);
        using var scope = gateway.BeginScope();
        var slow = Task.Run(() => scope.Call(new JvmObject("o1", 'r'), "slow"));
        entered.Wait();
        FluentActions.Invoking(() => scope.Call(new JvmObject("o1", 'r'), "other")).Should().Throw<InvalidOperationException>().WithMessage("*busy with another call*");
        leave.Set();
        slow.Wait(TimeSpan.FromSeconds(10)).Should().BeTrue();
    }

    [Test]
    public async Task When_the_JVM_goes_pending_calls_fail_and_the_loss_is_told()
    {
        using var entered = new ManualResetEventSlim();
        using var never = new ManualResetEventSlim();
        using var fake = new FakeGateway(_ =>
        {
            entered.Set();
            never.Wait();
            return "!yv\n";
        });
        using var gateway = JvmGateway.Connect(fake.Port, new GatewaySecret(FakeGateway.Secret), () => "exit code 137");
        var told = new TaskCompletionSource();
        using var registration = gateway.Lost.Register(told.SetResult);
        using var scope = gateway.BeginScope();
        var pending = Task.Run(() => scope.Call(new JvmObject("o1", 'r'), "slow"));
        entered.Wait();
        fake.CloseAll();
        await told.Task.WaitAsync(TimeSpan.FromSeconds(5));
        (await FluentActions.Awaiting(() => pending).Should().ThrowAsync<GatewayException>()).Which.IsTransient.Should().BeTrue();
        FluentActions.Invoking(gateway.BeginScope).Should().Throw<GatewayException>()
            .WithMessage("The JVM that runs Spark has ended (exit code 137); the job cannot go on. Start it again: a stream goes on from its checkpoint.");
        never.Set();
    }

    [Test]
    public void The_end_of_our_own_gateway_is_not_a_loss()
    {
        using var fake = new FakeGateway(_ => "!yv\n");
        var gateway = Connect(fake.Port);
        var lost = gateway.Lost;
        gateway.Dispose();
        lost.IsCancellationRequested.Should().BeFalse();
        FluentActions.Invoking(gateway.BeginScope).Should().Throw<ObjectDisposedException>();
    }

    [Test]
    public void A_connection_is_used_again_and_nested_scopes_have_their_own()
    {
        using var fake = new FakeGateway(_ => "!yv\n");
        using var gateway = Connect(fake.Port);
        for (var i = 0; i < 5; i++)
            using (var scope = gateway.BeginScope())
            {
                _ = scope.Call(new JvmObject("o1", 'r'), "x");
                using var inner = gateway.BeginScope();
                _ = inner.Call(new JvmObject("o1", 'r'), "y");
            }
        fake.Connections.Should().Be(3, "one is the watchdog's and two were in use at once");
    }

    private static JvmGateway Connect(int port) => JvmGateway.Connect(port, new GatewaySecret(FakeGateway.Secret));
}
