using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>What differs in the worker protocol between Spark's minor versions.</summary>
/// <remarks>The driver puts its word into the field that PySpark uses for Python's version: the only one before all those that differ.</remarks>
public sealed class SparkDialect
{
    private const string Prefix = "pipeline-csharp-1/";

    private static readonly SparkDialect[] Known =
    [
        new("3.5") { AlwaysSendsBarrier = true },
        new("4.1") { HasProfiler = true, HasNamedArguments = true, SendsGroupsApart = true, HasUnixSockets = true, IsolatesArtifacts = true },
    ];

    private SparkDialect(string version) => Version = version;

    /// <summary>The minor version, such as <c>4.1</c>.</summary>
    public string Version { get; }

    /// <summary>The word that tells a worker which dialect follows.</summary>
    public string Word => Prefix + Version;

    /// <summary>Whether what is shipped is kept for each session by itself, unless <c>spark.sql.artifact.isolation.enabled</c> is false.</summary>
    public bool IsolatesArtifacts { get; private init; }

    /// <summary>Whether port and secret of a barrier stand in every task, or only in one with a barrier.</summary>
    internal bool AlwaysSendsBarrier { get; private init; }

    /// <summary>Whether a flag tells of a profiler.</summary>
    internal bool HasProfiler { get; private init; }

    /// <summary>Whether a flag at each argument tells of its name.</summary>
    internal bool HasNamedArguments { get; private init; }

    /// <summary>Whether each group of rows comes as a stream of its own, or as one batch of one stream.</summary>
    internal bool SendsGroupsApart { get; private init; }

    /// <summary>Whether a path of a socket may stand in place of a port.</summary>
    internal bool HasUnixSockets { get; private init; }

    /// <summary>The minor versions that are known, for messages.</summary>
    public static string KnownVersions => string.Join(" and ", Known.Select(static dialect => dialect.Version));

    /// <summary>The dialect of a version of Spark such as <c>4.1.1</c>.</summary>
    public static bool TryFind(string sparkVersion, [NotNullWhen(true)] out SparkDialect? dialect)
    {
        dialect = Array.Find(Known, known => sparkVersion == known.Version || sparkVersion.StartsWith(known.Version + ".", StringComparison.Ordinal));
        return dialect is not null;
    }

    /// <summary>The dialect of a driver's word.</summary>
    internal static SparkDialect OfWord(string word) => Array.Find(Known, known => known.Word == word)
        ?? throw new ProtocolException($"The driver speaks '{word}', and this worker {string.Join(", ", Known.Select(static known => $"'{known.Word}'"))}.");
}
