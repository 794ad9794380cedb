using System.IO.Compression;
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Loading;

/// <summary>Files as people save them: batch-etl loads what can be read and names the rest.</summary>
public sealed class InputFilesTests
{
    private const string Event = """
        "{""eventId"":""e3cb26d3-41b2-49a2-84f3-000000000001"",""eventOffset"":10001,""eventPublisher"":""device"",""customerId"":""CI00103"",""data"":{""devices"":[{""deviceId"":""D001"",""temperature"":15,""measure"":""C"",""status"":""ERROR""}]},""eventTime"":""2023-01-05 11:13:53.643364""}"
        """;

    private CrashLake folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        folder = new CrashLake();
        Directory.CreateDirectory(folder["input"]);
    }

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public async Task Files_without_bytes_or_rows_are_named_and_those_after_them_are_loaded()
    {
        File.WriteAllText(folder["input/device_events_a.csv"], "");
        File.WriteAllText(folder["input/device_events_b.csv"], "encoding,message\n");
        File.WriteAllText(folder["input/device_events_c.csv"], $"encoding,message\nutf-8,{Event.Trim()}\n");

        var run = await LoadAsync("device-events");

        run.ExitCode.Should().Be(4, run.Error);
        run.Out.Should().Contain("1 read = 1 written").And.Contain("cannot be read: device_events_a.csv").And.Contain("Files without rows: device_events_b.csv");
        run.Error.Should().Contain("device_events_a.csv' is empty").And.Contain("device_events_b.csv' has a header and no rows");
    }

    [Test]
    public async Task A_file_from_French_Excel_is_loaded_without_a_flag()
    {
        File.WriteAllBytes(folder["input/etudiants.csv"], [.. Encoding.Latin1.GetBytes("Nom;Prenom;Age;Filiere\r\nPetit;Zoé;23,0;IA\r\nRoux;Léa;19;Droit\r\n;;;\r\n;;;\r\n")]);

        var run = await LoadAsync("students");

        run.ExitCode.Should().Be(0, run.Error);
        folder.State(folder["lake"]).Where(static line => line.StartsWith("row|", StringComparison.Ordinal)).Select(static line => string.Join('|', line.Split('|')[2..]))
            .Should().BeEquivalentTo("Petit|Zoé|23|IA", "Roux|Léa|19|Droit");
    }

    [Test]
    public async Task A_file_that_is_compressed_after_it_was_loaded_brings_no_row_again()
    {
        const string rows = "Nom,Prenom,Age,Filiere\nPetit,Zoé,23,IA\nBlanc,Noé,old,IA\nRoux,Léa,19,Droit\n";
        File.WriteAllText(folder["input/etudiants.csv"], rows);
        (await LoadAsync("students")).Out.Should().Contain("3 read = 2 written + 1 quarantined");
        var before = folder.State(folder["lake"]);
        File.Delete(folder["input/etudiants.csv"]);
        using (var packed = new GZipStream(File.Create(folder["input/etudiants.csv.gz"]), CompressionLevel.Optimal)) packed.Write(Encoding.UTF8.GetBytes(rows));

        (await LoadAsync("students")).Out.Should().Contain("3 read = 0 written + 1 quarantined + 2 duplicate");

        folder.State(folder["lake"]).Where(static line => !line.StartsWith("batch|", StringComparison.Ordinal)).Should().Equal(before.Where(static line => !line.StartsWith("batch|", StringComparison.Ordinal)));
    }

    [TestCase("etudiants.xlsb", "an Excel binary workbook")]
    [TestCase("etudiants.ods", "an OpenDocument spreadsheet")]
    public async Task A_workbook_of_another_format_is_refused_by_its_name(string name, string format)
    {
        File.WriteAllText(folder[$"input/{name}"], "PK");

        var run = await LoadAsync("students");
        var inspected = await Programs.PipelineAsync(["inspect", folder[$"input/{name}"], "--dataset", "students"]);

        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain($"{name}' is {format}, which is not read here");
        (inspected.ExitCode, inspected.Error.Contains(format, StringComparison.Ordinal)).Should().Be((2, true), inspected.Error);
    }

    private Task<ProgramRun> LoadAsync(string dataset) =>
        Programs.PipelineAsync(["batch-etl", "--dataset", dataset, "--input", folder["input"], "--lake", folder["lake"], "--master", "embedded[1]"]);
}
