using System.Reflection;
using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Architecture;

/// <summary>Which of our assemblies may see which: the graph of the README.</summary>
public sealed class DependencyTests
{
    private const string Types = "Pipeline.Engine.Types";
    private const string Sql = "Pipeline.Engine.Sql";
    private const string Storage = "Pipeline.Engine.Storage";
    private const string Delta = "Pipeline.Engine.Delta";
    private const string Files = "Pipeline.Engine.Files";
    private const string Kafka = "Pipeline.Engine.Kafka";
    private const string Embedded = "Pipeline.Engine.Embedded";
    private const string Spark = "Pipeline.Engine.Spark";
    private const string UserFunctions = "Pipeline.Engine.UserFunctions";
    private const string Schemas = "Pipeline.Suite.Schemas";
    private const string Loading = "Pipeline.Suite.Loading";
    private const string Runtime = "Pipeline.Suite.Runtime";
    private const string Export = "Pipeline.Suite.Export";
    private const string Reports = "Pipeline.Suite.Reports";
    private const string Flows = "Pipeline.Jobs.Datasets";
    private const string Outputs = "Pipeline.Jobs.Outputs";

    /// <summary>What a job may see of the suite and the engine's library; an engine itself is not among it.</summary>
    private static readonly string[] ForJobs = [Types, Sql, Storage, Delta, Files, Kafka, Schemas, Loading, Runtime, Export, Reports, Flows, Outputs];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        [Types] = [],
        [Storage] = [],
        [Sql] = [Types],
        [Delta] = [Types, Storage],
        [Files] = [Types],
        [Kafka] = [Types],
        [UserFunctions] = [Types, Sql],
        // The two engines never see each other.
        [Embedded] = [Types, Sql, Storage, Delta, Kafka, UserFunctions],
        [Spark] = [Types, Sql, Kafka, UserFunctions],
        [Schemas] = [Types],
        [Export] = [Types, Sql, Storage],
        [Reports] = [Types, Sql],
        [Loading] = [Types, Sql, Storage, Delta, Files, Kafka, Schemas, Export],
        // The one place that knows both engines.
        [Runtime] = [Types, Sql, Storage, Delta, Files, Kafka, Embedded, Spark, Schemas, Loading, Export, Reports],
        // What a data set does is functions from table to table: no engine, no lake, no runtime; what is drawn is a function too.
        [Flows] = [Types, Sql, Schemas, Reports],
        ["producer"] = [Types, Sql, Files, Kafka, Schemas, Runtime],
        [Outputs] = [Types, Sql, Storage, Schemas, Loading, Runtime, Export, Flows],
        ["StreamIngest"] = ForJobs,
        ["HdfsEnrich"] = ForJobs,
        ["MetricsExport"] = ForJobs,
        ["BatchEtl"] = [.. ForJobs, "HdfsEnrich", "MetricsExport"],
        // Its doctor and its commands for tables look at what an engine needs.
        ["pipeline"] = [.. ForJobs, Embedded, Spark, "producer", "StreamIngest", "HdfsEnrich", "MetricsExport", "BatchEtl"],
    };

    [TestCaseSource(nameof(Assemblies))]
    public void An_assembly_sees_only_what_the_graph_allows(string name)
    {
        var ours = Assembly.Load(name).GetReferencedAssemblies().Select(reference => reference.Name!).Where(IsOurs);
        ours.Should().BeSubsetOf(Allowed[name]);
    }

    [Test]
    public void Every_project_outside_the_tests_stands_in_the_graph()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Pipeline.sln"));
        var projects = Regex.Matches(solution, "\"(?<path>[^\"]+)\\.csproj\"").Select(match => match.Groups["path"].Value.Replace('\\', '/'));
        var shipped = projects.Where(path => !path.StartsWith("tests/", StringComparison.Ordinal)).Select(AssemblyOf);
        shipped.Should().BeEquivalentTo(Allowed.Keys);
    }

    private static IEnumerable<string> Assemblies => Allowed.Keys;

    private static string AssemblyOf(string project) => project.Split('/') switch
    {
        ["shared", var wing, .., var name] => $"Pipeline.{wing}.{name}",
        [.., "Datasets"] => Flows,
        [.., "Outputs"] => Outputs,
        [.., "Pipeline"] => "pipeline",
        var parts => parts[^1],
    };

    private static bool IsOurs(string name) => name.StartsWith("Pipeline.", StringComparison.Ordinal) || Allowed.ContainsKey(name);
}
