using System.Text.RegularExpressions;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Runtime.Settings;

/// <summary>The mask over whatever is printed or kept: a secret in an address, after a name of <see cref="SecretNames"/>, or as a PEM key is ***.</summary>
internal static partial class Secrets
{
    /// <summary>The text with passwords in URIs, connection strings, key=value lists and JSON replaced by ***.</summary>
    public static string Mask(string text) => PrivateKey().Replace(Pair().Replace(UserInfo().Replace(text, "${start}***@"), "${name}${mark}***"), "***");

    [GeneratedRegex(@"(?<start>://[^/\s:@]*:)[^/\s@]+@")]
    private static partial Regex UserInfo();

    /// <summary>A name, a mark (= anywhere, a colon after a quoted name) and a value, which may be quoted.</summary>
    [GeneratedRegex($"""(?<name>(?:{SecretNames.Words})[\w.\-]*)(?<mark>["']?\s*=\s*|["']\s*:\s*)(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^;&\s,]+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pair();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\\z)", RegexOptions.Singleline)]
    private static partial Regex PrivateKey();
}
