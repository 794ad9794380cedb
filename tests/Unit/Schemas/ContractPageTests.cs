using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Schemas;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Schemas;

public sealed class ContractPageTests
{
    /// <summary>Set PIPELINE_WRITE_DOCS=1 to write the pages again.</summary>
    [TestCaseSource(nameof(Names))]
    public void The_committed_page_is_what_the_contract_says(string name)
    {
        var path = Path.Combine(Repository.Root, "shared", "Suite", "Schemas", "Docs", name + ".md");
        var page = ContractPage.Of(Datasets.Find(name)!);
        if (Environment.GetEnvironmentVariable("PIPELINE_WRITE_DOCS") == "1") File.WriteAllText(path, page);
        File.ReadAllText(path).Should().Be(page, "the page is made from the contract; run this test with PIPELINE_WRITE_DOCS=1 and commit what changes");
    }

    private static IEnumerable<string> Names => Datasets.All.Select(dataset => dataset.Name);
}
