using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>The same expressions over the same rows, compared by value with what Spark 4.1 answers.</summary>
[TestFixture("embedded")]
[TestFixture("spark")]
[TestFixture("spark35", Category = Lane.Nightly)]
public sealed class ExpressionTests(string engineName)
{
    private IEngine engine = null!;

    private IReadOnlyDictionary<string, string> Known => engineName switch
    {
        "embedded" => Divergences.Embedded,
        "spark35" => Divergences.Spark35,
        _ => Divergences.Spark4,
    };

    [OneTimeSetUp]
    public void Start() => engine = Engines.Get(engineName);

    [Test]
    public void Every_expression_answers_what_Spark_answers()
    {
        var complaints = Cases.All.Select(Complaint).OfType<string>().ToArray();
        string.Join("\n", complaints).Should().BeEmpty($"{Cases.All.Count} expressions mean the same on every engine, but for the declared divergences");
    }

    [Test]
    public void Every_declared_divergence_names_a_case() => Known.Keys.Should().BeSubsetOf(Cases.All.Select(example => example.Name));

    [Test, Explicit("Records Spark's answers to the cases that have none; for Spark 4.1 only.")]
    public void Record()
    {
        engineName.Should().Be("spark");
        RecordedAnswers.Append([.. Cases.All.Where(example => RecordedAnswers.Find(example.Name) is null).Select(example => Answer.Of(example, SparkSession.ForEngine(engine)))]);
    }

    private string? Complaint(Case example)
    {
        if (RecordedAnswers.Find(example.Name) is not { } expected) return $"'{example.Name}' has no answer recorded from Spark (README).";
        var (actual, refusal) = Ask(example);
        var isSame = actual is not null && actual.IsSame(expected);
        if (Known.TryGetValue(example.Name, out var reason)) return isSame ? $"'{example.Name}' is declared to diverge and does not ({reason}) Take the entry out." : null;
        return isSame ? null : $"'{example.Name}'\n  should be {expected}\n  and is    {actual?.ToString() ?? refusal}";
    }

    private (Answer? Answer, string? Refusal) Ask(Case example)
    {
        try
        {
            return (Answer.Of(example, SparkSession.ForEngine(engine)), null);
        }
        catch (Exception error) when (error is EngineException or NotSupportedException)
        {
            return (null, error.Message);
        }
    }
}
