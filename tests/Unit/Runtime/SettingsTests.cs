using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Tests.Unit.Runtime;

public class SettingsTests
{
    [Test]
    public async Task A_flag_wins_over_the_environment_that_over_the_file_that_over_the_default()
    {
        var world = new FakeWorld();
        var file = world.Write("pipeline.yml", "count-fish:\n  pond: south\n  every: 5s\n  limit: 7\n");
        world.Environment["PIPELINE__COUNT_FISH__EVERY"] = "10s";
        world.Environment["PIPELINE__COUNT_FISH__LIMIT"] = "8";
        var seen = new List<string>();

        await world.RunAsync(new FakeJob(context => seen.AddRange(context.Settings.All.Where(static value => value.Option.Name is "pond" or "every" or "limit" or "bad-share").Select(static value => $"{value.Option.Name}={value.Printable} ({value.Origin})"))), "--config", file, "--limit", "9");

        seen.Should().Equal($"pond=south ({file}, section count-fish)", "every=10s (environment PIPELINE__COUNT_FISH__EVERY)", "limit=9 (--limit)", "bad-share=0.5 (default)");
    }

    [Test]
    public async Task Common_options_stand_at_the_files_root_and_have_short_names_in_the_environment()
    {
        var world = new FakeWorld();
        var file = world.Write("pipeline.yml", "output: json\n");
        world.Environment["MASTER"] = "local[2]";
        (string Master, string Output) seen = default;

        await world.RunAsync(new FakeJob(context => seen = (context.Get("master"), context.Get("output"))), "--config", file);

        seen.Should().Be(("local[2]", "json"));
    }

    [Test]
    public async Task A_secret_comes_from_the_environment_and_is_never_printed()
    {
        var world = new FakeWorld();
        world.Environment["NET_KEY"] = "hunter2";
        (string Value, string Printed) seen = default;

        await world.RunAsync(new FakeJob(context => seen = (context.Get("net-key"), context.Settings.All.Single(static value => value.Option.IsSecret).Printable)));

        seen.Should().Be(("hunter2", "***"));
    }

    [TestCase("count-fish:\n  ponds: south\n", "has the key 'ponds' in the section 'count-fish', which nothing reads. Did you mean 'pond'?")]
    [TestCase("count-fsh:\n  pond: south\n", "has the section 'count-fsh', which nothing reads. Did you mean 'count-fish'?")]
    [TestCase("lakes: x\n", "has the key 'lakes', which nothing reads. Did you mean 'lake'?")]
    [TestCase("lake: [\n", "is not valid YAML: ")]
    public async Task A_key_of_the_file_that_nothing_reads_is_refused(string text, string message)
    {
        var world = new FakeWorld();
        var file = world.Write("pipeline.yml", text);

        (await world.RunAsync(new FakeJob(), "--config", file)).Should().Be(2);

        world.Error.Should().StartWith($"error: The settings file '{file}' {message}");
    }

    [TestCase("PIPELINE__LAKES", "Did you mean 'PIPELINE__LAKE'?")]
    [TestCase("PIPELINE__COUNT_FISH__PONDS", "Did you mean 'PIPELINE__COUNT_FISH__POND'?")]
    [TestCase("PIPELINE__COUNT_FSH__POND", "Did you mean 'PIPELINE__COUNT_FISH'?")]
    public async Task A_variable_that_nothing_reads_is_refused(string name, string suggestion)
    {
        var world = new FakeWorld();
        world.Environment[name] = "x";

        (await world.RunAsync(new FakeJob())).Should().Be(2);

        world.Error.Should().Contain($"'{name}'").And.Contain(suggestion);
    }

    [Test]
    public async Task One_file_serves_the_other_programs_too()
    {
        var world = new FakeWorld();
        var file = world.Write("pipeline.yml", "stream-ingest:\n  trigger: 10s\nspark:\n  spark.executor.memory: 2g\n");
        var memory = "";

        (await world.RunAsync(new FakeJob(context => memory = context.Settings.Spark["spark.executor.memory"]), "--config", file)).Should().Be(0);

        memory.Should().Be("2g");
    }

    [Test]
    public async Task Kafkas_own_keys_come_from_its_file_then_the_section_then_the_environment()
    {
        var world = new FakeWorld();
        var properties = world.Write("client.properties", "bootstrap.servers=a:9092\nclient.id=from-file\nacks=all\n");
        var file = world.Write("pipeline.yml", "kafka:\n  client.id: from-section\n");
        world.Environment["PIPELINE__KAFKA__ACKS"] = "1";
        IReadOnlyDictionary<string, string> seen = new Dictionary<string, string>();
        IReadOnlyDictionary<string, string> asOptions = new Dictionary<string, string>();

        await world.RunAsync(new FakeJob(context => (seen, asOptions) = (context.Settings.Kafka, context.KafkaOptions())), "--config", file, "--kafka-config", properties);

        seen.Should().BeEquivalentTo(new Dictionary<string, string> { ["bootstrap.servers"] = "a:9092", ["client.id"] = "from-section", ["acks"] = "1" });
        asOptions.Should().BeEquivalentTo(seen.ToDictionary(static entry => "kafka." + entry.Key, static entry => entry.Value), "the stream reads Kafka with the settings in force");
    }

    [Test]
    public async Task A_repeatable_option_keeps_all_its_values_in_order()
    {
        var world = new FakeWorld();
        IReadOnlyList<string> seen = [];

        await world.RunAsync(new FakeJob(context => seen = context.Settings.GetAll("set")), "--set", "a=1", "--set", "b=x y");

        seen.Should().Equal("a=1", "b=x y");
    }

    [Test]
    public async Task Values_are_typed()
    {
        var world = new FakeWorld();
        (TimeSpan Every, long Limit, double Share, bool DryRun) seen = default;

        await world.RunAsync(new FakeJob(context => seen = (context.GetDuration("every"), context.GetInt("limit"), context.GetNumber("bad-share"), context.GetFlag("dry-run"))), "--every", "500ms", "--limit", "-1", "--dry-run");

        seen.Should().Be((TimeSpan.FromMilliseconds(500), -1L, 0.5, true));
    }

    [TestCase("0", 0)]
    [TestCase("500ms", 0.5)]
    [TestCase("10s", 10)]
    [TestCase("1.5m", 90)]
    [TestCase("2h", 7200)]
    [TestCase("7d", 604800)]
    public void Lengths_of_time_are_read(string text, double seconds)
    {
        Durations.TryParse(text, out var duration).Should().BeTrue();
        duration.TotalSeconds.Should().Be(seconds);
    }

    [TestCase("10")]
    [TestCase("-1s")]
    [TestCase("s")]
    [TestCase("1 week")]
    [TestCase("99999999999d")]
    public void Other_texts_are_no_lengths_of_time(string text) => Durations.TryParse(text, out _).Should().BeFalse();

    [TestCase("postgres://etl:hunter2@db/x", "postgres://etl:***@db/x")]
    [TestCase("Host=db;Password=hunter2;Port=5432", "Host=db;Password=***;Port=5432")]
    [TestCase("pwd='hunter 2' x", "pwd=*** x")]
    [TestCase("no secret here", "no secret here")]
    public void Secrets_are_masked_in_any_text(string text, string masked) => Secrets.Mask(text).Should().Be(masked);
}
