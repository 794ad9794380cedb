using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Jobs.StreamIngest;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Reference;

namespace Pipeline.Tests.EndToEnd.Students;

public sealed class StudentsTests
{
    private TemporaryFolder folder = null!;
    private DatasetRun students = null!;

    private string File => Path.Combine(students.Data, "etudiants.csv");

    [SetUp]
    public void Open()
    {
        folder = new TemporaryFolder();
        students = new DatasetRun("students", folder);
    }

    [TearDown]
    public void Close()
    {
        students.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task The_batch_makes_one_file_of_means_that_equals_an_independent_computation()
    {
        await students.GenerateAsync(2_000, 7);
        var run = await students.PipelineAsync("batch-etl", ["--input", students.Data, "--out", folder["results"], "--to", $"sqlite:{folder["metrics.db"]}"]);
        run.Out.Should().Contain($"wrote {folder["results"]}/resultats_etudiants.csv");
        Directory.GetFileSystemEntries(folder["results"]).Should().Equal(Path.Combine(folder["results"], "resultats_etudiants.csv"));
        (await System.IO.File.ReadAllTextAsync(Path.Combine(folder["results"], "resultats_etudiants.csv"))).Should().Be(StudentsReference.Results(File));

        // Another file takes the place of the first in the results, though the table has both.
        await students.GenerateAsync(500, 8);
        await students.PipelineAsync("batch-etl", ["--input", students.Data, "--out", folder["results"]]);
        (await System.IO.File.ReadAllTextAsync(Path.Combine(folder["results"], "resultats_etudiants.csv"))).Should().Be(StudentsReference.Results(File));
        (await students.QueryAsync("SELECT count(*) FROM students")).Should().Be("2500");
    }

    [Test]
    public async Task The_stream_makes_one_file_of_students_in_capitals_however_it_is_cut()
    {
        await students.GenerateAsync(1_000, 9);
        using var broker = MockBroker.Start(1, "etudiants");
        await students.SendAsync(broker, File);

        var first = await students.IngestAsync(broker, ("max-messages", "300"));
        first.Counts.Read.Should().Be(300, "the topic has more");
        var second = await students.IngestAsync(broker, ("until-end", "true"));
        (first.Counts.Written + second.Counts.Written).Should().Be(1_000);
        second.Outputs.Should().Equal(students.Output("etudiants_transformed.csv"), students.Output("moyenne_age_par_filiere.csv"));
        (await System.IO.File.ReadAllTextAsync(students.Output("etudiants_transformed.csv"))).Should().Be(StudentsReference.Transformed(File));
        (await System.IO.File.ReadAllTextAsync(students.Output("moyenne_age_par_filiere.csv"))).Should().Be(StudentsReference.Results(File));

        var third = await students.IngestAsync(broker, ("for", "2s"));
        third.Counts.Read.Should().Be(0);
        (third.EndedAt - third.StartedAt).Should().BeGreaterThan(TimeSpan.FromSeconds(2)).And.BeLessThan(TimeSpan.FromSeconds(30));
        (await System.IO.File.ReadAllTextAsync(students.Output("etudiants_transformed.csv"))).Should().Be(StudentsReference.Transformed(File), "a run that reads nothing changes nothing");
    }

    [Test]
    public async Task A_stream_that_never_ends_leaves_its_files_as_it_goes()
    {
        await students.GenerateAsync(200, 12);
        using var broker = MockBroker.Start(1, "etudiants");
        await students.SendAsync(broker, File);
        using var end = new CancellationTokenSource();
        // Told after the batch and its files: from here on it is as if the process were killed.
        var job = new StreamIngestJob { RefreshOutputsAfter = TimeSpan.Zero, MessagesRead = _ => end.Cancel() };
        var settings = new Dictionary<string, string> { ["dataset"] = "students", ["bootstrap-servers"] = broker.BootstrapServers, ["lake"] = students.Lake };
        var run = await JobHost.RunInProcessAsync(job, settings, cancellationToken: end.Token);
        run.Status.Should().Be(RunStatus.Stopped);
        (await System.IO.File.ReadAllTextAsync(students.Output("etudiants_transformed.csv"))).Should().Be(StudentsReference.Transformed(File));
    }

    [Test]
    public async Task A_file_and_a_stream_of_it_are_the_same_students_and_two_equal_ones_stay_two()
    {
        Write("Nom,Prenom,Age,Filiere", "Lefèvre,Zoé,22,IA", "Lefèvre,Zoé,22,IA", "\"d'Arcy\",Jérôme,21,Droit");
        using var broker = MockBroker.Start(1, "etudiants");
        await students.SendAsync(broker, File);
        (await students.IngestAsync(broker)).Counts.Written.Should().Be(3);
        var run = await students.PipelineAsync("batch-etl", ["--input", students.Data]);
        run.Out.Should().Contain("3 read = 0 written + 0 quarantined + 3 duplicate");
        (await students.QueryAsync("SELECT count(*), count(DISTINCT row_id) FROM students")).Should().Be("3,3");
        (await System.IO.File.ReadAllTextAsync(students.Output("etudiants_transformed.csv"))).Should().Be("first_name,last_name,age,field\nJÉRÔME,D'ARCY,21,Droit\nZOÉ,LEFÈVRE,22,IA\nZOÉ,LEFÈVRE,22,IA\n");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Every_bad_row_is_in_quarantine_with_its_file_line_and_reason(bool isStream)
    {
        Write(
            "Nom,Prenom,Age,Filiere", "Petit,Léa,21,IA", "Petit,Léa,vingt,IA", "Petit,Léa,20.5,IA", "Petit,Léa,,IA", ",Léa,22,IA", "Petit,Léa,23", "<<<<<<< HEAD", "Petit,Léa,24.0,IA", "Petit,,x,");
        string[] whole = isStream ? ["etudiants.csv:7 Filiere missing_field"] : ["etudiants.csv:7 - wrong_field_count"];
        if (isStream)
        {
            using var broker = MockBroker.Start(1, "etudiants");
            await students.SendAsync(broker, File);
            (await students.IngestAsync(broker, ("max-bad-share", "1"))).Counts.Should().Be(new RunCounts(9, 2, 7, 0, 0));
        }
        else
        {
            (await students.PipelineAsync("batch-etl", ["--input", students.Data, "--max-bad-share", "1"])).Out.Should().Contain("9 read = 2 written + 7 quarantined");
        }
        students.Quarantine("students").Should().Equal(
        [
            "etudiants.csv:10 Age not_a_whole_number", "etudiants.csv:10 Filiere required", "etudiants.csv:10 Prenom required",
            "etudiants.csv:3 Age not_a_whole_number", "etudiants.csv:4 Age not_a_whole_number", "etudiants.csv:5 Age required", "etudiants.csv:6 Nom required",
            .. whole, "etudiants.csv:8 - conflict_marker",
        ]);
        (await students.QueryAsync("SELECT age FROM students ORDER BY age")).Should().Be("21\n24");
    }

    [Test]
    public async Task The_demo_shows_the_files_and_adds_nothing_the_second_time()
    {
        var first = await students.PipelineAsync("demo", ["--rows", "400"]);
        first.Out.Should().Contain("rows: 400 read = 400 written + 0 quarantined + 0 duplicate").And.Contain("etudiants_transformed.csv").And.Contain("Informatique");
        var second = await students.PipelineAsync("demo", ["--rows", "400"]);
        second.Out.Should().Contain("rows: 400 read = 0 written + 0 quarantined + 400 duplicate").And.Contain("Nothing was added");
    }

    private void Write(params string[] lines)
    {
        Directory.CreateDirectory(students.Data);
        System.IO.File.WriteAllText(File, string.Join('\n', lines) + "\n");
    }
}
