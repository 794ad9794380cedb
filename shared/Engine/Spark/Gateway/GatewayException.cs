using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Gateway;

/// <summary>The way to the JVM failed, by transport or protocol; the connection is given up. Transient: a new start may work.</summary>
public sealed class GatewayException : EngineException
{
    internal GatewayException(string message, Exception? inner = null) : base(message, inner) => IsTransient = true;
}
