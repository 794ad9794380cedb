using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql;
using Pipeline.Tests.EndToEnd.Spark;
using Pipeline.Tests.Support.Files;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;
using Contract = Pipeline.Suite.Schemas.WaterQuality;

namespace Pipeline.Tests.EndToEnd.WaterQuality;

/// <summary>The same rows in every form that a file has: encoding, byte order mark, delimiter, quotes, line ends, compression, workbook. A stream of the files and batch-etl make the same table, whatever the form.</summary>
public sealed class FormsOfFilesTests
{
    private static readonly string[] Packings = [".csv", ".csv.gz", ".csv.zst", ".zip"];
    private TemporaryFolder folder = null!;

    [SetUp]
    public void Begin()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data"]);
        File.WriteAllText(folder["data/Methods_x.csv"], Line(Names(Contract.Methods.Columns.Select(static column => column.SourceName)), ';', isQuoted: false, "\n") + "LTM_X;ANC;1980;;Gran;Titration\n");
        File.WriteAllText(folder["data/Site_Information_x.csv"], Line(Names(Contract.Sites.Columns.Select(static column => column.SourceName)), ';', isQuoted: false, "\n"));
    }

    [TearDown]
    public void End() => folder.Dispose();

    [Test]
    public async Task Files_of_every_form_give_the_same_rows_by_stream_and_by_batch()
    {
        var forms = (
            from encoding in (Encoding[])[new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode, Encoding.GetEncoding(1252)]
            from delimiter in (char[])[';', ',', '\t']
            from isQuoted in (bool[])[false, true]
            from lineEnd in (string[])["\r\n", "\n"]
            select (encoding, delimiter, isQuoted, lineEnd)).ToList();
        // Each packing meets each of the others in turn.
        for (var i = 0; i < forms.Count; i++) Write(i, Packings[(i + (i / Packings.Length)) % Packings.Length], forms[i].encoding, forms[i].delimiter, forms[i].isQuoted, forms[i].lineEnd);
        var rows = Rows(forms.Count).Prepend(Header).Select(static (fields, i) => TestWorkbook.Row(i + 1, [.. fields.Select(TestWorkbook.Text)]));
        File.WriteAllBytes(folder[$"data/LTM_Data_{forms.Count:000}.xlsx"], TestWorkbook.Make(TestWorkbook.Sheet("Data", [.. rows])));
        using var broker = MockBroker.Start(1, "water-quality");

        foreach (var file in Directory.GetFiles(folder["data"], "LTM_Data*").Order(StringComparer.Ordinal))
            await DoneAsync(["produce", "send", "water-quality", "--file", file, "--bootstrap-servers", broker.BootstrapServers, "--pause", "0"]);
        await DoneAsync(["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", broker.BootstrapServers, "--lake", folder["stream"], "--available-now"]);
        var batch = await DoneAsync(["batch-etl", "--dataset", "water-quality", "--input", folder["data"], "--lake", folder["batch"]]);

        var count = (forms.Count + 1) * 2;
        batch.Out.Should().Contain($"{count} read = {count} written");
        SameRows.InTables(folder["stream"], folder["batch"], "water_samples").Should().Be(count);
        var asked = await DoneAsync(["query", "SELECT sample_location, anc_ueq_l, count(*) AS n FROM water_samples GROUP BY ALL ORDER BY ALL", "-o", "csv", "--lake", folder["batch"]]);
        asked.Out.Should().Be($"sample_location,anc_ueq_l,n\nRivière,1234.25,{count / 2}\n\"Étang, \"\"grand\"\"; profond\",-12.5,{count / 2}\n");
    }

    [Test]
    public async Task Files_of_many_forms_give_on_Spark_the_rows_of_the_embedded_engine()
    {
        var spark = SparkSession.ForEngine(SparkServer.Engine("4.1"));
        for (var i = 0; i < Packings.Length; i++) Write(i, Packings[i], i % 2 == 0 ? Encoding.GetEncoding(1252) : new UTF8Encoding(true), ';', isQuoted: i % 2 == 0, "\r\n");
        // A byte order mark in a file that Spark cuts at its lines; a name that is a pattern to it; a line break between quotes.
        Write(4, ".csv", new UTF8Encoding(true), ',', isQuoted: false, "\n");
        Write(5, "_[x]{1}.csv", new UTF8Encoding(false), ';', isQuoted: false, "\n");
        File.WriteAllText(folder["data/LTM_Data_006.csv"], Line(Header, ';', isQuoted: false, "\n") + Line(Sample("C006", "two\nlines", "1"), ';', isQuoted: true, "\n") + Line(Sample("D006", "one", "2"), ';', isQuoted: false, "\n"));

        await DoneAsync(["batch-etl", "--dataset", "water-quality", "--input", folder["data"], "--lake", folder["embedded"]]);
        await DoneAsync(["batch-etl", "--dataset", "water-quality", "--input", folder["data"], "--lake", folder["spark"]], spark);

        SameRows.InTables(folder["spark"], folder["embedded"], "water_samples", "water_measurements").Should().BePositive();
        var asked = await DoneAsync(["query", "SELECT count(*) AS n, count(*) FILTER (sample_location = 'two' || chr(10) || 'lines') AS broken FROM water_samples", "-o", "csv", "--lake", folder["spark"]]);
        asked.Out.Should().Be("n,broken\n14,1\n");
    }

    private static IReadOnlyList<string> Header { get; } = Names(Contract.Samples.Columns.Select(static column => column.SourceName));

    private static async Task<ProgramRun> DoneAsync(string[] command, SparkSession? spark = null)
    {
        var run = await Programs.PipelineAsync(command, spark: spark);
        run.ExitCode.Should().Be(0, "'{0}' printed: {1}{2}", string.Join(' ', command), run.Out, run.Error);
        return run;
    }

    /// <summary>Two samples of a file: letters with accents, a text with delimiters and quotes, decimal commas, a thousands separator.</summary>
    private static IEnumerable<IReadOnlyList<string>> Rows(int file) =>
    [
        Sample($"A{file:000}", "Rivière", "1 234,25"),
        Sample($"B{file:000}", "Étang, \"grand\"; profond", "-12,5"),
    ];

    private void Write(int file, string ending, Encoding encoding, char delimiter, bool isQuoted, string lineEnd)
    {
        var text = string.Concat(Rows(file).Prepend(Header).Select(fields => Line(fields, delimiter, isQuoted, lineEnd)));
        var name = $"LTM_Data_{file:000}{ending}";
        File.WriteAllBytes(folder[$"data/{name}"], Packed.As(name, [.. encoding.GetPreamble(), .. encoding.GetBytes(text)], $"LTM_Data_{file:000}.csv"));
    }

    private static IReadOnlyList<string> Names(IEnumerable<string> names) => [.. names];

    private static IReadOnlyList<string> Sample(string site, string location, string anc)
    {
        var values = new Dictionary<string, string>
        {
            ["SITE_ID"] = site,
            ["PROGRAM_ID"] = "LTM_X",
            ["DATE_SMP"] = "11/06/2020 00:00:00",
            ["SAMPLE_LOCATION"] = location,
            ["SAMPLE_TYPE"] = "Regular",
            ["WATERBODY_TYPE"] = "Stream",
            ["ANC_UEQ_L"] = anc,
            ["PH_LAB"] = "6,5",
        };
        return [.. Header.Select(name => values.GetValueOrDefault(name, ""))];
    }

    private static string Line(IReadOnlyList<string> fields, char delimiter, bool isQuoted, string lineEnd) =>
        string.Join(delimiter, fields.Select(field => isQuoted || field.AsSpan().IndexOfAny(delimiter, '"') >= 0 ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field)) + lineEnd;
}
