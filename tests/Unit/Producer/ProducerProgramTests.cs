using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Producer.Jobs;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Tests.Unit.Producer;

/// <summary>The command line as a user meets it, as far as no broker is needed.</summary>
public sealed class ProducerProgramTests
{
    private TestFiles _files = null!;

    [SetUp]
    public void MakeFolder() => _files = new TestFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public async Task Help_has_purpose_three_examples_defaults_environment_and_exit_codes()
    {
        foreach (var command in new[] { "send", "generate" })
        {
            var (code, output, _) = await RunAsync($"{command} --help");
            code.Should().Be(0);
            output.Split('\n').Count(line => line.StartsWith("  producer ")).Should().Be(3);
            output.Should().Contain("[default 1; env PIPELINE__PRODUCER__SEED]").And.Contain("Exit codes:").And.MatchRegex("75 +transient").And.Contain("water-quality");
        }
        (await RunAsync("")).Output.Should().Contain("Usage: producer COMMAND [options]");
    }

    [TestCase("snd water-quality", "Unknown command 'snd'. Did you mean 'send'? 'producer --help' shows what there is.")]
    [TestCase("send water-qualty", "DATASET is 'water-qualty' (argument): there is no such data set. Did you mean 'water-quality'? There are: *water-quality*.")]
    [TestCase("send", "The argument DATASET is missing: Data set whose rows are sent.")]
    [TestCase("send water-quality --bach-size 50", "Unknown option '--bach-size'. Did you mean '--batch-size'? 'producer send --help' shows what there is.")]
    [TestCase("send water-quality --bach-size=50", "Unknown option '--bach-size'. Did you mean '--batch-size'? 'producer send --help' shows what there is.")]
    [TestCase("generate water-quality --rows", "*--rows*")]
    [TestCase("generate water-quality --out -q", "--out needs a value, and '-q' follows it. A value that begins with a dash is written --out=-q. 'producer generate --help' shows what there is.")]
    [TestCase("generate water-quality --rows many", "--rows is 'many' (--rows): expected a whole number, such as 1000.")]
    [TestCase("generate water-quality --rows 0", "--rows is '0' (--rows): expected a whole number from 1 on.")]
    [TestCase("generate water-quality --output xml", "--output is 'xml' (--output): expected one of text, json.")]
    [TestCase("send water-quality --generate 1 --pause 10x", "--pause is '10x' (--pause): expected a length of time, such as 500ms, 10s, 1m, 2h or 7d.")]
    [TestCase("send water-quality --generate 1 --file a.csv", "--file and --generate are both given. Give one of them.")]
    [TestCase("send water-quality", "There is nothing to send. Give --file with a CSV or Excel file, or --generate N for generated rows.")]
    [TestCase("send water-quality --file /no/such.csv", "The file '/no/such.csv' is not there. Give --file the path of a CSV or Excel file, or --generate N for generated rows.")]
    [TestCase("send water-quality --file /", "'/' is a folder. Give --file the path of one CSV or Excel file.")]
    [TestCase("send water-quality --generate 1", "There is no broker to connect to. Give --bootstrap-servers host:port, or bootstrap.servers in the file of --kafka-config.")]
    [TestCase("send water-quality --generate 1 --bootstrap-servers a:b:c", "'a:b:c' is not a broker's address. Give --bootstrap-servers as host:port, several separated by commas.")]
    [TestCase("send water-quality --generate 1 --kafka-config /no/such.properties", "Cannot read the Kafka settings '/no/such.properties': it is not there. Give --kafka-config a readable client.properties file.")]
    public async Task A_wrong_command_line_is_one_sentence_and_exit_code_2(string args, string sentence)
    {
        var (code, output, error) = await RunAsync(args);
        code.Should().Be(2);
        output.Should().BeEmpty();
        error.TrimEnd().Should().Match("error: " + sentence).And.NotContain("\n");
    }

    [Test]
    public async Task Generate_replaces_no_file_that_may_be_the_users_own_unless_told_to()
    {
        new GenerateJob().Options.Single(static option => option.Name == "out").Default.Should().Be("./generated", "the current folder may have the real files");
        var own = _files.Write("total-population.csv", "the user's own");
        var (code, _, error) = await RunAsync($"generate population --rows 10 --out {_files.Folder}");
        code.Should().Be(2);
        error.TrimEnd().Should().Be($"error: Cannot write '{own}': there is a file of this name, which may be your own. Nothing was written. Give --out another folder, or --force to replace it.");
        (await File.ReadAllTextAsync(own)).Should().Be("the user's own");
        Directory.GetFiles(_files.Folder).Should().ContainSingle("the other files were not written either");
        (await RunAsync($"generate population --rows 10 --force --out {_files.Folder}")).Code.Should().Be(0);
        (await File.ReadAllTextAsync(own)).Should().StartWith("Neighborhood,");
    }

    [Test]
    public async Task A_header_without_the_needed_columns_is_exit_code_3()
    {
        var (code, _, error) = await RunAsync($"send water-quality -q --bootstrap-servers localhost:1 --file {_files.Write("a.csv", "SITE_ID;PROGRAM_ID\nx;y\n")}");
        code.Should().Be(3);
        error.Should().StartWith("error: 'a.csv' lacks 28 columns 'DATE_SMP', ").And.Contain("Its header has: 'SITE_ID', 'PROGRAM_ID'.");
    }

    [Test]
    public async Task An_unreadable_workbook_is_exit_code_3_without_a_stack_trace_unless_asked()
    {
        var path = _files.Write("a.xlsx", "no workbook");
        var (code, _, error) = await RunAsync($"send water-quality --file {path} --bootstrap-servers localhost:1");
        code.Should().Be(3);
        error.Should().StartWith($"error: '{path}' is not a readable Excel workbook: ").And.NotContain("   at ");
        (await RunAsync($"send water-quality --file {path} --bootstrap-servers localhost:1 --debug")).Error.Should().Contain("   at ");
    }

    [Test]
    public async Task Generate_writes_files_and_an_account_in_the_jobs_shape()
    {
        var result = Path.Combine(_files.Folder, "run", "result.json");
        var (code, output, _) = await RunAsync($"generate water-quality --rows 50 --out {_files.Folder} --result {result} --output json");
        code.Should().Be(0);
        using var account = JsonDocument.Parse(await File.ReadAllTextAsync(result));
        output.Trim().Should().Be((await File.ReadAllTextAsync(result)).Trim());
        var root = account.RootElement;
        root.EnumerateObject().Select(property => property.Name).Should().Equal("schema_version", "run_id", "suite_version", "host", "lake", "arguments", "job", "dataset", "status", "exit_code", "message", "engine", "started_at", "ended_at", "counts", "rejected", "batches", "tables", "outputs", "warnings");
        root.GetProperty("job").GetString().Should().Be("generate");
        root.GetProperty("status").GetString().Should().Be("succeeded");
        root.GetProperty("outputs").EnumerateArray().Select(path => Path.GetFileName(path.GetString())).Should().Equal("LTM_Data_generated.csv", "Methods_generated.csv", "Site_Information_generated.csv");
        root.GetProperty("counts").GetProperty("written").GetInt64().Should().Be(50);
        Directory.GetFiles(Path.Combine(_files.Folder, "run")).Should().Equal(result);
    }

    [Test]
    public async Task A_failed_run_leaves_its_account_too()
    {
        var result = Path.Combine(_files.Folder, "result.json");
        await RunAsync($"send water-quality --file /no/such.csv --result {result}");
        using var account = JsonDocument.Parse(await File.ReadAllTextAsync(result));
        account.RootElement.GetProperty("exit_code").GetInt32().Should().Be(2);
        account.RootElement.GetProperty("status").GetString().Should().Be("failed");
        account.RootElement.GetProperty("message").GetString().Should().StartWith("The file '/no/such.csv' is not there.");
    }

    [Test]
    public async Task A_value_may_come_from_the_environment_and_a_flag_wins()
    {
        var environment = new Dictionary<string, string> { ["PIPELINE__PRODUCER__ROWS"] = "7", ["PIPELINE__PRODUCER__OUT"] = _files.Folder };
        (await RunAsync("generate water-quality", environment)).Output.Should().Contain("7 rows in the main one");
        (await RunAsync("generate water-quality --rows 8 --force", environment)).Output.Should().Contain("8 rows in the main one");
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string args, Dictionary<string, string>? environment = null)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await ProducerJobs.RunAsync(args.Split(' ', StringSplitOptions.RemoveEmptyEntries), new HostConsole(environment ?? [], output, error, IsErrorTerminal: false));
        return (code, output.ToString(), error.ToString());
    }
}
