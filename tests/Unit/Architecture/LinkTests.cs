using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Architecture;

/// <summary>Links and paths in the pages of the repository lead somewhere.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] Built = ["bin", "obj", "TestResults", ".git"];

    [TestCaseSource(nameof(Pages))]
    public void Each_link_of_a_page_leads_to_a_file_or_folder(string page)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, page))!;
        var links = Links().Matches(File.ReadAllText(Path.Combine(Repository.Root, page))).Select(static match => match.Groups[1].Value.Split('#')[0]);
        var inside = links.Where(static link => link.Length > 0 && !link.Contains("://", StringComparison.Ordinal));
        inside.Where(link => !Path.Exists(Path.Combine(folder, link))).Should().BeEmpty();
    }

    [TestCaseSource(nameof(Pages))]
    public void Each_path_below_shared_that_a_page_names_exists(string page)
    {
        var named = SharedPaths().Matches(File.ReadAllText(Path.Combine(Repository.Root, page))).Select(static match => match.Value.TrimEnd('.', '/'));
        named.Where(static path => !Path.Exists(Path.Combine(Repository.Root, path))).Should().BeEmpty();
    }

    private static IEnumerable<string> Pages() => Directory.EnumerateFiles(Repository.Root, "*.md", SearchOption.AllDirectories)
        .Select(static file => Path.GetRelativePath(Repository.Root, file))
        .Where(static path => !path.Split('/').Any(Built.Contains));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"(?<![\w./-])shared/(?:Engine|Suite)[\w./-]*")]
    private static partial Regex SharedPaths();
}
