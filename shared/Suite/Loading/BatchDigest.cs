using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>What the rows of a batch are as received.</summary>
/// <param name="SizeBytes">Bytes of the rows as received.</param>
/// <param name="Checksum">SHA-256 in hex over the number of rows and the sums of the words of their MD5, whatever their order: the same whenever the same rows come again.</param>
internal sealed record BatchDigest(long SizeBytes, string Checksum)
{
    /// <summary>Reads the staged rows, which must stay until this returns.</summary>
    public static BatchDigest Of(DataFrame staged)
    {
        var sums = staged
            .Select(Col(StagedColumns.Item).As("item"), Encode(Coalesce(Col(StagedColumns.Raw), Col(StagedColumns.RawBase64), Lit("")), "UTF-8").As("bytes"))
            .Agg(
                Count(Lit(1)),
                // A message that holds several rows is counted once.
                Sum(When(Coalesce(Col("item"), Lit(0L)) == Lit(0L), Length(Col("bytes"))).Otherwise(0)),
                // Sums need no memory, whatever the number of rows: a list of their hashes is half a gigabyte for two million.
                Sum(Md5Word(Col("bytes"), 0)), Sum(Md5Word(Col("bytes"), 1)), Sum(Md5Word(Col("bytes"), 2)), Sum(Md5Word(Col("bytes"), 3)))
            .Collect().Single().Values.Select(static sum => (long?)sum ?? 0).ToList();
        var text = string.Create(CultureInfo.InvariantCulture, $"{sums[0]} {string.Join(' ', sums[2..])}");
        return new BatchDigest(sums[1], Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }
}
