using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Jobs.BatchEtl;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Tests.Support.Processes;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.WaterQuality;

namespace Pipeline.Tests.EndToEnd.WaterQuality;

/// <summary>Files as ordinary spreadsheets and programs write them: batch-etl reads data and references without a flag, or names what is wrong.</summary>
public sealed class FilesAsTheyComeTests
{
    private static readonly UTF8Encoding Utf8 = new(false);

    private TemporaryFolder folder = null!;
    private DatasetRun run = null!;

    [SetUp]
    public void Begin()
    {
        folder = new TemporaryFolder();
        run = new DatasetRun("water-quality", folder);
        Directory.CreateDirectory(run.Data);
        Write("Methods_x.csv", Text(Contract.Methods, ["LTM_X", "ANC", "1980", "", "Gran", "Titration"]));
        Write("Site_Information_x.csv", Text(Contract.Sites, Site("S0", "Lac")));
    }

    [TearDown]
    public void End()
    {
        run.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task Windows_1252_is_read_in_data_and_references_and_keys_stay_apart()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var windows = Encoding.GetEncoding(1252);
        WriteBytes("LTM_Data_x.csv", windows.GetBytes(Samples(Sample("é2", location: "Rivière"), Sample("è2", location: "Étang"))));
        WriteBytes("Site_Information_x.csv", windows.GetBytes(Text(Contract.Sites, Site("é2", "Lac à la Pêche"), Site("è2", "Lac"))));

        (await LoadAsync()).ExitCode.Should().Be(ExitCodes.Done);

        Rows("site_id", "sample_location").Should().Equal("è2|Étang", "é2|Rivière");
        run.Table("water_measurements").Filter(Col("site_id") == Lit("é2")).Select("site_name").Distinct().Collect().Single().Get(0).Should().Be("Lac à la Pêche");
    }

    [Test]
    public async Task UTF8_and_Windows_1252_in_one_file_are_both_read()
    {
        WriteBytes("LTM_Data_x.csv", [.. Utf8.GetBytes(Samples(Sample("é1"), Sample("Z0"))), .. Encoding.Latin1.GetBytes(Line(Sample("è2")))]);

        (await LoadAsync()).ExitCode.Should().Be(ExitCodes.Done);

        Rows("site_id").Should().Equal("Z0", "è2", "é1");
    }

    [TestCase("sep=;\n", TestName = "Excels_first_line_is_no_row")]
    [TestCase("\uFEFFsep=;\r\n", TestName = "Excels_first_line_after_a_byte_order_mark_is_no_row")]
    [TestCase("\uFEFF", TestName = "A_byte_order_mark_is_no_part_of_a_name")]
    [TestCase("\n\n", TestName = "Blank_lines_before_the_header_are_no_header")]
    [TestCase(";;;\n", TestName = "Delimiters_before_the_header_are_no_header")]
    public async Task What_stands_before_the_header_is_passed_over(string before)
    {
        Write("LTM_Data_x.csv", before + Samples(Sample("S0"), Sample("S1")));
        Write("Site_Information_x.csv", before + Text(Contract.Sites, Site("S0", "Lac")));

        (await LoadAsync()).ExitCode.Should().Be(ExitCodes.Done);

        Rows("site_id").Should().Equal("S0", "S1");
    }

    [TestCase(',')]
    [TestCase('\t')]
    public async Task Another_delimiter_than_the_contracts_is_found(char delimiter)
    {
        Write("LTM_Data_x.csv", Samples(Sample("S0"), Sample("S1")).Replace(';', delimiter));

        (await LoadAsync()).ExitCode.Should().Be(ExitCodes.Done);

        Rows("site_id").Should().Equal("S0", "S1");
    }

    [Test]
    public async Task Rows_without_any_value_are_passed_over_in_data_and_references()
    {
        var columns = Contract.Samples.Columns.Length;
        Write("LTM_Data_x.csv", Samples(Sample("S0")) + new string(';', columns - 1) + "\n;;;\n\n" + Line(Sample("S1")) + new string(';', columns - 1));
        Write("Methods_x.csv", Text(Contract.Methods, ["LTM_X", "ANC", "1980", "", "Gran", "Titration"]) + ";;;;;\r\n;;;;;\r\n");

        var result = await LoadAsync();

        result.ExitCode.Should().Be(ExitCodes.Done, result.Message);
        result.Counts.Read.Should().Be(2);
        Rows("site_id").Should().Equal("S0", "S1");
    }

    [Test]
    public async Task A_delimiter_too_many_at_the_end_of_rows_is_no_fault()
    {
        Write("LTM_Data_x.csv", Header() + Line(Sample("S0")).TrimEnd('\n') + ";\n" + Line(Sample("S1")).TrimEnd('\n') + ";;;\n");

        (await LoadAsync()).ExitCode.Should().Be(ExitCodes.Done);

        Rows("site_id").Should().Equal("S0", "S1");
    }

    [Test]
    public async Task A_value_beyond_the_header_rejects_its_row()
    {
        Write("LTM_Data_x.csv", Samples(Sample("S0"), Sample("S1")) + Line(Sample("S2")).TrimEnd('\n') + ";77\n");

        var result = await LoadAsync();

        (result.Counts.Written, result.Counts.Quarantined).Should().Be((2, 1));
        run.Quarantine("water_samples").Should().Equal("LTM_Data_x.csv: - wrong_field_count");
    }

    [Test]
    public async Task A_name_that_stands_twice_in_the_header_is_exit_3_and_named()
    {
        Write("LTM_Data_x.csv", Header().TrimEnd('\n') + ";Anc_UEQ_L\n" + Line(Sample("S0")).TrimEnd('\n') + ";77\n");

        var result = await LoadAsync();

        result.ExitCode.Should().Be(ExitCodes.DataContract);
        result.Message.Should().Contain("LTM_Data_x.csv").And.ContainEquivalentOf("'ANC_UEQ_L' more than once");
    }

    [Test]
    public async Task An_empty_file_is_told_and_the_files_after_it_are_loaded()
    {
        Write("LTM_Data_a.csv", "");
        Write("LTM_Data_b.csv", Header().TrimEnd('\n') + ";ANC_UEQ_L\n");
        Write("LTM_Data_x.csv", Samples(Sample("S0")));

        var result = await LoadAsync();

        result.ExitCode.Should().Be(ExitCodes.BatchQuarantined);
        result.Message.Should().Contain("LTM_Data_a.csv, LTM_Data_b.csv");
        result.Warnings.Should().Contain(static warning => warning.Contains("LTM_Data_a.csv' is empty")).And.Contain(static warning => warning.Contains("'ANC_UEQ_L' more than once"));
        Rows("site_id").Should().Equal("S0");
    }

    [Test]
    public async Task What_no_table_can_hold_is_rejected_by_its_rule_and_the_rest_is_loaded()
    {
        Write("LTM_Data_x.csv", Samples(
            Sample("A", anc: "1e400"), Sample("B\0C"), Sample("D", date: "01/01/0000 00:00:00"), Sample(new string('x', ValueLimits.LongestText + 1)),
            Sample("S0", anc: "1\u202F234,5"), Sample("S1", anc: "\u221212"), Sample("S2", anc: " 12,5 "), Sample("S3", anc: "1\u2009234"), Sample("S4", anc: "1.7976931348623157e308")));

        var result = await LoadAsync();

        (result.Counts.Written, result.Counts.Quarantined).Should().Be((5, 4));
        run.Quarantine("water_samples").Should().Equal("LTM_Data_x.csv: ANC_UEQ_L not_a_number", "LTM_Data_x.csv: DATE_SMP not_a_timestamp", "LTM_Data_x.csv: SITE_ID contains_nul", "LTM_Data_x.csv: SITE_ID too_long");
        Rows("site_id", "anc_ueq_l").Should().Equal("S0|1234.5", "S1|-12", "S2|12.5", "S3|1234", "S4|1.7976931348623157E+308");
    }

    private Task<RunResult> LoadAsync() => JobHost.RunInProcessAsync(new BatchEtlJob(), new Dictionary<string, string> { ["dataset"] = "water-quality", ["lake"] = run.Lake, ["input"] = run.Data });

    private IEnumerable<string> Rows(params string[] columns) =>
        run.Table("water_samples").Select([.. columns.Select(static name => Col(name))]).Collect().Select(static row => string.Join('|', row.Values.Select(static value => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)))).Order(StringComparer.Ordinal);

    private void Write(string name, string text) => WriteBytes(name, Utf8.GetBytes(text));

    private void WriteBytes(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(run.Data, name), bytes);

    private static string Header() => Text(Contract.Samples);

    private static string Samples(params string[][] rows) => Text(Contract.Samples, rows);

    private static string Text(TableContract contract, params string[][] rows) => Line([.. contract.Columns.Select(static column => column.SourceName)]) + string.Concat(rows.Select(Line));

    private static string Line(string[] fields) => string.Join(';', fields) + "\n";

    private static string[] Sample(string site, string location = "Stream", string anc = "25", string date = "11/06/2020 00:00:00") =>
        Fields(Contract.Samples, new() { ["SITE_ID"] = site, ["PROGRAM_ID"] = "LTM_X", ["DATE_SMP"] = date, ["SAMPLE_LOCATION"] = location, ["SAMPLE_TYPE"] = "Regular", ["WATERBODY_TYPE"] = "Stream", ["ANC_UEQ_L"] = anc, ["PH_LAB"] = "6,5" });

    private static string[] Site(string site, string name) => Fields(Contract.Sites, new() { ["SITE_ID"] = site, ["PROGRAM_ID"] = "LTM_X", ["SITE_NAME"] = name });

    private static string[] Fields(TableContract contract, Dictionary<string, string> values) => [.. contract.Columns.Select(column => values.GetValueOrDefault(column.SourceName, ""))];
}
