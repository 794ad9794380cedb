using System.Reflection;
using FluentAssertions;
using NUnit.Framework;

namespace Pipeline.Tests.Unit.Architecture;

/// <summary>Which of our assemblies may see which: the graph of the README.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Pipeline.Schemas"] = [],
        ["Pipeline.Files"] = ["Pipeline.Schemas"],
        ["Pipeline.Kafka"] = [],
        ["Pipeline.Sql"] = ["Pipeline.Schemas"],
        ["Pipeline.Lake"] = ["Pipeline.Schemas"],
        ["Pipeline.Spark"] = ["Pipeline.Schemas", "Pipeline.Sql"],
        ["Pipeline.Embedded"] = ["Pipeline.Schemas", "Pipeline.Sql", "Pipeline.Lake", "Pipeline.Kafka"],
        ["Pipeline.Export"] = ["Pipeline.Schemas", "Pipeline.Sql"],
        ["Pipeline.Reports"] = ["Pipeline.Schemas", "Pipeline.Sql"],
        ["producer"] = ["Pipeline.Schemas", "Pipeline.Files", "Pipeline.Kafka"],
        // What a data set does is functions from table to table: no engine, no lake, no runtime; what is drawn is a function too.
        ["Pipeline.Jobs.Datasets"] = ["Pipeline.Schemas", "Pipeline.Sql", "Pipeline.Reports"],
    };

    [TestCaseSource(nameof(Assemblies))]
    public void An_assembly_sees_only_what_the_graph_allows(string name)
    {
        var ours = Assembly.Load(name).GetReferencedAssemblies().Select(reference => reference.Name!).Where(IsOurs);
        ours.Should().BeSubsetOf(Allowed[name]);
    }

    [Test]
    public void Jobs_never_see_an_engine()
    {
        foreach (var job in (string[])["StreamIngest", "HdfsEnrich", "MetricsExport", "BatchEtl"])
            Assembly.Load(job).GetReferencedAssemblies().Select(reference => reference.Name).Should().NotContain(["Pipeline.Embedded", "Pipeline.Spark", "DuckDB.NET.Data", "Confluent.Kafka"], "of {0}", job);
    }

    private static IEnumerable<string> Assemblies => Allowed.Keys;

    private static bool IsOurs(string name) => name.StartsWith("Pipeline.", StringComparison.Ordinal) || name is "producer" or "pipeline";
}
