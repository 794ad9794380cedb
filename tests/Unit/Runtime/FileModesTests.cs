using System.Runtime.Versioning;
using FluentAssertions;
using NUnit.Framework;

namespace Pipeline.Tests.Unit.Runtime;

/// <summary>Who may read what of a lake: tables and runs as the umask says, raw messages, quarantine and checkpoints their owner alone.</summary>
[SupportedOSPlatform("linux")]
public class FileModesTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Shared = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private static readonly string[] PrivateFolders = ["raw", "quarantine", "checkpoints"];

    [TestCase(true)]
    [TestCase(false)]
    public async Task Private_folders_are_closed_whether_the_lake_was_there_or_not(bool isThere)
    {
        var world = new FakeWorld();
        if (isThere) Directory.CreateDirectory(world.Lake, Shared);

        (await world.RunAsync(new FakeJob())).Should().Be(0, world.Error);

        foreach (var name in PrivateFolders) Mode(world, name).Should().Be(Private, name);
        Mode(world, "").Should().HaveFlag(UnixFileMode.UserExecute);
        (Mode(world, "") & UnixFileMode.GroupExecute).Should().Be(Umask(UnixFileMode.GroupExecute), "the root follows the umask");
        foreach (var place in Directory.EnumerateFileSystemEntries(Path.Combine(world.Lake, "runs"), "*", SearchOption.AllDirectories))
            (File.GetUnixFileMode(place) & UnixFileMode.GroupRead).Should().Be(Umask(UnixFileMode.GroupRead), "schedulers read '{0}'", place);
    }

    [Test]
    public async Task Folders_that_an_earlier_version_left_open_are_closed()
    {
        var world = new FakeWorld();
        foreach (var name in PrivateFolders) Directory.CreateDirectory(Path.Combine(world.Lake, name), Shared);

        (await world.RunAsync(new FakeJob())).Should().Be(0, world.Error);

        foreach (var name in PrivateFolders) Mode(world, name).Should().Be(Private, name);
    }

    [Test]
    public async Task A_group_that_somebody_let_in_stays_in()
    {
        var world = new FakeWorld();
        var quarantine = Path.Combine(world.Lake, "quarantine");
        Directory.CreateDirectory(quarantine);
        File.SetUnixFileMode(quarantine, Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);

        (await world.RunAsync(new FakeJob())).Should().Be(0, world.Error);

        Mode(world, "quarantine").Should().HaveFlag(UnixFileMode.GroupRead);
    }

    [Test]
    public async Task A_job_that_only_looks_makes_and_closes_nothing()
    {
        var world = new FakeWorld();

        (await world.RunAsync(new FakeJob { ChangesLake = false })).Should().Be(0, world.Error);

        Directory.Exists(world.Lake).Should().BeFalse();
    }

    private static UnixFileMode Mode(FakeWorld world, string name) => File.GetUnixFileMode(Path.Combine(world.Lake, name));

    /// <summary>What of a mode this process's umask leaves.</summary>
    private static UnixFileMode Umask(UnixFileMode mode)
    {
        var probe = Directory.CreateDirectory(Path.Combine(TestContext.CurrentContext.WorkDirectory, $"umask-{Guid.NewGuid():N}"));
        return probe.UnixFileMode & mode;
    }
}
