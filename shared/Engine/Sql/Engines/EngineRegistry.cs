namespace Pipeline.Engine.Sql.Engines;

/// <summary>What a session's builder was told.</summary>
/// <param name="Master">embedded, local[N], spark://…, yarn or k8s://…; null where not said.</param>
/// <param name="AppName">The program's name, or null.</param>
/// <param name="Config">Settings by name.</param>
public sealed record EngineSettings(string? Master, string? AppName, IReadOnlyDictionary<string, string> Config);

/// <summary>Where <c>SparkSession.Builder()</c> gets its engine from: the composition root registers the way to make one, once.</summary>
/// <remarks>Thread-safe.</remarks>
public static class EngineRegistry
{
    private static readonly Lock Gate = new();
    private static Func<EngineSettings, IEngine>? factory;
    private static SparkSession? current;

    /// <summary>Sets the way to make an engine; a later call replaces it.</summary>
    public static void Register(Func<EngineSettings, IEngine> makeEngine)
    {
        ArgumentNullException.ThrowIfNull(makeEngine);
        lock (Gate) factory = makeEngine;
    }

    /// <summary>Forgets the way to make an engine: for tests.</summary>
    internal static void Unregister()
    {
        lock (Gate) factory = null;
    }

    /// <summary>The session that the last <c>GetOrCreate()</c> gave and that is not stopped, or null.</summary>
    internal static SparkSession? Current
    {
        get
        {
            lock (Gate) return current is { IsStopped: false } ? current : null;
        }
    }

    internal static SparkSession GetOrCreate(EngineSettings settings)
    {
        lock (Gate)
        {
            if (current is { IsStopped: false })
            {
                foreach (var (key, value) in settings.Config) current.Engine.SetConf(key, value);
                return current;
            }
            if (factory is null)
                throw new InvalidOperationException("Cannot make a SparkSession: no engine is registered. Call Pipeline.Suite.Runtime.Jobs's set-up at the program's start (it calls EngineRegistry.Register), or use SparkSession.ForEngine(engine).");
            return current = new SparkSession(factory(settings), ownsEngine: true);
        }
    }
}
