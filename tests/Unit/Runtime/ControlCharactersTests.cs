using FluentAssertions;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Output;

namespace Pipeline.Tests.Unit.Runtime;

/// <summary>What comes from data, names or errors neither steers a terminal nor forges a line of a log.</summary>
public class ControlCharactersTests
{
    private const string Hostile = "a\e[31mb\nerror: forged\r\u009B2Jc\u0007\u202Ed\0";
    private const string Shown = "a\\u001B[31mb\\nerror: forged\\r\\u009B2Jc\\u0007\\u202Ed\\u0000";

    [Test]
    public void Control_characters_are_written_as_codes()
    {
        PrintableText.OneLine(Hostile).Should().Be(Shown);
        PrintableText.Lines("a\tb\r\nc\e\rd").Should().Be("a\tb\r\nc\\u001B\\rd");
        foreach (var text in new[] { "", "Müller, 東京 🐟", "a · b — “c”" }) PrintableText.OneLine(text).Should().Be(text);
        PrintableText.OneLine("\uD83Dx\uDC1F\uFFFE").Should().Be("\\uD83Dx\\uDC1F\\uFFFE");
    }

    [Test]
    public async Task An_error_a_warning_and_a_step_are_one_line_each()
    {
        var world = new FakeWorld();
        var job = new FakeJob(static context =>
        {
            context.Warn(Hostile);
            context.Log.LogInformation(new InvalidOperationException(Hostile), "{Key}", Hostile);
            using (var step = context.Step(Hostile))
            {
                step.Note(Hostile);
                step.Done(Hostile);
            }
            throw new UsageException($"The key '{Hostile.Replace("\n", "", StringComparison.Ordinal)}' is unknown");
        });

        (await world.RunAsync(job, "--debug")).Should().Be(2);

        world.Error.Where(static letter => char.IsControl(letter) && letter != '\n').Should().BeEmpty();
        world.Error.Split('\n').Where(static line => line.StartsWith("error: forged", StringComparison.Ordinal)).Should().BeEmpty();
        world.Error.Should().Contain("warning " + Shown);
    }

    [Test]
    public async Task The_summary_of_a_run_has_none()
    {
        var world = new FakeWorld();

        (await world.RunAsync(new FakeJob(static context => context.Outputs.Add(Hostile)))).Should().Be(0);

        world.Out.Should().Contain("  wrote " + Shown + "\n");
        world.ResultInLake().Outputs.Should().Equal([Hostile], "JSON keeps what was");
    }

    [Test]
    public async Task A_command_line_that_cannot_be_read_forges_nothing()
    {
        var world = new FakeWorld();

        (await world.RunAsync(new FakeJob(), "--" + Hostile)).Should().Be(2);

        world.Error.Trim('\n').Should().NotContain("\n").And.NotContain("\e").And.Contain("\\u001B");
    }

    [Test]
    public void A_terminal_gets_data_without_control_characters()
    {
        using var terminal = new StringWriter { NewLine = "\n" };
        using var writer = new TerminalWriter(terminal, escapes: true) { NewLine = "\n" };

        writer.WriteLine("a\tb\e[31m");
        writer.Write('\u009B');
        writer.Write(['\a', 'x'], 0, 2);

        terminal.ToString().Should().Be("a\tb\\u001B[31m\n\\u009B\\u0007x");
    }
}
