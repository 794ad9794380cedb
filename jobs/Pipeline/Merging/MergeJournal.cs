using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Engine.Storage;

namespace Pipeline.Jobs.Cli.Merging;

/// <summary>A file's rows in the merged file.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Offset">Byte of the merged file at which its rows begin.</param>
/// <param name="Length">Bytes of its rows.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Sha256">Hash of the file as it was taken, in hexadecimal digits.</param>
/// <param name="SizeBytes">Its size then.</param>
/// <param name="ModifiedAtTicks">When it was modified then, in ticks of UTC: as long as size and time are the same it is not read again.</param>
internal sealed record MergeSegment(string Name, long Offset, long Length, long Rows, string Sha256, long SizeBytes, long ModifiedAtTicks)
{
    /// <summary>Byte after its rows.</summary>
    [JsonIgnore]
    public long End => Offset + Length;
}

/// <summary>Which bytes of the merged file are whose: a line of JSON a file, in the order of the rows. What stands beyond the last of them was never finished.</summary>
internal sealed class MergeJournal(string path)
{
    /// <summary>Where it lies.</summary>
    public string Path => path;

    /// <summary>Whether there is one.</summary>
    public bool Exists => File.Exists(path);

    /// <summary>Its lines; a last one that was cut by a crash counts as not written, and is taken away.</summary>
    public List<MergeSegment> Read()
    {
        var segments = new List<MergeSegment>();
        if (!Exists) return segments;
        var bytes = File.ReadAllBytes(path);
        var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        foreach (var line in Encoding.UTF8.GetString(bytes.AsSpan(0, end)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            segments.Add(JsonSerializer.Deserialize(line, MergeJson.Default.MergeSegment)!);
        if (end < bytes.Length)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(end);
            DiskFlush.Stream(file);
        }
        return segments;
    }

    /// <summary>Adds a line; when this returns it is on the disk.</summary>
    public void Append(MergeSegment segment)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write);
        file.Write(Line(segment));
        DiskFlush.Stream(file);
    }

    /// <summary>Writes a whole journal to another file, on the disk when this returns.</summary>
    public static void Write(string path, IEnumerable<MergeSegment> segments) =>
        AtomicFile.Write(path, stream =>
        {
            foreach (var segment in segments) stream.Write(Line(segment));
        });

    private static byte[] Line(MergeSegment segment) => [.. JsonSerializer.SerializeToUtf8Bytes(segment, MergeJson.Default.MergeSegment), (byte)'\n'];
}

[JsonSerializable(typeof(MergeSegment))]
internal sealed partial class MergeJson : JsonSerializerContext;
