using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Gateway;

/// <summary>A call threw in the JVM. <see cref="Exception.Message"/> is its first line; the Java stack is <see cref="EngineException.RemoteStackTrace"/>.</summary>
public sealed class JvmException : EngineException
{
    internal JvmException(string message, string fullMessage, Exception? inner = null) : base(message, inner) => FullMessage = fullMessage;

    /// <summary>The whole message of the throwable, which may have many lines (a plan, a query).</summary>
    public string FullMessage { get; }

    /// <summary>Classes of the throwable and of what caused it, outermost first.</summary>
    public IReadOnlyList<string> RemoteClasses { get; internal init; } = [];

    /// <summary>Whether the gateway itself refused, because there is no such method, class or object.</summary>
    internal bool IsGatewayRefusal { get; init; }
}
