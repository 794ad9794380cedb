using System.Text.RegularExpressions;

namespace Pipeline.Suite.Runtime.Settings;

/// <summary>What must not be printed, and its mask.</summary>
internal static partial class Secrets
{
    /// <summary>The text with passwords in URIs, connection strings and key=value lists replaced by ***.</summary>
    public static string Mask(string text) => Pair().Replace(UserInfo().Replace(text, "${start}***@"), "${name}${mark}***");

    /// <summary>Whether a key of Kafka or Spark holds a secret by its name.</summary>
    public static bool IsSecretKey(string key) => SecretName().IsMatch(key);

    [GeneratedRegex(@"(?<start>://[^/\s:@]*:)[^/\s@]+@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<name>\b(?:password|pwd|secret|token|passwd|pass phrase|passphrase))(?<mark>\s*=\s*)(?:""[^""]*""|'[^']*'|[^;&\s,]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Pair();

    [GeneratedRegex("password|secret|token|jaas|credential|ssl\\.key\\.pem", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
