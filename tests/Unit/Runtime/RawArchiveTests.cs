using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Runtime;

public sealed class RawArchiveTests
{
    [Test]
    public async Task What_a_killed_run_left_half_written_goes_and_archived_batches_stay()
    {
        using var folder = new TemporaryFolder();
        var lake = new LakeLayout(folder["lake"]);
        var source = new BatchSource("an application", 7, "topic", "stream-ingest", "run");
        var archive = Path.Combine(folder["lake"], "raw", "topic", source.ApplicationKey);
        foreach (var place in (string[])["batch=00000006", ".batch=00000007.0123.writing", ".batch=00000007.4567.old", ".batch=00000007.89ab.rows"])
        {
            Directory.CreateDirectory(Path.Combine(archive, place));
            await File.WriteAllTextAsync(Path.Combine(archive, place, "part.parquet"), "rows");
        }
        var another = Directory.CreateDirectory(Path.Combine(folder["lake"], "raw", "topic", "another0", ".batch=00000001.0123.writing")).FullName;

        await RawArchive.RemoveUnfinishedAsync(lake, "topic", source, CancellationToken.None);

        Directory.GetFileSystemEntries(archive).Select(Path.GetFileName).Should().Equal("batch=00000006");
        Directory.Exists(another).Should().BeTrue("another application's run may be writing it");
    }

    [Test]
    public async Task An_archive_that_is_not_there_yet_has_nothing_half_written()
    {
        using var folder = new TemporaryFolder();

        var act = () => RawArchive.RemoveUnfinishedAsync(new LakeLayout(folder["lake"]), "topic", new BatchSource("an application", 0, "topic", "stream-ingest", "run"), CancellationToken.None);

        await act.Should().NotThrowAsync();
    }
}
