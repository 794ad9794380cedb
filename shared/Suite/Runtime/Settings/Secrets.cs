using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Runtime.Settings;

/// <summary>The mask over whatever is printed or kept: a secret in an address, after a name of <see cref="SecretNames"/>, or as a PEM key is ***.</summary>
internal static partial class Secrets
{
    private const int Milliseconds = 2000;

    /// <summary>The text with passwords in URIs, connection strings, key=value lists and JSON replaced by ***. A text that takes longer than two seconds to search is left out as a whole.</summary>
    public static string Mask(string text)
    {
        try
        {
            return PrivateKey().Replace(Pair().Replace(UserInfo().Replace(text, "${start}***@"), "${name}${mark}***"), "***");
        }
        catch (RegexMatchTimeoutException)
        {
            // What was not searched may hold a secret, so that none of it is shown.
            return string.Create(CultureInfo.InvariantCulture, $"(a text of {text.Length} characters that could not be searched for secrets in time)");
        }
    }

    [GeneratedRegex(@"(?<start>://[^/\s:@]*:)[^/\s@]+@", RegexOptions.None, Milliseconds)]
    private static partial Regex UserInfo();

    /// <summary>A name, a mark (= anywhere, a colon after a quoted name) and a value, which may be quoted.</summary>
    [GeneratedRegex($"""(?<name>(?:{SecretNames.Words})[\w.\-]*)(?<mark>["']?\s*=\s*|["']\s*:\s*)(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^;&\s,]+)""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Milliseconds)]
    private static partial Regex Pair();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\\z)", RegexOptions.Singleline, Milliseconds)]
    private static partial Regex PrivateKey();
}
