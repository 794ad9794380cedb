using System.Globalization;
using System.Text;

namespace Pipeline.Engine.Delta;

/// <summary>Names in <c>_delta_log</c>, and paths of data files as the log writes them.</summary>
internal static class LogPath
{
    public const string Folder = "_delta_log";
    public const string LastCheckpoint = Folder + "/_last_checkpoint";
    private const int VersionDigits = 20;

    public static string Commit(long version) => $"{Folder}/{Digits(version)}.json";

    public static string Checkpoint(long version) => $"{Folder}/{Digits(version)}.checkpoint.parquet";

    /// <summary>The file of a checkpoint's sidecar. It always lies in one folder of the log, whatever path a checkpoint has for it.</summary>
    /// <exception cref="FormatException">The path has no file name.</exception>
    public static string Sidecar(string path)
    {
        var name = Decode(path[(path.LastIndexOf('/') + 1)..]);
        return name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal) ? throw new FormatException($"its sidecar '{path}' is not the name of a file") : $"{Folder}/_sidecars/{name}";
    }

    public static string Checksum(long version) => $"{Folder}/{Digits(version)}.crc";

    public static string Digits(long version) => version.ToString("D20", CultureInfo.InvariantCulture);

    /// <summary>The version at the beginning of a name, or -1.</summary>
    public static long VersionOf(ReadOnlySpan<char> name) =>
        name.Length > VersionDigits && name[VersionDigits] == '.' && long.TryParse(name[..VersionDigits], NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1;

    public static bool IsCommit(ReadOnlySpan<char> name) => name.Length == VersionDigits + 5 && name.EndsWith(".json") && VersionOf(name) >= 0;

    /// <summary>Identity of a logical file in the table: that of its data file, and its deletion vector where it has one.</summary>
    public static string KeyOf(string identity, DeletionVector? vector) => vector is null ? identity : $"{identity}\0{vector.UniqueId}";

    public static string Decode(string path) => path.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(path) : path;

    /// <summary>A path as a URI's path: all but letters, digits and <c>- . _ ~ / = ,</c> percent-encoded.</summary>
    public static string Encode(string path)
    {
        if (!path.AsSpan().ContainsAnyExcept(Plain)) return path;
        var encoded = new StringBuilder(path.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in path.EnumerateRunes())
        {
            if (rune.IsAscii && Plain.Contains((char)rune.Value))
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (var part in utf8[..rune.EncodeToUtf8(utf8)]) encoded.Append('%').Append(part.ToString("X2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }

    private static readonly System.Buffers.SearchValues<char> Plain =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/=,");
}
