using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Embedded;

public sealed class SessionFolderTests
{
    [Test]
    public void It_goes_with_its_session()
    {
        using var root = new TemporaryFolder();
        using (var folder = SessionFolder.Create(root.Path)) File.WriteAllText(Path.Combine(folder.Path, "spilled"), "rows");
        Directory.GetFileSystemEntries(root.Path).Should().BeEmpty();
    }

    [Test]
    public void What_a_killed_process_left_goes_when_the_next_session_begins()
    {
        using var root = new TemporaryFolder();
        var left = Directory.CreateDirectory(Path.Combine(root.Path, "pipeline-embedded-left")).FullName;
        File.WriteAllText(Path.Combine(left, ".lock"), "");
        File.WriteAllText(Path.Combine(left, "spilled"), "rows");
        using var next = SessionFolder.Create(root.Path);
        Directory.GetDirectories(root.Path).Should().Equal(next.Path);
    }

    [Test]
    public void A_living_session_keeps_its_own_and_a_folder_of_others_stays()
    {
        using var root = new TemporaryFolder();
        var foreign = Directory.CreateDirectory(Path.Combine(root.Path, "pipeline-embedded-notes")).FullName;
        using var first = SessionFolder.Create(root.Path);
        using var second = SessionFolder.Create(root.Path);
        Directory.GetDirectories(root.Path).Should().BeEquivalentTo(foreign, first.Path, second.Path);
    }
}
