using FluentAssertions;
using NUnit.Framework;
using Pipeline.Runtime;
using Pipeline.Sql;
using Pipeline.Sql.Engine;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>The same expressions over the same rows, compared by value with what Spark 4.1 answers.</summary>
[TestFixture("embedded")]
[TestFixture("spark")]
[TestFixture("spark35")]
public sealed class ExpressionTests(string engineName)
{
    private IEngine? engine;

    private IReadOnlyDictionary<string, string> Known => engineName switch
    {
        "embedded" => Divergences.Embedded,
        "spark35" => Divergences.Spark35,
        _ => Divergences.Spark4,
    };

    [OneTimeSetUp]
    public void Start() => engine = Engines.Start(engineName);

    [OneTimeTearDown]
    public void Stop() => engine?.Dispose();

    [Test]
    public void Every_expression_answers_what_Spark_answers()
    {
        var complaints = Cases.All.Select(Complaint).OfType<string>().ToArray();
        string.Join("\n", complaints).Should().BeEmpty($"{Cases.All.Count} expressions mean the same on every engine, but for the declared divergences");
    }

    [Test]
    public void Every_declared_divergence_names_a_case() => Known.Keys.Should().BeSubsetOf(Cases.All.Select(example => example.Name));

    [Test, Explicit("Records Spark's answers anew; for Spark 4.1 only.")]
    public void Record()
    {
        engineName.Should().Be("spark");
        RecordedAnswers.Write(Cases.All.Select(example => Answer.Of(example, SparkSession.ForEngine(engine!))));
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
            return (Answer.Of(example, SparkSession.ForEngine(engine!)), null);
        }
        catch (Exception error) when (error is EngineException or NotSupportedException)
        {
            return (null, error.Message);
        }
    }
}

/// <summary>Starts the engines that the tests compare.</summary>
internal static class Engines
{
    public static IEngine Start(string name)
    {
        if (name == "embedded") return EngineFactory.Create(new EngineSettings("embedded", "conformance", new Dictionary<string, string>()));
        var variable = name == "spark35" ? "SPARK35_HOME" : "SPARK_HOME";
        var home = Environment.GetEnvironmentVariable(variable);
        Server.Require(name, Directory.Exists(home) && HasSpark, $"Set {variable} to a Spark.");
        return EngineFactory.Create(new EngineSettings("local[1]", "conformance", new Dictionary<string, string> { ["spark.home"] = home!, ["spark.sql.shuffle.partitions"] = "1" }));
    }

    /// <summary>Whether the Spark engine is built in.</summary>
    private static bool HasSpark => AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == "Pipeline.Spark");
}
