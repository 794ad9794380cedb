using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Architecture;

/// <summary>The README of each folder has the same five headings, and names each of its folders of code, so that a reader who knows one knows all.</summary>
public sealed class ReadmeShapeTests
{
    private static readonly string[] Headings = ["What it is", "Files", "Guarantees", "To change …", "Limits"];
    private static readonly string[] NotOurs = ["bin", "obj", "TestResults"];

    private static IEnumerable<TestCaseData> Readmes() =>
        Directory.EnumerateFiles(Repository.Root, "README.md", SearchOption.AllDirectories)
            .Select(static path => Path.GetRelativePath(Repository.Root, path))
            .Where(static path => path != "README.md" && !path.Split('/').Any(static part => part.StartsWith('.') || NotOurs.Contains(part)))
            .Order(StringComparer.Ordinal).Select(static path => new TestCaseData(path).SetArgDisplayNames(path));

    [TestCaseSource(nameof(Readmes))]
    public void A_README_has_the_five_headings_in_their_order(string path) =>
        Lines(path).Where(static line => line.StartsWith("## ", StringComparison.Ordinal)).Select(static line => line[3..]).Should().Equal(Headings);

    [TestCaseSource(nameof(Readmes))]
    public void A_README_names_each_folder_of_code_beside_it(string path)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, path))!;
        var text = File.ReadAllText(Path.Combine(Repository.Root, path));
        var unnamed = Directory.EnumerateDirectories(folder).Select(static each => Path.GetFileName(each)!).Where(static name => !NotOurs.Contains(name))
            .Where(name => Directory.EnumerateFiles(Path.Combine(folder, name), "*.cs").Any() && !text.Contains(name, StringComparison.Ordinal));

        unnamed.Should().BeEmpty("a reader finds a class by its folder");
    }

    private static IEnumerable<string> Lines(string path)
    {
        var isCode = false;
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, path)))
        {
            if (line.StartsWith("```", StringComparison.Ordinal)) isCode = !isCode;
            else if (!isCode) yield return line;
        }
    }
}
