using System.Security.Cryptography;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Files;
using Pipeline.Engine.Types;
using Pipeline.Producer.Generating;
using Pipeline.Suite.Schemas;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Tests.Unit.Producer;

public sealed class WaterQualityGeneratorTests
{
    private const int Rows = 4000;
    private TestFiles _files = null!;

    [OneTimeSetUp]
    public async Task Generate()
    {
        _files = new TestFiles();
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", Rows, 1, _files.Folder, WithWorkbooks: true), CancellationToken.None);
    }

    [OneTimeTearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void The_files_are_found_by_the_contracts_patterns()
    {
        foreach (var (pattern, name) in new[] { (WaterQuality.Dataset.Main.Pattern, "LTM_Data_generated"), (WaterQuality.Dataset.References["methods"].Pattern, "Methods_generated"), (WaterQuality.Dataset.References["sites"].Pattern, "Site_Information_generated") })
            Directory.GetFiles(_files.Folder, pattern + ".csv").Should().Equal(Path.Combine(_files.Folder, name + ".csv"));
    }

    [Test]
    public async Task The_same_seed_makes_the_same_bytes_on_every_machine_and_another_seed_others()
    {
        using var again = new TestFiles();
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", Rows, 1, again.Folder), CancellationToken.None);
        foreach (var name in new[] { "LTM_Data_generated.csv", "Methods_generated.csv", "Site_Information_generated.csv" })
            File.ReadAllBytes(Path.Combine(again.Folder, name)).Should().Equal(File.ReadAllBytes(Path.Combine(_files.Folder, name)));
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", Rows, 2, again.Folder), CancellationToken.None);
        File.ReadAllBytes(Path.Combine(again.Folder, "LTM_Data_generated.csv")).Should().NotEqual(File.ReadAllBytes(Path.Combine(_files.Folder, "LTM_Data_generated.csv")));
    }

    [Test]
    public void The_random_numbers_are_SplitMix64s_published_ones()
    {
        // From the reference implementation with seed 1234567.
        var random = new SeededRandom(1234567);
        new[] { random.Next(), random.Next(), random.Next() }.Should().Equal(6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL);
    }

    [Test]
    public void Samples_have_the_contracts_columns_and_unique_keys_and_sites_that_exist()
    {
        var (columns, rows) = Read("LTM_Data_generated.csv", WaterQuality.Dataset.Main);
        columns.Should().Equal(WaterQuality.Samples.Columns.Select(column => column.SourceName));
        rows.Should().HaveCount(Rows);
        var key = WaterQuality.Samples.Key.Select(name => columns.IndexOf(WaterQuality.Samples.Column(name).SourceName)).ToArray();
        rows.Select(row => string.Join('|', key.Select(index => row[index]))).Should().OnlyHaveUniqueItems();
        var sites = Read("Site_Information_generated.csv", WaterQuality.Dataset.References["sites"]).Rows.Select(row => (row[0], row[1])).ToHashSet();
        rows.Select(row => (row[0], row[1])).Distinct().Should().BeEquivalentTo(sites);
    }

    [TestCase(60_000)]
    [TestCase(3_000_000)]
    public void Keys_stay_unique_when_there_are_more_visits_than_days(int rows)
    {
        using var source = GeneratedRowsOf(rows);
        var keys = new HashSet<UInt128>();
        var buffer = new List<byte>();
        for (var i = 0; i < Math.Min(rows, 60_000); i++)
        {
            if (!source.Read())
                Assert.Fail($"The source ended after {i} rows.");
            buffer.Clear();
            foreach (var column in (ReadOnlySpan<int>)[0, 1, 2, 3, 4, 6, 7])
                buffer.AddRange([.. source.Field(column), (byte)'|']);
            if (!keys.Add(BitConverter.ToUInt128(MD5.HashData(buffer.ToArray()))))
                Assert.Fail($"Row {i} has the key of an earlier row.");
        }
    }

    [Test]
    public void Samples_have_the_real_datas_quirks()
    {
        var (_, rows) = Read("LTM_Data_generated.csv", WaterQuality.Dataset.Main);
        var cells = rows.SelectMany(row => row.Skip(8)).ToList();
        cells.Should().Contain(cell => cell.Contains(' ')).And.Contain(cell => cell.Contains('\u00A0')).And.Contain("");
        rows.Should().Contain(row => row[0].StartsWith('0'));
        rows.Should().Contain(row => row[8].StartsWith('-'), "acid water has negative ANC");
        rows.Should().Contain(row => row[18] == "-1", "NH4 below detection");
        var times = rows.Select(row => row[7]).ToList();
        times.Should().Contain("").And.Contain(time => time.Length == 5 && time[2] == ':').And.Contain(time => time.Length == 4).And.Contain(time => time.Length == 3);
        (rows.Count(row => row[2].EndsWith("00:00:00")) / (double)Rows).Should().BeInRange(0.8, 0.95);
        rows.Select(row => row[2][6..10]).Distinct().Should().Contain("1980").And.Contain("2020");
        rows.GroupBy(row => row[0]).Count(site => site.Select(row => row[1]).Distinct().Count() == 2).Should().Be(6, "six site ids stand in two programmes");
    }

    [Test]
    public void Methods_have_a_mark_quoted_line_breaks_overlapping_years_and_gaps()
    {
        File.ReadAllBytes(Path.Combine(_files.Folder, "Methods_generated.csv"))[..3].Should().Equal(0xEF, 0xBB, 0xBF);
        var (_, rows) = Read("Methods_generated.csv", WaterQuality.Dataset.References["methods"]);
        rows.Should().Contain(row => row[5].Contains('\n')).And.Contain(row => row[5].Contains('\u2082'));
        rows.Should().Contain(row => row[3] == "", "a method without an end is in use");
        rows.Should().NotContain(row => row[0] == "LTM_PA").And.NotContain(row => row[0] == "LTM_ME" && row[1] == "NH4");
        var overlapping = rows.Where(row => row[2] == "2010").GroupBy(row => (row[0], row[1])).Where(group => group.Count() == 2).ToList();
        overlapping.Should().HaveCountGreaterThan(20);
        overlapping.Should().Contain(group => group.Select(row => row[4]).Distinct().Count() == 2).And.Contain(group => group.Select(row => row[4]).Distinct().Count() == 1);
    }

    [Test]
    public void Sites_have_decimal_commas_and_thousands()
    {
        var (_, rows) = Read("Site_Information_generated.csv", WaterQuality.Dataset.References["sites"]);
        rows.Should().HaveCount(175);
        rows.Should().OnlyContain(row => row[2].Contains(',') && row[8].Contains(' '));
        rows.Select(row => (row[0], row[1])).Should().OnlyHaveUniqueItems();
        rows.Should().Contain(row => row[14] == "58aa").And.Contain(row => row[13] == "5.3");
    }

    [Test]
    public void The_workbooks_hold_the_same_rows_as_the_CSVs()
    {
        SameValues.Assert(Path.Combine(_files.Folder, "LTM_Data_generated"), WaterQuality.Dataset.Main, ordered: true);
        SameValues.Assert(Path.Combine(_files.Folder, "Methods_generated"), WaterQuality.Dataset.References["methods"], ordered: true);
        SameValues.Assert(Path.Combine(_files.Folder, "Site_Information_generated"), WaterQuality.Dataset.References["sites"], ordered: true);
    }

    [Test]
    public void More_rows_than_there_are_keys_for_are_refused()
    {
        var make = () => DatasetGenerators.For("water-quality", 100_000_000_000);
        make.Should().Throw<UsageException>().WithMessage("100000000000 rows of 'water-quality' cannot be generated. Give from 1 to *.");
        var unknown = () => DatasetGenerators.For("water-qualty", 1);
        unknown.Should().Throw<UsageException>().WithMessage("There is no generator for 'water-qualty'. Did you mean 'water-quality'? *");
    }

    private static IRowSource GeneratedRowsOf(long rows) => DatasetGenerators.For("water-quality", rows).Files(rows, 1)[0].Open();

    private (List<string> Columns, List<string[]> Rows) Read(string name, SourceFile file)
    {
        using var source = RowSources.Open(Path.Combine(_files.Folder, name), file.Delimiter, null, null, _ => { });
        return ([.. source.Columns], SourceReading.Rows(source));
    }
}
