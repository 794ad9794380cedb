using System.Globalization;
using System.Text;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded.Streaming;

/// <summary>A numbered log in a checkpoint: a file a batch, each whole or absent, the first line its version.</summary>
/// <remarks>Source: Spark's HDFSMetadataLog, so that either engine can go on with the other's checkpoint.</remarks>
/// <param name="checkpoint">The checkpoint's folder.</param>
/// <param name="name"><c>offsets</c> or <c>commits</c>.</param>
internal sealed class LogFile(IStorage checkpoint, string name)
{
    private const string Version = "v1";
    private readonly IStorage folder = checkpoint.At(name);

    /// <summary>Batches of earlier runs whose files are still there, the oldest first.</summary>
    private readonly Queue<long> found = new();

    /// <summary>Where it is, for messages.</summary>
    public string Place => folder.LocalRoot ?? folder.Root.AbsoluteUri;

    /// <summary>Numbers of the batches that have a file, ascending, the last <paramref name="kept"/> without a gap.</summary>
    /// <remarks>Older ones are leftovers of a run that died while it deleted them, in whatever order: they may have gaps.</remarks>
    /// <exception cref="EngineException">A file is missing in between, or is none of the log's.</exception>
    public async Task<List<long>> ListAsync(int kept, CancellationToken cancellationToken)
    {
        var numbers = new List<long>();
        foreach (var entry in await folder.ListAsync("", cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            // Spark leaves hidden checksums, and temporary files of writers that died.
            if (entry.Name.StartsWith('.') || entry.Name.EndsWith(".tmp", StringComparison.Ordinal) || entry.Name.EndsWith(".crc", StringComparison.Ordinal)) continue;
            if (!long.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || entry.IsFolder)
                throw Broken(entry.Name, "it is not a file of the log, which has one a batch, named by the batch's number");
            numbers.Add(number);
        }
        numbers.Sort();
        for (var i = 1; i < numbers.Count; i++)
            if (numbers[i] != numbers[i - 1] + 1 && numbers[i] - 1 > numbers[^1] - kept) throw Broken(Name(numbers[i - 1] + 1), "it is missing, while later ones are there");
        found.Clear();
        foreach (var number in numbers) found.Enqueue(number);
        return numbers;
    }

    /// <summary>Lines after the version, or null where there is no such file.</summary>
    /// <exception cref="EngineException">The file is cut or not of this log.</exception>
    public async Task<string[]?> ReadAsync(long batch, CancellationToken cancellationToken)
    {
        var file = Name(batch);
        if (await folder.TryReadAsync(file, cancellationToken).ConfigureAwait(false) is not { } content) return null;
        if (content.Length == 0) throw Broken(file, "it is empty");
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
        }
        catch (DecoderFallbackException)
        {
            throw Broken(file, "it is not text");
        }
        var lines = text.Split('\n');
        if (lines[0] != Version) throw Broken(file, $"it begins with '{(lines[0].Length <= 20 ? lines[0] : lines[0][..20] + "…")}' and not with {Version}");
        return lines[1..];
    }

    /// <summary>Writes a batch's file, flushed when this returns, and forgets another batch and all before it, also what a run that died here left, the oldest first; false where there is one of this batch.</summary>
    public async Task<bool> TryWriteAsync(long batch, IEnumerable<string> lines, long forgotten, CancellationToken cancellationToken)
    {
        var (file, content) = (Name(batch), Encoding.UTF8.GetBytes(string.Join('\n', lines.Prepend(Version))));
        if (forgotten < 0) return await folder.PutIfAbsentAsync(file, content, cancellationToken).ConfigureAwait(false) == PutResult.Created;
        while (found.TryPeek(out var oldest) && oldest <= forgotten)
        {
            if (oldest < forgotten) _ = await folder.DeleteAsync(Name(oldest), cancellationToken).ConfigureAwait(false);
            _ = found.Dequeue();
        }
        return await folder.PutInPlaceOfAsync(file, Name(forgotten), content, cancellationToken).ConfigureAwait(false) == PutResult.Created;
    }

    /// <summary>The refusal of a file, by name.</summary>
    public EngineException Broken(string file, string why) =>
        new($"Cannot go on from the checkpoint file '{Place}/{file}': {why}. Put the file back from a copy, or begin with a new checkpoint and let the sink leave out what it has; nothing was read or written.") { ErrorClass = "STREAM_CHECKPOINT_CORRUPT", SqlState = "22000" };

    private static string Name(long batch) => batch.ToString(CultureInfo.InvariantCulture);
}
