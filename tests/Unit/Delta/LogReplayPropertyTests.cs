using CsCheck;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Delta;

public class LogReplayPropertyTests
{
    private static readonly StructType Columns = new(new StructField("id", new LongType()));

    private static readonly Gen<Step[]> Steps = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9], Gen.Int[0, 3], static (kind, file, work) => new Step(kind, $"f{file}", work)).Array[1, 30];

    /// <summary>Whatever commits a table gets, reading it afresh, following it, and a plain set of names agree on what is in it.</summary>
    [Test]
    public async Task Replay_agrees_with_a_plain_set_of_files() =>
        await Steps.SampleAsync(async steps =>
        {
            using var folder = new TempFolder();
            var (writer, follower) = (DeltaLog.For(folder.Path), DeltaLog.For(folder.Path));
            var files = new SortedSet<string>(StringComparer.Ordinal);
            var work = new Dictionary<string, long>();
            var create = await writer.BeginCreateOrAppendAsync(Columns, properties: new Dictionary<string, string> { ["delta.checkpointInterval"] = "1000" });
            await create.CommitAsync(new Operation("CREATE TABLE"));
            foreach (var step in steps)
            {
                var transaction = await writer.BeginAsync();
                var app = $"app{step.Work % 2}";
                transaction.SetTransaction(app, step.Work);
                switch (step.Kind)
                {
                    case 0 or 1: transaction.Append([Data(step.File)]); break;
                    case 2: transaction.Rewrite(transaction.Snapshot!.Files.Where(file => file.FilePath == step.File), [Data(step.File + "'")]); break;
                    default: transaction.Overwrite([Data(step.File)]); break;
                }

                var isNew = !work.TryGetValue(app, out var done) || done < step.Work;
                var result = await transaction.CommitAsync(new Operation("STEP"));
                (result is Committed).Should().Be(isNew);
                if (!isNew) continue;
                work[app] = step.Work;
                if (step.Kind == 2) files.Remove(step.File);
                if (step.Kind == 3) files.Clear();
                files.Add(step.Kind == 2 ? step.File + "'" : step.File);
                if (step.Work == 0) Same(await follower.LoadExistingAsync(), files, work);
            }

            Same(await writer.LoadExistingAsync(), files, work);
            Same(await follower.LoadExistingAsync(), files, work);
            Same(await DeltaLog.For(folder.Path).LoadExistingAsync(), files, work);
        }, iter: 60);

    private static void Same(Snapshot snapshot, SortedSet<string> files, Dictionary<string, long> work)
    {
        snapshot.Files.Select(static file => file.FilePath).Should().Equal(files);
        snapshot.SizeBytes.Should().Be(files.Sum(static file => (long)file.Length));
        snapshot.Transactions.ToDictionary(static entry => entry.AppId, static entry => entry.Version).Should().BeEquivalentTo(work);
    }

    private static DataFile Data(string path) => new(path, path.Length, DataFile.NoPartitions, null, DateTimeOffset.UnixEpoch);

    private sealed record Step(int Kind, string File, int Work);
}
