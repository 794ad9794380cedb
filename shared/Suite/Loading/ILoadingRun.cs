using Microsoft.Extensions.Logging;
using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Loading;

/// <summary>What the loader needs of the run that loads: who it is, the engine's session, the lake, and where notes go.</summary>
public interface ILoadingRun
{
    /// <summary>The run's id, unique and sortable by time.</summary>
    string RunId { get; }

    /// <summary>When the run started, UTC.</summary>
    DateTimeOffset StartedAt { get; }

    /// <summary>Name of the job that runs.</summary>
    string Job { get; }

    /// <summary>The data set that is loaded.</summary>
    DatasetContract Dataset { get; }

    /// <summary>The session on the run's engine.</summary>
    SparkSession Spark { get; }

    /// <summary>The lake: where tables, quarantine, checkpoints and runs lie.</summary>
    LakeLayout Lake { get; }

    /// <summary>The log.</summary>
    ILogger Log { get; }

    /// <summary>Kafka's own settings by key. Holds secrets.</summary>
    IReadOnlyDictionary<string, string> Kafka { get; }

    /// <summary>Adds a warning for the result and the log.</summary>
    void Warn(string message);
}
