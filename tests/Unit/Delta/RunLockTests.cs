using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

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
        (await RunLock.TryAcquireAsync(storage, "run-2")).Should().BeOfType<LockHeld>().Which.Message.Should().EndWith("Wait for it to end; if the machine 'elsewhere' is gone, take the lock away with 'pipeline unlock' and run again.", "an earlier release has no lease");
        (await RunLock.BreakAsync(storage)).Should().BeTrue();
        Acquired(await RunLock.TryAcquireAsync(storage, "run-2")).Owner.RunId.Should().Be("run-2");
    }

    [Test]
    public async Task Another_machines_lock_is_taken_over_when_its_lease_ran_out_and_not_before()
    {
        var gone = LockOwner.Current("run-1", DateTimeOffset.UtcNow) with { Host = "elsewhere", LeaseSeconds = 120 };
        folder.Write("state/run.lock", Json(gone));
        (await RunLock.TryAcquireAsync(storage, "run-2")).Should().BeOfType<LockHeld>().Which.Message.Should().EndWith("the lock is free 120 s after its last sign of life, or at once with 'pipeline unlock'.");
        File.SetLastWriteTimeUtc(folder["state/run.lock"], DateTime.UtcNow.AddMinutes(-10));
        var beat = $"state/run.lock.beat-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("run-1"u8))[..16]}";
        folder.Write(beat, "{}");
        (await RunLock.TryAcquireAsync(storage, "run-2")).Should().BeOfType<LockHeld>("it has just renewed its lease");
        File.SetLastWriteTimeUtc(folder[beat], DateTime.UtcNow.AddSeconds(-121));

        var acquired = (LockAcquired)await RunLock.TryAcquireAsync(storage, "run-2");

        acquired.TakenOverFrom.Should().Be(gone);
        Directory.GetFiles(folder["state"]).Select(Path.GetFileName).Should().HaveCount(3).And.Contain("run.lock").And.Contain(static name => name!.StartsWith("run.lock.ousted-", StringComparison.Ordinal)).And.OnlyContain(static name => !name!.Contains("beat") && !name.Contains("probe"));
    }

    [Test]
    public async Task A_run_renews_its_lease_and_one_whose_lock_was_taken_commits_nothing_more()
    {
        var lease = TimeSpan.FromSeconds(30);
        await using var first = Acquired(await RunLock.TryAcquireAsync(storage, "run-1", lease / 100, default));
        var beating = new TaskCompletionSource();
        using (var watcher = new FileSystemWatcher(folder["state"], "run.lock.beat-*"))
        {
            watcher.Renamed += (_, _) => beating.TrySetResult();
            watcher.Created += (_, _) => beating.TrySetResult();
            watcher.EnableRaisingEvents = true;
            await beating.Task.WaitAsync(lease);
        }
        await first.RequireAsync();

        folder.Write("state/run.lock", Json(Dead("run-9")));

        var require = () => first.RequireAsync();
        await require.Should().ThrowAsync<LockLostException>().WithMessage("The run 'run-1' has lost the lock*nothing more is committed*");
        var waiting = () => Task.Delay(lease, first.Lost);
        await waiting.Should().ThrowAsync<OperationCanceledException>("a run hears that its lock is gone");
    }

    [Test]
    public async Task Who_lost_the_lock_and_may_live_is_told_to_the_next_owners_until_one_has_closed_its_tables_to_it()
    {
        folder.Write("state/run.lock", Json(LockOwner.Current("run-1", DateTimeOffset.UtcNow) with { Host = "elsewhere", LeaseSeconds = 120 }));
        File.SetLastWriteTimeUtc(folder["state/run.lock"], DateTime.UtcNow.AddMinutes(-10));
        var second = Acquired(await RunLock.TryAcquireAsync(storage, "run-2"));
        second.Ousted.Should().Equal("run-1");
        (await RunLock.BreakAsync(storage)).Should().BeTrue();

        var third = Acquired(await RunLock.TryAcquireAsync(storage, "run-3"));
        third.Ousted.Should().BeEquivalentTo("run-1", "run-2");
        await third.ForgetOustedAsync();
        await third.DisposeAsync();

        folder.Write("state/run.lock", Json(Dead("run-4")));
        await using var fifth = Acquired(await RunLock.TryAcquireAsync(storage, "run-5"));
        fifth.Ousted.Should().BeEmpty("what is known to be dead commits nothing");
        await second.DisposeAsync();
    }

    [Test]
    public async Task A_commit_follows_no_fence_that_was_raised_against_its_run_also_where_it_asked_for_its_lock_before()
    {
        await using var held = Acquired(await RunLock.TryAcquireAsync(storage, "run-1"));
        var log = DeltaLog.For(folder["table"]);
        var columns = new StructType(new StructField("id", new LongType()));
        var making = await log.BeginCreateOrAppendAsync(columns);
        (await making.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>();
        using var guard = CommitGuard.Enter(held);
        var planned = await log.BeginCreateOrAppendAsync(columns);
        await RunFence.RaiseAsync(log, "run-0");
        (await planned.CommitAsync(Operation.Write("Append", []))).Should().BeOfType<Committed>("the fence is another run's");

        planned = await log.BeginCreateOrAppendAsync(columns);
        await RunFence.RaiseAsync(DeltaLog.For(folder["table"]), "run-1");
        var commit = () => planned.CommitAsync(Operation.Write("Append", []));

        await commit.Should().ThrowAsync<LockLostException>().WithMessage("The run 'run-1' has lost its lock*closed the table*");
        (await log.LoadExistingAsync()).Version.Should().Be(3, "two commits and two fences");
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
