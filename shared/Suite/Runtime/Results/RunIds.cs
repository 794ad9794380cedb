using System.Globalization;
using System.Security.Cryptography;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>Ids of runs: the start to the millisecond, and six hexadecimal digits by chance. Their order as text is the order of the starts.</summary>
internal static class RunIds
{
    public static string Next(DateTimeOffset startedAt) =>
        string.Create(CultureInfo.InvariantCulture, $"{startedAt.UtcDateTime:yyyyMMdd'T'HHmmssfff'Z'}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}");
}
