using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.DeviceEvents;

/// <summary>The merge killed at random while files appear whole, half-written, broken and changed.</summary>
public sealed class MergeKillTests
{
    private static readonly int Kills = Lane.Times(whole: 20, nightly: 100);
    private const string Header = "eventId,eventOffset,eventPublisher,customerId,eventTime,deviceId,temperature,measure,status";

    [Test]
    public async Task Killed_at_random_again_and_again_it_loses_and_doubles_no_row()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["in"]);
        var random = new Random(20261124);
        var writer = new Writer(folder["in"], random);
        var merged = folder["merged.csv"];
        var journal = folder[".merged.csv.journal"];
        var kills = 0;
        for (; kills < Kills; kills++)
        {
            writer.Write(isGood: true);
            if (random.Next(4) == 0) ForgetNames(folder["processed_files.txt"], random);
            using var merge = Start(folder);
            // Until it works on the folder (or five seconds on a busy machine), and then a moment by chance; meanwhile more files appear, some half-written.
            var before = Length(journal);
            for (var clock = Stopwatch.StartNew(); Length(journal) == before && clock.Elapsed.TotalSeconds < 5;)
            {
                await Task.Delay(2);
                if (merge.HasExited) Assert.Fail($"The merge ended by itself after {kills} kills: {await merge.StandardError.ReadToEndAsync()}");
            }
            var until = Stopwatch.StartNew();
            var moment = random.Next(0, 60);
            while (until.ElapsedMilliseconds < moment)
            {
                writer.Write();
                await Task.Delay(8);
            }
            merge.Kill();
            await merge.WaitForExitAsync();
        }

        writer.Finish();
        var last = await ProgramRun.DotnetAsync(Program, Arguments(folder, "--once"));
        last.ExitCode.Should().Be(0, last.Error);
        var lines = await File.ReadAllLinesAsync(merged);
        lines[0].Should().Be(Header);
        lines.Count(line => line == Header).Should().Be(1);
        var rows = lines.Skip(1).Order(StringComparer.Ordinal).ToList();
        rows.Should().HaveCount(writer.Rows.Count);
        rows.SequenceEqual(writer.Rows.Order(StringComparer.Ordinal)).Should().BeTrue("each row that was written stands once in the merged file");
        File.ReadAllLines(folder["processed_files.txt"]).Order(StringComparer.Ordinal).Should().Equal(writer.Names.Order(StringComparer.Ordinal));
        last.Error.Should().Contain("is left out: it is empty").And.Contain("has no header").And.Contain("has another header");
    }

    private static string Program => Repository.Program("jobs/Pipeline", "pipeline");

    private static string[] Arguments(TemporaryFolder folder, params string[] more) =>
        ["merge", "--input", folder["in"], "--merged", folder["merged.csv"], "--list", folder["processed_files.txt"], "--lake", folder["lake"], .. more];

    private static Process Start(TemporaryFolder folder) => ProgramRun.Start(Program, Arguments(folder, "--every", "1ms"));

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    /// <summary>Takes a few names out of the list, or the list away: what a person may do at any time.</summary>
    private static void ForgetNames(string list, Random random)
    {
        if (!File.Exists(list)) return;
        if (random.Next(3) == 0) File.Delete(list);
        else File.WriteAllLines(list, File.ReadAllLines(list).Where(_ => random.Next(3) > 0));
    }

    /// <summary>Puts files into the folder as careless programs do, and knows which rows must come of them.</summary>
    private sealed class Writer(string folder, Random random)
    {
        private readonly List<(string Name, string Tail)> halves = [];
        private int number;

        public List<string> Rows { get; } = [];

        public List<string> Names { get; } = [];

        public void Write(bool isGood = false)
        {
            // What was begun goes on first, so that some files are seen in two states and some in one.
            if (!isGood && halves.Count > 0 && random.Next(3) == 0)
            {
                var (half, tail) = halves[0];
                halves.RemoveAt(0);
                File.AppendAllText(Path.Combine(folder, half), tail);
                return;
            }
            var name = $"batch-{number++:D4}.csv";
            var rows = Enumerable.Range(0, random.Next(1, 8)).Select(row => $"e{number:D4},{row},device,CI00103,2023-01-05T11:13:53Z,D{row:D3},{random.Next(10, 40)},C,SUCCESS").ToList();
            switch (isGood ? 11 : random.Next(12))
            {
                case 0: File.WriteAllText(Path.Combine(folder, name), ""); return;
                case 1: File.WriteAllText(Path.Combine(folder, name), string.Join('\n', rows) + "\n"); return;
                case 2: File.WriteAllText(Path.Combine(folder, name), "deviceId,temperature\nD001,20\n"); return;
                default: break;
            }
            Names.Add(name);
            Rows.AddRange(rows);
            var text = Header + "\n" + string.Join('\n', rows) + "\n";
            var cut = isGood ? text.Length : random.Next(3) == 0 ? random.Next(0, text.Length) : random.Next(6) == 0 ? text.IndexOf('\n', Header.Length + 1) + 1 : text.Length;
            File.WriteAllText(Path.Combine(folder, name), text[..cut]);
            if (cut < text.Length) halves.Add((name, text[cut..]));
        }

        public void Finish()
        {
            foreach (var (name, tail) in halves) File.AppendAllText(Path.Combine(folder, name), tail);
            halves.Clear();
        }
    }
}
