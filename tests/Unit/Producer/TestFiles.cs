using System.Text;

namespace Pipeline.Tests.Unit.Producer;

/// <summary>A folder for one fixture, with files written as given.</summary>
internal sealed class TestFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("producer").FullName;

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string Write(string name, string text, Encoding? encoding = null) => Write(name, (encoding ?? new UTF8Encoding(false)).GetBytes(text));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
