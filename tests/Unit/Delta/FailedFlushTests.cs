using System.IO.Pipes;
using System.Text;
using FluentAssertions;
using Microsoft.Win32.SafeHandles;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Streaming;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Tests.Unit.Delta;

/// <summary>A disk that refuses to flush fails the step, and nothing is built on what it did not take.</summary>
public sealed class FailedFlushTests
{
    private const int InputOutputError = 5;
    private const int InvalidArgument = 22;
    private static readonly StructType Columns = new(new StructField("id", new LongType(), false));
    private static readonly Operation Append = Operation.Write("Append", []);
    private TempFolder folder = null!;
    private IStorage storage = null!;

    [SetUp]
    public void Make()
    {
        folder = new TempFolder();
        storage = StorageFactory.For(folder.Path);
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void The_system_calls_own_error_comes_through()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var handle = new SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);
        var flush = () => DiskFlush.File(handle, "a pipe");
        flush.Should().Throw<FlushException>().WithMessage("Cannot flush 'a pipe' to the disk: Invalid argument.*").Which.Errno.Should().Be(InvalidArgument);

        using var device = new FileStream("/dev/null", FileMode.Open, FileAccess.Write);
        device.WriteByte(1);
        var flushDevice = () => DiskFlush.Stream(device);
        flushDevice.Should().Throw<FlushException>(".NET's own Flush(true) says nothing here").Which.HResult.Should().Be(InvalidArgument);
        device.Flush(flushToDisk: true);
    }

    [Test]
    public void A_folder_that_is_not_there_cannot_be_flushed()
    {
        var flush = () => DiskFlush.Folder(folder["none"]);
        flush.Should().Throw<FlushException>().WithMessage($"Cannot flush '{folder["none"]}' to the disk: No such file or directory.*");
    }

    [TestCase("put if absent")]
    [TestCase("put")]
    [TestCase("put in place of")]
    [TestCase("put a file")]
    [TestCase("flush")]
    public async Task A_file_that_cannot_be_flushed_is_not_published(string how)
    {
        await storage.PutAsync("log/old", Bytes("old"));
        folder.Write("local", "new");
        using (Failing(static path => !Directory.Exists(path)))
        {
            var act = () => Do(how);
            (await act.Should().ThrowAsync<StorageException>()).WithMessage("Cannot flush '*' to the disk: Input/output error.*").Which.Should().Match<StorageException>(static error => error.IsTransient && error.IsFlushFailure);
        }
        if (how != "flush") File.Exists(folder["log/new"]).Should().BeFalse();
        Directory.GetFiles(folder["log"], ".*").Should().BeEmpty("no temporary file is left");
    }

    [TestCase("put if absent")]
    [TestCase("put")]
    [TestCase("put in place of")]
    [TestCase("put a file")]
    [TestCase("flush")]
    [TestCase("rename")]
    [TestCase("create a folder")]
    public async Task A_name_that_cannot_be_flushed_fails_the_step(string how)
    {
        await storage.PutAsync("log/old", Bytes("old"));
        folder.Write("local", "new");
        using var failing = Failing(Directory.Exists);
        var act = () => Do(how);
        (await act.Should().ThrowAsync<StorageException>()).Which.Should().Match<StorageException>(static error => error.IsTransient && error.IsFlushFailure);
    }

    [Test]
    public async Task A_file_that_is_there_already_is_taken_for_there_only_once_its_name_is_flushed()
    {
        using (Failing(Directory.Exists))
        {
            var act = () => storage.PutIfAbsentAsync("x", Bytes("mine"));
            await act.Should().ThrowAsync<StorageException>();
            File.Exists(folder["x"]).Should().BeTrue("it has its name, which a power cut may take");
            await act.Should().ThrowAsync<StorageException>();
        }
        (await storage.PutIfAbsentAsync("x", Bytes("mine"))).Should().Be(PutResult.Exists);
    }

    [Test]
    public async Task A_full_disk_is_named_as_that()
    {
        using var failing = DiskFlush.Intercept(static _ => 28);
        var act = () => storage.PutIfAbsentAsync("x", Bytes("mine"));
        (await act.Should().ThrowAsync<StorageException>()).WithMessage("Cannot write '*/x': the disk is full.*").Which.IsTransient.Should().BeTrue();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task A_batch_is_neither_planned_nor_committed(bool isFile)
    {
        await using var checkpoint = await Checkpoint.OpenAsync(storage, 1, 100, Guid.NewGuid(), CancellationToken.None);
        var plan = () => checkpoint.PlanAsync(new PlannedBatch(0, 5, ["{}"]), CancellationToken.None);
        using (Failing(path => Directory.Exists(path) != isFile)) (await plan.Should().ThrowAsync<StorageException>()).Which.IsTransient.Should().BeTrue();
        checkpoint.LastPlanned.Should().BeNull();
        File.Delete(folder["offsets/0"]);
        await plan();
        var commit = () => checkpoint.CommitAsync(CancellationToken.None);
        using (Failing(path => Directory.Exists(path) != isFile)) (await commit.Should().ThrowAsync<StorageException>()).Which.IsTransient.Should().BeTrue();
        checkpoint.IsLastDone.Should().BeFalse();
    }

    [Test]
    public async Task A_version_whose_file_cannot_be_flushed_is_not_committed()
    {
        var log = await MakeTableAsync();
        var transaction = await log.BeginAsync();
        transaction.Append([new DataFile("b", 10, DataFile.NoPartitions, new FileStatistics(1), DateTimeOffset.UnixEpoch)]);
        using (Failing(static path => path.Contains(".json", StringComparison.Ordinal))) (await transaction.CommitAsync(Append)).Should().BeOfType<Retryable>().Which.Cause.Should().BeOfType<StorageException>();
        (await DeltaLog.For(folder.Path).LoadExistingAsync()).Version.Should().Be(0);
        transaction.MayStand.Should().BeFalse();
    }

    [Test]
    public async Task A_version_whose_name_cannot_be_flushed_is_not_said_to_stand_and_not_skipped_as_done_before_it_can()
    {
        var log = await MakeTableAsync();
        var transaction = await log.BeginAsync();
        transaction.Append([new DataFile("b", 10, DataFile.NoPartitions, new FileStatistics(1), DateTimeOffset.UnixEpoch)]);
        transaction.SetTransaction("stream", 7);
        var flushes = 0;
        using (DiskFlush.Intercept(path => path.EndsWith("_delta_log", StringComparison.Ordinal) && ++flushes > 0 ? InputOutputError : 0))
        {
            (await transaction.CommitAsync(Append)).Should().BeOfType<Retryable>();
            flushes.Should().Be(1, "a second flush that succeeds would prove nothing");
            transaction.MayStand.Should().BeTrue("its files must stay");
        }
        var again = await DeltaLog.For(folder.Path).BeginAsync();
        again.Snapshot!.Version.Should().Be(1);
        var isDone = () => again.IsDoneAsync("stream", 7);
        using (Failing(Directory.Exists)) await isDone.Should().ThrowAsync<StorageException>();
        (await isDone()).Should().BeTrue();
    }

    [Test]
    public void An_exported_file_stays_as_it_was()
    {
        folder.Write("out.csv", "old");
        var write = () => AtomicFile.Write(folder["out.csv"], static stream => stream.Write("new"u8));
        using (Failing(static path => !Directory.Exists(path))) write.Should().Throw<FlushException>();
        File.ReadAllText(folder["out.csv"]).Should().Be("old");
        Directory.GetFiles(folder.Path).Should().ContainSingle();
        using (Failing(Directory.Exists)) write.Should().Throw<FlushException>();
    }

    [Test]
    public void The_run_ends_as_one_that_may_be_tried_again()
    {
        var flush = new FlushException("/disk/file", InputOutputError);
        Failure.Of(flush).ExitCode.Should().Be(ExitCodes.Transient);
        Failure.Of(new StorageException(flush.Message, flush) { IsTransient = true }).Should().Be(new Failure(RunStatus.Failed, ExitCodes.Transient,
            "Cannot flush '/disk/file' to the disk: Input/output error. The write is not safe from a power cut, so nothing is committed after it. Check the disk (the kernel's log names the fault), then run the same command again."));
    }

    private Task Do(string how) => how switch
    {
        "put if absent" => storage.PutIfAbsentAsync("log/new", Bytes("new")),
        "put" => storage.PutAsync("log/new", Bytes("new")),
        "put in place of" => storage.PutInPlaceOfAsync("log/new", "log/old", Bytes("new")),
        "put a file" => storage.PutFileIfAbsentAsync("log/new", folder["local"]),
        "flush" => storage.FlushAsync(["log/old"]),
        "rename" => storage.RenameAsync("log/old", "other"),
        _ => storage.CreateFolderAsync("a/b"),
    };

    private async Task<DeltaLog> MakeTableAsync()
    {
        var log = DeltaLog.For(folder.Path);
        var transaction = await log.BeginCreateOrAppendAsync(Columns);
        transaction.Append([new DataFile("a", 10, DataFile.NoPartitions, new FileStatistics(1), DateTimeOffset.UnixEpoch)]);
        await transaction.CommitAsync(Append);
        return log;
    }

    private static IDisposable Failing(Func<string, bool> which) => DiskFlush.Intercept(path => which(path) ? InputOutputError : 0);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
