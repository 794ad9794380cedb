using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Storage;

namespace Pipeline.Tests.Unit.Delta;

public class DeletedRowsTests
{
    private const string Inline = "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L";

    [Test]
    public void The_protocols_own_example_is_read()
    {
        DeletedRows.Decode(DeletedRows.DecodeBase85(Inline).AsSpan(0, 40), 6).Should().Equal(3, 4, 7, 11, 18, 29);
    }

    [Test]
    public void Rows_that_are_written_are_read_again()
    {
        long[] rows = [0, 3, 65535, 65536, .. Enumerable.Range(0, 30_000).Select(static i => 200_000L + (2 * i)), (1L << 32) + 7, (5L << 32) + 70_000];
        DeletedRows.Decode(DeletedRows.Encode(rows), rows.Length).Should().Equal(rows);
        DeletedRows.Encode([]).Should().HaveCount(12);
        var bytes = new byte[] { 0xd2, 0xc6, 0x39, 0xaa, 0x88, 0x16, 0x43, 0x1a, 0xaa, 0xf6, 0xd3, 0xfe, 0x25, 0x12, 0xff, 0x61 };
        DeletedRows.EncodeBase85(bytes).Should().Be("^-aqEH.-t@S}K{vb[*k^", "the protocol's own example");
    }

    [Test]
    public void The_file_of_a_vector_is_found_as_the_protocol_says()
    {
        var paths = new TablePaths(StorageFactory.For("/data/t"));
        DeletedRows.FileOf(paths, new DeletionVector("u", "ab^-aqEH.-t@S}K{vb[*k^", 4, 40, 6)).Should().Be("ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
        DeletedRows.FileOf(paths, new DeletionVector("u", "^-aqEH.-t@S}K{vb[*k^", 4, 40, 6)).Should().Be("deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
        DeletedRows.FileOf(paths, new DeletionVector("p", "file:///data/t/x%20y.bin", 4, 40, 6)).Should().Be("x y.bin");
        DeletedRows.FileOf(paths, new DeletionVector("i", Inline, null, 40, 6)).Should().BeNull();
        TablePaths.IsOutside(DeletedRows.FileOf(paths, new DeletionVector("u", "../..^-aqEH.-t@S}K{vb[*k^", 4, 40, 6))!).Should().BeTrue();
    }

    [Test]
    public void Arrays_bitmaps_runs_and_rows_beyond_32_bits_are_read()
    {
        // Two bitmaps: the first has an array {1, 2} and a bitmap of the even numbers below 20,000, the second, of rows from 2^32 on, a run of 5.
        var bytes = new List<byte>();
        bytes.AddRange(BitConverter.GetBytes(1681511377));
        bytes.AddRange(BitConverter.GetBytes(2L));
        bytes.AddRange(BitConverter.GetBytes(0));
        bytes.AddRange(BitConverter.GetBytes(12346));
        bytes.AddRange(BitConverter.GetBytes(2));
        foreach (var (key, size) in ((ushort, ushort)[])[(0, 1), (1, 9999)])
        {
            bytes.AddRange(BitConverter.GetBytes(key));
            bytes.AddRange(BitConverter.GetBytes(size));
        }

        bytes.AddRange(new byte[8]);
        bytes.AddRange(BitConverter.GetBytes((ushort)1));
        bytes.AddRange(BitConverter.GetBytes((ushort)2));
        var bits = new byte[8192];
        for (var i = 0; i < 20_000; i += 2) bits[i / 8] |= (byte)(1 << (i % 8));
        bytes.AddRange(bits);
        bytes.AddRange(BitConverter.GetBytes(1));
        bytes.AddRange(BitConverter.GetBytes(12347));
        bytes.Add(1);
        foreach (var number in (ushort[])[0, 4, 1, 7, 4]) bytes.AddRange(BitConverter.GetBytes(number));
        var expected = ((long[])[1, 2]).Concat(Enumerable.Range(0, 10_000).Select(static i => 65536L + (2 * i))).Concat(Enumerable.Range(7, 5).Select(static i => (1L << 32) + i));
        DeletedRows.Decode([.. bytes], 10_007).Should().Equal(expected);
        var lie = () => DeletedRows.Decode([.. bytes], 10_006);
        lie.Should().Throw<FormatException>().WithMessage("*more rows than the log says");
        for (var length = 0; length < 60; length++)
        {
            var cut = () => DeletedRows.Decode([.. bytes.Take(length)], 10_007);
            cut.Should().Throw<FormatException>();
        }
    }

    [TestCase("wi5b=", 4, 1, "it is cut")]
    [TestCase("wi5b", 4, 1, "it is cut")]
    [TestCase("~~~~~", 4, 1, "it is not written in base 85")]
    [TestCase("00000", 4, 1, "it is not in the portable Roaring format")]
    [TestCase(Inline, 40, 5, "it has more rows than the log says")]
    [TestCase(Inline, 40, 7, "it has 6 rows, and the log says 7")]
    [TestCase(Inline, 40, 4_000_000_000, "it has 4000000000 rows, and 16777216 are the most that are read")]
    [TestCase(Inline, 400, 6, "it is cut")]
    public async Task A_vector_that_is_not_what_the_log_says_is_refused(string inline, int size, long cardinality, string why)
    {
        var storage = StorageFactory.For("/data/t");
        var read = () => DeletedRows.ReadAsync(storage, new TablePaths(storage), new DeletionVector("i", inline, null, size, cardinality), default);
        (await read.Should().ThrowAsync<FormatException>()).WithMessage(why);
    }
}
