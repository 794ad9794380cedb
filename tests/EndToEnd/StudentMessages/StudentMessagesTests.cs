using System.Text;
using Confluent.Kafka;
using FluentAssertions;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.StudentMessages;

public sealed class StudentMessagesTests
{
    private TemporaryFolder folder = null!;
    private DatasetRun students = null!;

    [SetUp]
    public void Open()
    {
        folder = new TemporaryFolder();
        students = new DatasetRun("student-messages", folder);
    }

    [TearDown]
    public void Close()
    {
        students.Dispose();
        folder.Dispose();
    }

    /// <summary>The reference: Biologie 3 × 23, Informatique 4 × 22, Physique 3 × 19, in ten forms, and three messages that cannot be read.</summary>
    [Test]
    public async Task Ten_students_in_ten_forms_give_the_figures_of_the_reference_to_the_digit()
    {
        using var broker = MockBroker.Start(1, "message");
        Send(
            broker,
            Utf8("""{"Nom":"Lefèvre","Prenom":"Zoë","Age":23,"Filiere":"Biologie"}"""),
            Utf8("{'nom': \"d'Arcy\", 'prénom': 'Jérôme', 'âge': '23', 'filière': 'biologie'}"),
            Encoding.Latin1.GetBytes("Nom: Hébert; Prénom: Chloé; Âge: 23 ans; Filière: Biologie"),
            Utf8("nom=Dupont,prenom=Marie,age=22,filiere=Informatique"),
            Utf8("last_name: Petit | first_name: Léa | age: 22 | field: INFORMATIQUE"),
            Utf8("Moreau;Paul;22;Informatique"),
            Utf8("Filiere,Age,Prenom,Nom\nInformatique,22,Hugo,Girard"),
            Utf8("nom: Blanc\nprenom: Nora\nage: 19\nfiliere: Physique"),
            Utf8("19|Mercier|Omar|Physique"),
            Encoding.Latin1.GetBytes("""{"NOM":"Fauré","PRÉNOM":"Anaïs","ÂGE":"19","FILIÈRE":"Physique"}"""),
            Utf8("Bonjour"), Utf8("""{"Nom":"Noël","""), Utf8("nom=Noël;prenom=Zoé;age=vieux;filiere=IA"));

        var run = await students.IngestAsync(broker);

        run.Counts.Should().Be(new RunCounts(13, 10, 3, 0, 0));
        run.Outputs.Should().Equal(students.Output("students_analysis.db"), students.Output("age_distribution.png"));
        Rows("SELECT name, value FROM summary WHERE population = 'all' ORDER BY name").Should().Equal("fields|3", "mean_of_field_means|21.33", "mean_of_students|21.4", "students|10");
        Rows("SELECT name, value FROM summary WHERE population = 'over_20' ORDER BY name").Should().Equal("fields|2", "mean_of_field_means|22.5", "mean_of_students|22.43", "students|7");
        Rows("SELECT population, Filiere, Nombre, Moyenne, Min, Max, \"Ecart-type\" FROM field_stats ORDER BY population, Filiere").Should().Equal(
            "all|Biologie|3|23|23|23|0", "all|Informatique|4|22|22|22|0", "all|Physique|3|19|19|19|0", "over_20|Biologie|3|23|23|23|0", "over_20|Informatique|4|22|22|22|0");
        Rows("SELECT nom, prenom, age, filiere FROM students ORDER BY nom").Should().Equal(
            "Blanc|Nora|19|Physique", "Dupont|Marie|22|Informatique", "Fauré|Anaïs|19|Physique", "Girard|Hugo|22|Informatique", "Hébert|Chloé|23|Biologie",
            "Lefèvre|Zoë|23|Biologie", "Mercier|Omar|19|Physique", "Moreau|Paul|22|Informatique", "Petit|Léa|22|Informatique", "d'Arcy|Jérôme|23|Biologie");
        (await File.ReadAllBytesAsync(students.Output("age_distribution.png"))).Take(4).Should().Equal(0x89, 0x50, 0x4E, 0x47);
        students.Quarantine("student_messages").Select(row => row[(row.IndexOf(' ', StringComparison.Ordinal) + 1)..]).Should().BeEquivalentTo("- unknown_shape", "- not_a_flat_object", "Age not_an_age");
    }

    [Test]
    public async Task A_file_and_a_stream_of_it_are_the_same_students_and_every_bad_message_is_in_quarantine()
    {
        await students.GenerateAsync(500, 12);
        using var broker = MockBroker.Start(1, "message");
        await students.SendAsync(broker, Directory.GetFiles(students.Data).Single());
        var streamed = await students.IngestAsync(broker, ("max-offsets-per-batch", "200"));
        streamed.Batches.Should().HaveCount(3);
        streamed.Counts.Quarantined.Should().BeInRange(5, 60);
        (streamed.Counts.Written + streamed.Counts.Quarantined).Should().Be(500);

        var loaded = await students.PipelineAsync("batch-etl", ["--input", students.Data]);
        loaded.Out.Should().Contain("500 read = 0 written + 25 quarantined + 475 duplicate");
    }

    [Test]
    public async Task The_share_of_each_shape_can_be_set()
    {
        var made = await Programs.ProducerAsync(
            ["generate", "student-messages", "--rows", "200", "--shares", "json=0,dict=1,pairs=0,line=0,header=0,latin1=0,broken=0", "--out", students.Data]);
        made.ExitCode.Should().Be(0, made.Error);
        File.ReadLines(Directory.GetFiles(students.Data).Single()).Skip(1).Should().HaveCount(200).And.OnlyContain(line => line.StartsWith("utf-8,\"{'"));
        var refused = await Programs.ProducerAsync(["generate", "student-messages", "--rows", "2", "--shares", "xml=1", "--out", students.Data]);
        refused.ExitCode.Should().Be(2);
        refused.Error.Should().Contain("--shares has no 'xml'. There are: json, dict, pairs, line, header, latin1, broken.");
    }

    private List<string> Rows(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={students.Output("students_analysis.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read()) rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
        return rows;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static void Send(MockBroker broker, params byte[][] messages)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 5 }).Build();
        foreach (var message in messages) producer.Produce("message", new Message<Null, byte[]> { Value = message });
        producer.Flush(TimeSpan.FromSeconds(20)).Should().Be(0);
    }
}
