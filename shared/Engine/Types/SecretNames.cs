using System.Text.RegularExpressions;

namespace Pipeline.Engine.Types;

/// <summary>Names that speak of secrets: the one list of words for settings, arguments, environments and messages. <c>spark-submit/common.sh</c> has the same one, and a test compares them.</summary>
public static partial class SecretNames
{
    /// <summary>The words, as an extended regular expression that is matched without case.</summary>
    /// <remarks>Those of Spark's <c>spark.redaction.regex</c>, Hadoop's keys, and the keys of Kafka's clients, Java's and librdkafka's.</remarks>
    public const string Words =
        "secret|password|passwd|pass.?phrase|pwd|token|api.?key|access.?key|account.?key|private.?key|keystore.?key|key.?pem|credential|jaas|user.?info|[.]sas[.]";

    /// <summary>Whether a setting of this name holds a secret.</summary>
    public static bool IsSecret(string name) => Pattern().IsMatch(name);

    [GeneratedRegex(Words, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
