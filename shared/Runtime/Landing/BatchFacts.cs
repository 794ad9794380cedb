using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Schemas;
using Pipeline.Sql;
using static Pipeline.Sql.Functions;

namespace Pipeline.Runtime.Landing;

/// <summary>What a batch of staged rows is as a whole.</summary>
/// <param name="Read">Rows.</param>
/// <param name="Bad">Rows that break a rule.</param>
/// <param name="SizeBytes">Bytes of the rows as received.</param>
/// <param name="Checksum">SHA-256 in hex over the number of rows and the sums of the words of their MD5, whatever their order: the same whenever the same rows come again.</param>
/// <param name="OffsetsFrom">First offset by topic and partition as JSON, or null for files.</param>
/// <param name="OffsetsUntil">Offset after the last by topic and partition as JSON, or null for files.</param>
internal sealed record BatchFacts(long Read, long Bad, long SizeBytes, string Checksum, string? OffsetsFrom, string? OffsetsUntil)
{
    public double BadShare => Read == 0 ? 0 : (double)Bad / Read;

    public static BatchFacts Of(DataFrame staged)
    {
        var text = Coalesce(Col(StagedColumns.Raw), Col(StagedColumns.RawBase64), Lit(""));
        var parts = staged
            .Select(Col(StagedColumns.Topic), Col(StagedColumns.Partition), Col(StagedColumns.Offset), Size(Col(StagedColumns.Broken)).As("rules"), Col(StagedColumns.Item).As("item"), Encode(text, "UTF-8").As("bytes"))
            .GroupBy(StagedColumns.Topic, StagedColumns.Partition)
            .Agg(
                Count(Lit(1)).As("read"),
                Sum(When(Col("rules") > Lit(0), Lit(1L)).Otherwise(0L)).As("bad"),
                // A message that holds several rows is counted once.
                Sum(When(Coalesce(Col("item"), Lit(0L)) == Lit(0L), Length(Col("bytes"))).Otherwise(0)).As("size"),
                Min(Col(StagedColumns.Offset)).As("first"),
                Max(Col(StagedColumns.Offset)).As("last"),
                // Sums need no memory, whatever the number of rows: a list of their hashes is half a gigabyte for two million.
                Sum(Md5Word(Col("bytes"), 0)), Sum(Md5Word(Col("bytes"), 1)), Sum(Md5Word(Col("bytes"), 2)), Sum(Md5Word(Col("bytes"), 3)))
            .Collect()
            .Select(row => (
                Topic: row.GetAs<string?>(0), Partition: row.GetAs<int?>(1), Read: row.GetAs<long>(2), Bad: row.GetAs<long>(3), Size: row.GetAs<long>(4),
                First: row.GetAs<long?>(5), Last: row.GetAs<long?>(6), Words: Enumerable.Range(7, 4).Select(row.GetAs<long>).ToArray()))
            .OrderBy(part => part.Topic, StringComparer.Ordinal).ThenBy(part => part.Partition)
            .ToList();
        var read = parts.Sum(part => part.Read);
        var words = Enumerable.Range(0, 4).Select(word => parts.Sum(part => part.Words[word]));
        var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{read} {string.Join(' ', words)}"))));
        return new BatchFacts(
            read, parts.Sum(part => part.Bad), parts.Sum(part => part.Size), checksum,
            Offsets(part => part.First), Offsets(part => part.Last + 1));

        string? Offsets(Func<(string? Topic, int? Partition, long Read, long Bad, long Size, long? First, long? Last, long[] Words), long?> of) =>
            parts.All(part => part.Topic is null)
                ? null
                : "{" + string.Join(',', parts.GroupBy(part => part.Topic).Select(topic =>
                    $"\"{topic.Key}\":{{{string.Join(',', topic.Select(part => string.Create(CultureInfo.InvariantCulture, $"\"{part.Partition}\":{of(part)}")))}}}")) + "}";
    }
}
