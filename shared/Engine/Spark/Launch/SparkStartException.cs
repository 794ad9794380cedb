using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Launch;

/// <summary>Spark could not be started as it is set up here.</summary>
public sealed class SparkStartException : EngineException
{
    internal SparkStartException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>Whether a setting is wrong (SPARK_HOME, Java), so that starting again changes nothing.</summary>
    public bool IsConfiguration { get; init; }
}
