using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>What a case answers: the type of its first column and the rows as text.</summary>
/// <param name="Case">The case's name.</param>
/// <param name="Type">The type of the first column in Spark's spelling.</param>
/// <param name="Rows">The rows, in their order.</param>
internal sealed record Answer(string Case, string Type, IReadOnlyList<string> Rows)
{
    private const string Refused = "refused";

    public static Answer Of(Case example, SparkSession session)
    {
        if (example.IsRefused) return OfRefused(example, session);
        var frame = example.Make(Samples.Of(session));
        return new Answer(example.Name, frame.Schema()[0].DataType.SimpleString, [.. frame.Collect().Select(ValueText.Of)]);
    }

    /// <summary>Engines refuse in their own words: that they do, and that they do not ask to try again, is what is compared.</summary>
    private static Answer OfRefused(Case example, SparkSession session)
    {
        try
        {
            return new Answer(example.Name, "rows", [.. example.Make(Samples.Of(session)).Collect().Select(ValueText.Of)]);
        }
        catch (EngineException error)
        {
            return new Answer(example.Name, error.IsTransient ? "transient" : Refused, []);
        }
    }

    public bool IsSame(Answer other) => Type == other.Type && Rows.Count == other.Rows.Count && Rows.Zip(other.Rows).All(pair => ValueText.AreSame(pair.First, pair.Second));

    public override string ToString() => $"{Type}: {string.Join(" | ", Rows)}";
}

/// <summary>Spark's answers, recorded from Spark 4.1.1: one JSON object a line.</summary>
internal static class RecordedAnswers
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Lazy<Dictionary<string, Answer>> Recorded = new(() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Sql", "answers.jsonl")).Select(line => JsonSerializer.Deserialize<Answer>(line)!).ToDictionary(answer => answer.Case));

    public static Answer? Find(string name) => Recorded.Value.GetValueOrDefault(name);

    public static void Append(IReadOnlyList<Answer> answers) => File.AppendAllLines(SourcePath(), answers.Select(answer => JsonSerializer.Serialize(answer, Options)));

    private static string SourcePath([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "answers.jsonl");
}
