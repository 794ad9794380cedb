using System.Security.Cryptography;

namespace Pipeline.Engine.Files;

/// <summary>What tells a file's content from that of another file of the same name.</summary>
public static class FileVersion
{
    private const int Digits = 16;

    /// <summary>The first 16 hexadecimal digits of SHA-256 over the file's bytes.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string Of(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream))[..Digits];
    }
}
