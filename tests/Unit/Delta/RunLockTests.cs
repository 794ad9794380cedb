using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Storage;

namespace Pipeline.Tests.Unit.Delta;

public class RunLockTests
{
    private TempFolder folder = null!;
    private IStorage storage = null!;

    [SetUp]
    public void Make()
    {
        folder = new TempFolder();
        storage = StorageFactory.For(folder["state"], new StorageOptions { IsPrivate = true });
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public async Task The_second_run_is_told_who_is_first()
    {
        await using var first = Acquired(await RunLock.TryAcquireAsync(storage, "run-1"));
        var held = (await RunLock.TryAcquireAsync(storage, "run-2")).Should().BeOfType<LockHeld>().Subject;
        held.Owner.Should().Be(first.Owner);
        held.Message.Should().Match($"The run 'run-1' (process {Environment.ProcessId} on '{Environment.MachineName}', since 20*Z) holds the lock '{folder["state"]}/run.lock'. Wait for it to end, or stop it.");
    }

    [Test]
    public async Task A_lock_that_is_given_back_can_be_had()
    {
        await Acquired(await RunLock.TryAcquireAsync(storage, "run-1")).DisposeAsync();
        var second = (LockAcquired)await RunLock.TryAcquireAsync(storage, "run-2");
        second.TakenOverFrom.Should().BeNull();
    }

    [Test]
    public async Task A_dead_owners_lock_is_taken_over()
    {
        var dead = Dead("run-1");
        folder.Write("state/run.lock", Json(dead));
        var acquired = (LockAcquired)await RunLock.TryAcquireAsync(storage, "run-2");
        acquired.TakenOverFrom.Should().Be(dead);
        (await RunLock.TryAcquireAsync(storage, "run-3")).Should().BeOfType<LockHeld>().Which.Owner.RunId.Should().Be("run-2");
    }

    [Test]
    public async Task Of_many_that_find_the_owner_dead_one_takes_over()
    {
        folder.Write("state/run.lock", Json(Dead("run-0")));
        var results = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Task.Run(() => RunLock.TryAcquireAsync(storage, $"run-{i}"))));
        results.OfType<LockAcquired>().Should().ContainSingle();
    }

    [Test]
    public void A_process_is_known_by_more_than_its_number()
    {
        var now = DateTimeOffset.UtcNow;
        var self = LockOwner.Current("r", now);
        self.IsDead().Should().BeFalse();
        (self with { StartTicks = self.StartTicks + 1 }).IsDead().Should().BeTrue("the number was given to another process");
        (self with { BootId = "another boot" }).IsDead().Should().BeTrue("the machine was started again");
        (self with { ProcessId = 0x3FFFFFFF }).IsDead().Should().BeTrue("there is no such process");
        (self with { Host = "elsewhere", ProcessId = 0x3FFFFFFF }).IsDead().Should().BeFalse("of another machine nothing is known");
    }

    [Test]
    public async Task Another_machines_lock_is_left_and_the_way_out_told()
    {
        folder.Write("state/run.lock", Json(Dead("run-1") with { Host = "elsewhere" }));
        (await RunLock.TryAcquireAsync(storage, "run-2")).Should().BeOfType<LockHeld>().Which.Message.Should().EndWith("Wait for it to end; if the machine 'elsewhere' is gone, delete the file and run again.");
    }

    [TestCase("")]
    [TestCase("{\"run_id\":")]
    [TestCase("{}")]
    public async Task A_lock_without_an_owner_is_refused(string content)
    {
        folder.Write("state/run.lock", content);
        var acquire = () => RunLock.TryAcquireAsync(storage, "run-2");
        (await acquire.Should().ThrowAsync<StorageException>()).WithMessage($"Cannot take the lock '{folder["state"]}/run.lock': the file does not name its owner. If no run uses the folder, delete the file and run again.");
    }

    [Test]
    public async Task A_lock_that_has_come_to_be_anothers_is_left()
    {
        var first = Acquired(await RunLock.TryAcquireAsync(storage, "run-1"));
        folder.Write("state/run.lock", Json(Dead("run-9")));
        await first.DisposeAsync();
        File.Exists(folder["state/run.lock"]).Should().BeTrue();
    }

    private static RunLock Acquired(RunLockResult result) => result.Should().BeOfType<LockAcquired>().Subject.Lock;

    private static LockOwner Dead(string runId) => LockOwner.Current(runId, DateTimeOffset.UtcNow) with { ProcessId = 0x3FFFFFFF };

    private static string Json(LockOwner owner) => JsonSerializer.Serialize(owner, new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower });
}
