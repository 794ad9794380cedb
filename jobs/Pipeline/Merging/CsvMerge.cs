using System.Security.Cryptography;
using System.Text;
using Pipeline.Engine.Files;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Jobs.Cli.Merging;

/// <summary>Where a merge reads and writes.</summary>
/// <param name="Folder">Folder of the files.</param>
/// <param name="Merged">The one file that they become.</param>
/// <param name="List">The list of the names that were taken, one a line.</param>
/// <param name="Header">The columns, exactly.</param>
internal sealed record MergePlaces(string Folder, string Merged, string List, IReadOnlyList<string> Header);

/// <summary>What a pass did.</summary>
/// <param name="Taken">Names of the files whose rows were added or replaced.</param>
/// <param name="Rows">Their rows.</param>
/// <param name="LeftOut">Files that were left out and why, those that are as they were at an earlier pass not named again.</param>
internal sealed record MergePass(IReadOnlyList<string> Taken, long Rows, IReadOnlyList<(string Name, string Reason)> LeftOut);

/// <summary>Keeps one CSV file of all files of a folder: each row once, whatever dies when. One merge at a time; not thread-safe.</summary>
/// <remarks>
/// For each file, in this order, each step safe to die after: its rows are appended to the merged file and flushed; a line in the journal says whose bytes they are: that is the commit; its name is put on the list.
/// Rows beyond the journal's last line were never committed, and are cut off at the start. A name that is missing on the list is put back where the file is what it was, and its rows are replaced where it has changed.
/// A file that changes after it was taken is half-written no more: its rows are replaced too. Rows are replaced by writing merged file and journal again beside the old ones, the journal's complete new file being the commit.
/// </remarks>
internal sealed class CsvMerge
{
    private readonly MergePlaces places;
    private readonly MergeJournal journal;
    private readonly string nextMerged;
    private readonly string nextJournal;
    private readonly Action<string> reached;
    private readonly Dictionary<string, (long Size, long Ticks)> leftOut = new(StringComparer.Ordinal);
    private readonly byte[] header;
    private List<MergeSegment> segments = [];

    /// <summary>Opens a merge, and finishes or takes back what an earlier one left half-done.</summary>
    /// <param name="places">Where.</param>
    /// <param name="reached">Told the name of each step that was reached; a test dies there.</param>
    /// <exception cref="DataException">The merged file is not what the journal says, and cannot be created again from the folder.</exception>
    public CsvMerge(MergePlaces places, Action<string>? reached = null)
    {
        this.places = places;
        this.reached = reached ?? (static _ => { });
        var state = Path.Combine(Path.GetDirectoryName(places.Merged)!, $".{Path.GetFileName(places.Merged)}");
        journal = new MergeJournal(state + ".journal");
        nextJournal = state + ".journal.next";
        nextMerged = state + ".next";
        header = Encoding.UTF8.GetBytes(CsvFileCheck.HeaderText(places.Header));
        Recover();
    }

    /// <summary>Rows of the merged file.</summary>
    public long TotalRows => segments.Sum(segment => segment.Rows);

    private long CommittedLength => segments.Count == 0 ? header.Length : segments[^1].End;

    /// <summary>One look at the folder.</summary>
    public MergePass Run(CancellationToken cancellationToken)
    {
        // A file that was compressed since it was taken is the same file.
        var known = segments.Index().ToDictionary(segment => CompressedFile.PlainName(segment.Item.Name), segment => segment.Index, StringComparer.Ordinal);
        var listed = ReadList();
        var taken = new List<string>();
        var replaced = new Dictionary<int, (MergeSegment Segment, byte[] Body)>();
        var fresh = new List<(string Name, string Reason)>();
        var rows = 0L;
        foreach (var file in Files())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (file.LinkTarget is not null)
            {
                var target = (0L, file.LastWriteTimeUtc.Ticks);
                if (!leftOut.TryGetValue(file.Name, out var seen) || seen != target) fresh.Add((file.Name, "is a symbolic link, and links are not followed: put the file itself into the folder"));
                leftOut[file.Name] = target;
                continue;
            }
            var isKnown = known.TryGetValue(CompressedFile.PlainName(file.Name), out var index);
            var stamp = (file.Length, file.LastWriteTimeUtc.Ticks);
            if (isKnown && stamp == (segments[index].SizeBytes, segments[index].ModifiedAtTicks) && listed.Contains(file.Name)) continue;
            if (leftOut.TryGetValue(file.Name, out var before) && before == stamp) continue;
            if (Read(file, stamp) is not { } content) continue;
            var (text, check) = Checked(file.Name, content);
            if (check.Reason is not null)
            {
                leftOut[file.Name] = stamp;
                fresh.Add((file.Name, isKnown ? check.Reason + "; its rows as they were taken before stay" : check.Reason));
                continue;
            }
            leftOut.Remove(file.Name);
            var segment = new MergeSegment(file.Name, CommittedLength, text.Length - check.BodyOffset, check.Rows, Convert.ToHexStringLower(SHA256.HashData(content)), stamp.Length, stamp.Ticks);
            if (isKnown && segments[index].Sha256 == segment.Sha256)
            {
                segments[index] = segments[index] with { SizeBytes = segment.SizeBytes, ModifiedAtTicks = segment.ModifiedAtTicks };
                continue;
            }
            if (isKnown) replaced[index] = (segment, text[check.BodyOffset..]);
            else Append(segment, text.AsSpan(check.BodyOffset));
            taken.Add(file.Name);
            rows += segment.Rows;
        }
        if (replaced.Count > 0) Replace(replaced);
        WriteList(listed);
        return new MergePass(taken, rows, fresh);
    }

    /// <summary>Files of the folder by name; hidden ones and those of the merge itself are none, and of a file that is there plain and compressed the plain one.</summary>
    private IEnumerable<FileInfo> Files() =>
        Directory.Exists(places.Folder)
            ? new DirectoryInfo(places.Folder).EnumerateFiles()
                .Where(file => IsCsv(file.Name) && file.Name[0] != '.' && file.FullName != Path.GetFullPath(places.Merged))
                .GroupBy(static file => CompressedFile.PlainName(file.Name), StringComparer.Ordinal)
                .Select(static group => group.OrderBy(static file => CompressedFile.IsCompressed(file.Name)).ThenBy(static file => file.Name, StringComparer.Ordinal).First())
                .OrderBy(static file => file.Name, StringComparer.Ordinal)
            : [];

    /// <summary>Whether a name is a CSV file's, compressed or not (<c>a.csv</c>, <c>a.csv.gz</c>).</summary>
    private static bool IsCsv(string name) =>
        (CompressedFile.IsCompressed(name) ? Path.GetFileNameWithoutExtension(name) : name).EndsWith(".csv", StringComparison.OrdinalIgnoreCase);

    /// <summary>The file's text in UTF-8, as the merged file has one encoding whatever the files have, and whether it can be taken.</summary>
    private (byte[] Text, CsvFileCheck Check) Checked(string name, byte[] content)
    {
        try
        {
            var text = Utf8Text.Of(CompressedFile.Unpack(content, name));
            return (text, CsvFileCheck.Of(text, places.Header));
        }
        catch (DataException error)
        {
            return ([], CsvFileCheck.LeftOut($"cannot be unpacked: {error.Message}"));
        }
    }

    /// <summary>The file's bytes, or null where it went away or changed while it was read: the next pass sees it.</summary>
    private static byte[]? Read(FileInfo file, (long Size, long Ticks) stamp)
    {
        try
        {
            var content = File.ReadAllBytes(file.FullName);
            file.Refresh();
            return file.Exists && (file.Length, file.LastWriteTimeUtc.Ticks) == stamp && content.Length == stamp.Size ? content : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private void Append(MergeSegment segment, ReadOnlySpan<byte> body)
    {
        using (var file = new FileStream(places.Merged, FileMode.Open, FileAccess.Write))
        {
            file.Position = segment.Offset;
            file.Write(body);
            DiskFlush.Stream(file);
        }
        reached("appended");
        journal.Append(segment);
        segments.Add(segment);
        reached("committed");
    }

    /// <summary>Merged file and journal again, some files' rows being others now.</summary>
    private void Replace(Dictionary<int, (MergeSegment Segment, byte[] Body)> replaced)
    {
        var next = new List<MergeSegment>(segments.Count);
        using (var source = new FileStream(places.Merged, FileMode.Open, FileAccess.Read))
        using (var target = new FileStream(nextMerged, FileMode.Create, FileAccess.Write))
        {
            target.Write(header);
            for (var i = 0; i < segments.Count; i++)
            {
                byte[] body;
                var segment = segments[i];
                if (replaced.TryGetValue(i, out var now)) (segment, body) = now;
                else
                {
                    body = new byte[segment.Length];
                    source.Position = segment.Offset;
                    source.ReadExactly(body);
                }
                next.Add(segment with { Offset = target.Position });
                target.Write(body);
            }
            DiskFlush.Stream(target);
        }
        reached("rewritten");
        MergeJournal.Write(nextJournal, next);
        reached("rewrite committed");
        FinishReplace();
        segments = next;
    }

    /// <summary>Puts a replacement that is committed in place; each step may be done already.</summary>
    private void FinishReplace()
    {
        if (File.Exists(nextMerged))
        {
            File.Move(nextMerged, places.Merged, overwrite: true);
            // The journal speaks of the new file: that one's name must be safe first.
            DiskFlush.Folder(Path.GetDirectoryName(Path.GetFullPath(places.Merged))!);
        }
        reached("merged file in place");
        File.Move(nextJournal, journal.Path, overwrite: true);
        DiskFlush.Folder(Path.GetDirectoryName(Path.GetFullPath(journal.Path))!);
    }

    private void Recover()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(places.Merged)!);
        if (File.Exists(nextJournal)) FinishReplace();
        File.Delete(nextMerged);
        segments = journal.Read();
        var merged = new FileInfo(places.Merged);
        if (!merged.Exists)
        {
            // Taken away to begin again, or never made.
            Begin();
            return;
        }
        if (!journal.Exists && merged.Length > header.Length) throw NotOurs("there is no journal of it");
        if (!HasHeader()) throw NotOurs($"its header is not '{string.Join(',', places.Header)}'");
        if (merged.Length < CommittedLength) throw NotOurs(FormattableString.Invariant($"it has {merged.Length} bytes and should have {CommittedLength}"));
        if (merged.Length == CommittedLength) return;
        using var file = merged.Open(FileMode.Open, FileAccess.Write);
        file.SetLength(CommittedLength);
        DiskFlush.Stream(file);
    }

    private void Begin()
    {
        segments = [];
        // The journal first: rows without one could not be told from another hand's.
        MergeJournal.Write(journal.Path, []);
        AtomicFile.Write(places.Merged, stream => stream.Write(header));
    }

    private bool HasHeader()
    {
        using var file = new FileStream(places.Merged, FileMode.Open, FileAccess.Read);
        var first = new byte[header.Length];
        return file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length && first.AsSpan().SequenceEqual(header);
    }

    private DataException NotOurs(string what) => new(
        $"'{places.Merged}' cannot be added to: {what} ('{journal.Path}' tells which rows are of which file). Move it away, or name another with --merged: it is then created again from all files of '{places.Folder}'.");

    private HashSet<string> ReadList() =>
        File.Exists(places.List) ? File.ReadLines(places.List).Select(static line => line.Trim()).Where(static line => line.Length > 0).ToHashSet(StringComparer.Ordinal) : [];

    /// <summary>The names of all files whose rows are in the merged file, in their order.</summary>
    private void WriteList(HashSet<string> listed)
    {
        if (File.Exists(places.List) && listed.SetEquals(segments.Select(static segment => segment.Name))) return;
        AtomicFile.Write(places.List, stream => stream.Write(Encoding.UTF8.GetBytes(string.Concat(segments.Select(static segment => segment.Name + "\n")))));
        reached("listed");
    }
}
