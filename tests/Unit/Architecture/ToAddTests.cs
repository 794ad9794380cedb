using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Architecture;

/// <summary>The README's lists of the files that make a new thing: each is what its example is made of, no file less and none more.</summary>
public sealed partial class ToAddTests
{
    private static readonly string[] Texts = [".cs", ".sh", ".jsonl", ".md"];
    private static readonly string[] Built = ["bin", "obj", "TestResults", ".git"];
    private static readonly Lazy<IReadOnlyList<SourceText>> Sources = new(ReadAll);

    [TestCaseSource(nameof(Rows))]
    public void The_files_of_a_row_are_those_of_its_example(string kind, string[] files, string[] words)
    {
        words.Should().NotBeEmpty("the row '{0}' names the words of its example", kind);
        var mentions = Sources.Value.Where(source => words.Any(word => Mentions(source.Text, word))).Select(static source => source.Path);
        mentions.Should().BeEquivalentTo(files, "these files have {0}", string.Join(" or ", words));
    }

    [Test]
    public void The_files_of_a_new_data_set_exist()
    {
        var section = Readme()[Readme().IndexOf("### To add a data set", StringComparison.Ordinal)..];
        var files = section.Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(Quoted).Where(static text => Texts.Contains(Path.GetExtension(text)) && !text.Contains(' ', StringComparison.Ordinal)).ToList();
        files.Should().HaveCountGreaterThan(8);
        files.Where(static file => !File.Exists(Path.Combine(Repository.Root, file))).Should().BeEmpty();
    }

    [Test]
    public void There_is_a_row_for_each_kind() =>
        Rows().Select(static row => (string)row.Arguments[0]!).Should().BeEquivalentTo("a column", "a function", "a job", "a command", "a sink", "a store", "a table feature", "an exit code");

    private static IEnumerable<TestCaseData> Rows() => Readme().Split('\n')
        .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
        .Where(static cells => cells.Length == 5 && (cells[1].StartsWith("a ", StringComparison.Ordinal) || cells[1].StartsWith("an ", StringComparison.Ordinal)))
        .Select(static cells => new TestCaseData(cells[1], Quoted(cells[2]).ToArray(), Quoted(cells[3]).ToArray()).SetArgDisplayNames(cells[1]));

    private static string Readme() => File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    private static IEnumerable<string> Quoted(string text) => InBackticks().Matches(text).Select(static match => match.Groups[1].Value);

    private static bool Mentions(string text, string word) =>
        Regex.IsMatch(text, char.IsLetter(word[0]) ? $@"\b{Regex.Escape(word)}\b" : Regex.Escape(word));

    /// <summary>All texts of the checkout, but for pages about many things: the root's and those of folders.</summary>
    private static IReadOnlyList<SourceText> ReadAll() =>
    [
        .. Directory.EnumerateFiles(Repository.Root, "*", SearchOption.AllDirectories)
            .Where(static file => Texts.Contains(Path.GetExtension(file)))
            .Select(static file => (File: file, Path: Path.GetRelativePath(Repository.Root, file)))
            .Where(static file => !file.Path.Split('/').Any(Built.Contains) && IsSource(file.Path))
            .Select(static file => new SourceText(file.Path, File.ReadAllText(file.File))),
    ];

    private static bool IsSource(string path) =>
        !path.EndsWith($"{nameof(ToAddTests)}.cs", StringComparison.Ordinal)
        && (!path.EndsWith(".md", StringComparison.Ordinal) || path.Contains("/Docs/", StringComparison.Ordinal));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InBackticks();

    private sealed record SourceText(string Path, string Text);
}
