using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Suite.Runtime.Engines;

/// <summary>The session of a run and of the runs inside it: made when it is first asked for.</summary>
internal sealed class SessionSource : IDisposable
{
    private readonly Func<IEngine>? makeEngine;
    private readonly CancellationTokenSource lost = new();
    private CancellationTokenRegistration watch;
    private IEngine? engine;
    private SparkSession? session;

    /// <summary>A session that is made on demand and ended with this.</summary>
    public SessionSource(Func<IEngine> makeEngine) => this.makeEngine = makeEngine;

    /// <summary>A session of the caller's, which stays open.</summary>
    public SessionSource(SparkSession session)
    {
        this.session = session;
        Watch(session.Engine);
    }

    public SparkSession Session => session ??= Make();

    /// <summary>Cancelled when the engine has gone without being asked to; it need not be made yet.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>The engine where one was made.</summary>
    public EngineInfo? Info => session is null ? null : new EngineInfo(session.Engine.Name, session.Engine.Version);

    public void Dispose()
    {
        watch.Dispose();
        engine?.Dispose();
        lost.Dispose();
    }

    private SparkSession Make()
    {
        engine = makeEngine!();
        Watch(engine);
        return SparkSession.ForEngine(engine);
    }

    private void Watch(IEngine made) => watch = made.Lost.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), lost);
}
