using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Reference;

namespace Pipeline.Tests.EndToEnd.Students;

/// <summary>The programs as an operator runs them, against a real Kafka that asks for a certificate.</summary>
public sealed class StudentsOverTlsTests
{
    private KafkaServer kafka = null!;

    [OneTimeSetUp]
    public async Task Start() => kafka = await KafkaServer.StartAsync(withTls: true);

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (kafka is not null) await kafka.DisposeAsync();
    }

    [Test]
    public async Task Students_go_from_a_file_over_mutual_TLS_into_one_file_with_their_accents()
    {
        using var folder = new TemporaryFolder();
        string[] broker = ["--bootstrap-servers", kafka.TlsBootstrapServers, "--kafka-config", kafka.WriteClientProperties()];
        (await Programs.ProducerAsync(["generate", "students", "--rows", "700", "--seed", "3", "--out", folder["data"]])).ExitCode.Should().Be(0);
        var file = Path.Combine(folder["data"], "etudiants.csv");
        var sent = await Programs.ProducerAsync(["send", "students", "--file", file, "--pause", "0", .. broker]);
        sent.ExitCode.Should().Be(0, sent.Error);

        string[] ingest = ["--dataset", "students", "--lake", folder["lake"], "--out", folder["out"], "--trigger", "0s", "--result", folder["result.json"], .. broker];
        await RunAsync([.. ingest, "--max-messages", "200", "--max-offsets-per-batch", "100"]);
        var read = Read(folder["result.json"]);
        read.Should().Be(200);
        await RunAsync([.. ingest, "--until-end"]);
        (read + Read(folder["result.json"])).Should().Be(700);
        await RunAsync([.. ingest, "--for", "2s"]);
        Read(folder["result.json"]).Should().Be(0);

        Directory.GetFileSystemEntries(folder["out"]).Select(Path.GetFileName).Should().BeEquivalentTo("etudiants_transformed.csv", "moyenne_age_par_filiere.csv");
        (await File.ReadAllTextAsync(Path.Combine(folder["out"], "etudiants_transformed.csv"))).Should().Be(StudentsReference.Transformed(file)).And.Contain("É");
        (await File.ReadAllTextAsync(Path.Combine(folder["out"], "moyenne_age_par_filiere.csv"))).Should().Be(StudentsReference.Results(file));
    }

    private static async Task RunAsync(string[] arguments)
    {
        var run = await ProgramRun.DotnetAsync(Repository.Program("jobs/StreamIngest", "StreamIngest"), arguments);
        run.ExitCode.Should().Be(0, run.Error);
    }

    private static long Read(string result)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(result));
        return json.RootElement.GetProperty("counts").GetProperty("read").GetInt64();
    }
}
