using System.Text;
using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Files;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Files;

namespace Pipeline.Tests.Unit.Producer;

/// <summary>Compressed files give the rows of the plain ones, or an error: a file that is cut loses no row without a word.</summary>
public sealed class CompressedFileTests
{
    private const string Csv = "ID;V\r\na;1\r\nb;\"x\r\ny\"\r\n";
    private TestFiles files = null!;

    [SetUp]
    public void MakeFolder() => files = new TestFiles();

    [TearDown]
    public void RemoveFolder() => files.Dispose();

    [TestCase("a.csv.gz")]
    [TestCase("a.csv.zst")]
    [TestCase("a.csv.zip")]
    [TestCase("a.ZIP")]
    public void A_compressed_file_gives_the_rows_of_the_plain_one(string name)
    {
        using var rows = Open(files.Write(name, Packed.As(name, Encoding.UTF8.GetBytes(Csv), "a.csv")));

        rows.Columns.Should().Equal("ID", "V");
        rows.Name.Should().Be(name);
        SourceReading.Rows(rows).Should().BeEquivalentTo([new[] { "a", "1" }, ["b", "x\r\ny"]], static options => options.WithStrictOrdering());
    }

    [TestCase("a.csv.gz")]
    [TestCase("a.csv.zst")]
    [TestCase("a.zip")]
    public void A_file_that_is_cut_or_damaged_is_an_error_wherever_it_is_cut(string name)
    {
        var text = "ID;V\n" + string.Concat(Enumerable.Range(0, 5000).Select(static i => FormattableString.Invariant($"{i};{i * 7919 % 10007}\n")));
        var whole = Packed.As(name, Encoding.UTF8.GetBytes(text), "a.csv");
        foreach (var length in (int[])[10, whole.Length / 2, whole.Length - 1])
        {
            var path = files.Write(name, whole[..length]);
            var read = () =>
            {
                using var rows = Open(path);
                _ = SourceReading.Rows(rows);
            };

            read.Should().Throw<DataException>("{0} of {1} bytes are there", length, whole.Length).WithMessage($"*{name}*");
        }
    }

    [Test]
    public void A_file_of_several_gzip_files_is_refused_and_not_read_in_part()
    {
        var read = () => Open(files.Write("a.csv.gz", [.. Packed.As("a.gz", "ID;V\na;1\n"u8.ToArray(), ""), .. Packed.As("a.gz", "b;2\n"u8.ToArray(), "")]));

        read.Should().Throw<DataException>().WithMessage("*consists of several gzip files in one*gunzip*");
    }

    [TestCase("a.csv.gz")]
    [TestCase("a.csv.zst")]
    public void A_file_that_unpacks_to_more_than_can_be_meant_is_not_read_on(string name)
    {
        using var packed = new MemoryStream();
        using (var stream = Packed.Stream(name, packed))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 300; i++) stream.Write(zeros);
        }
        // Gzip cannot reach the ratio: its zeros are read, and are no table.
        var path = files.Write(name, packed.ToArray());
        var read = () => Open(path);

        var thrown = read.Should().Throw<DataException>().Which;
        if (name.EndsWith(".zst", StringComparison.Ordinal)) thrown.Message.Should().Contain("unpacks to more than 1100 times its size");
    }

    [Test]
    public void An_archive_of_several_files_or_of_a_workbook_is_refused_and_what_macOS_adds_does_not_count()
    {
        var two = files.Write("two.zip", Packed.Zip(("a.csv", Csv), ("b.csv", Csv)));
        var none = files.Write("none.zip", Packed.Zip(("folder/", "")));
        var workbook = files.Write("workbook.zip", Packed.Zip(("a.xlsx", "PK")));
        var fromMac = files.Write("mac.zip", Packed.Zip(("a.csv", Csv), ("__MACOSX/._a.csv", "x"), (".DS_Store", "x")));

        Refusal(two).Should().Contain("holds 2 files, where one CSV file is expected");
        Refusal(none).Should().Contain("holds no file");
        Refusal(workbook).Should().Contain("holds the workbook 'a.xlsx'");
        using var rows = Open(fromMac);
        SourceReading.Rows(rows).Should().HaveCount(2);
    }

    [TestCase("a.csv", "a.csv")]
    [TestCase("a.csv.gz", "a.csv")]
    [TestCase("a.CSV.ZST", "a.CSV")]
    [TestCase("a.zip", "a.csv")]
    [TestCase("LTM_Data_2022.8.gz", "LTM_Data_2022.8.csv")]
    public void The_plain_name_is_that_of_the_file_within(string name, string plain) => CompressedFile.PlainName(name).Should().Be(plain);

    [TestCase("a.csv", "a.csv")]
    [TestCase("a.csv.gz", "a.csv")]
    [TestCase("a.zip", "a.csv")]
    [TestCase("a.csv.zst", "a.csv")]
    [TestCase("LTM_Data_2022.8.gz", "LTM_Data_2022.8.csv")]
    [TestCase("a.xlsx", "a.xlsx")]
    public void A_query_over_names_finds_the_same_plain_name(string name, string plain)
    {
        Regex.Replace(name, CompressedFile.EndingPattern, ".csv").Should().Be(plain);
        CompressedFile.PlainName(name).Should().Be(plain);
    }

    private static string Refusal(string path)
    {
        var open = () => Open(path);
        return open.Should().Throw<DataException>().Which.Message;
    }

    private static IRowSource Open(string path) => RowSources.Open(path, ';', null, null, static _ => { });
}
