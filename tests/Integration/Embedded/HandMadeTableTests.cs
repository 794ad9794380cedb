using NUnit.Framework;
using Pipeline.Engine.Embedded;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Tests of tables whose logs are written by hand: for each test an engine, and a folder with an empty one for the table.</summary>
public abstract class HandMadeTableTests
{
    private protected static readonly Dictionary<string, string> None = [];
    private protected EmbeddedEngine engine = null!;
    private protected string folder = null!;
    private protected HandMadeTable table = null!;

    [SetUp]
    public void StartEngine()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        folder = Directory.CreateTempSubdirectory("hand-made-").FullName;
        table = new HandMadeTable(Path.Combine(folder, "table"), engine);
        Directory.CreateDirectory(table.Folder);
    }

    [TearDown]
    public void EndEngine()
    {
        engine?.Dispose();
        if (folder is not null) Directory.Delete(folder, recursive: true);
    }
}
