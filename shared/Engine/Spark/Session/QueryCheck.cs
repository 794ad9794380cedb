using System.Text.RegularExpressions;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Session;

/// <summary>Whether a user's text is one query and nothing else, by its words: texts, quoted names and comments are told apart first.</summary>
/// <remarks>Spark checks nothing of the kind: a query of it may name any file that the cluster reaches, call any static method of Java and run any program.</remarks>
internal static partial class QueryCheck
{
    private static readonly HashSet<string> Openings = new(StringComparer.OrdinalIgnoreCase) { "SELECT", "WITH", "FROM", "VALUES", "TABLE", "SHOW", "DESCRIBE", "DESC" };
    private static readonly HashSet<string> JavaCalls = new(StringComparer.OrdinalIgnoreCase) { "reflect", "try_reflect", "java_method" };
    private static readonly HashSet<string> Formats = new(StringComparer.OrdinalIgnoreCase) { "csv", "json", "text", "parquet", "orc", "avro", "xml", "binaryfile", "delta", "jdbc", "hive", "libsvm", "image" };

    /// <summary>Requires that a text is one query.</summary>
    /// <param name="sql">The text.</param>
    /// <param name="allowFiles">Whether the query may read files, as in <c>csv.`path`</c>.</param>
    /// <exception cref="EngineException">The text is something else; the message says what.</exception>
    public static void Require(string sql, bool allowFiles)
    {
        var words = Words().Matches(sql).Where(static word => !word.Groups["skipped"].Success).ToList();
        var first = words.FirstOrDefault(static word => word.Value != "(");
        if (first is not null && Is(first, "EXPLAIN")) first = words.SkipWhile(word => word != first).Skip(1).FirstOrDefault(static word => !ExplainMode().IsMatch(word.Value));
        if (first is null || !Openings.Contains(first.Value)) throw QueryRefusal.NoQuery("only queries are accepted (SELECT, WITH, VALUES, FROM, DESCRIBE, SHOW), and this statement is none");
        if (words.FindIndex(static word => word.Value == ";") is >= 0 and var end && end < words.Count - 1) throw QueryRefusal.NoQuery("one query is expected, and the text has several statements");
        for (var i = 0; i + 1 < words.Count; i++)
        {
            var (word, next) = (words[i], words[i + 1]);
            if (Is(word, "INSERT") && (Is(next, "INTO") || Is(next, "OVERWRITE"))) throw QueryRefusal.NoQuery("only queries are accepted, and this statement writes");
            if (Is(word, "USING") && next.Value[0] is '\'' or '"') throw QueryRefusal.NoQuery("the query runs a program");
            if (JavaCalls.Contains(Bare(word)) && next.Value == "(") throw QueryRefusal.NoQuery($"the function '{Bare(word)}' calls Java");
            if (!allowFiles && next.Value == "." && i + 2 < words.Count && IsFile(Bare(word), Bare(words[i + 2]))) throw QueryRefusal.ReadsFiles($"the query reads the file '{Bare(words[i + 2])}'");
        }
    }

    private static bool IsFile(string qualifier, string name) => Formats.Contains(qualifier) || qualifier.Contains('.', StringComparison.Ordinal) || name.AsSpan().ContainsAny('/', '\\');

    private static bool Is(Match word, string text) => word.Value.Equals(text, StringComparison.OrdinalIgnoreCase);

    private static string Bare(Match word) => word.Value.Trim('`').Replace("``", "`", StringComparison.Ordinal);

    [GeneratedRegex("""(?<skipped>\s+|--[^\n]*|/\*.*?(?:\*/|\z))|\w+|`(?:[^`]|``)*`|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|.""", RegexOptions.Singleline)]
    private static partial Regex Words();

    [GeneratedRegex(@"\A(?:EXTENDED|FORMATTED|CODEGEN|COST|\()\z", RegexOptions.IgnoreCase)]
    private static partial Regex ExplainMode();
}
