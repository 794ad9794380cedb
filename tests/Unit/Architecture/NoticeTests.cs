using System.Xml.Linq;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Architecture;

public sealed class NoticeTests
{
    [Test]
    public void Each_package_that_is_shipped_has_its_license_in_the_notices()
    {
        var packages = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Root!.Elements("ItemGroup")
            .Where(static group => group.Attribute("Label") is null)
            .SelectMany(static group => group.Elements("PackageVersion"))
            .Select(static package => package.Attribute("Include")!.Value);
        var rows = File.ReadLines(Path.Combine(Repository.Root, "NOTICE.md"))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(static cells => cells.Length == 5 && cells[1] is not ("package" or "---"))
            .ToList();
        rows.Select(static cells => cells[1]).Should().BeEquivalentTo(packages);
        rows.Should().OnlyContain(static cells => cells[2].Length > 2 && cells[3].Length > 0);
    }
}
