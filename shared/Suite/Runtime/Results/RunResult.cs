using System.Text.Json.Serialization;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>What stands in result.json at the end of every run, whatever its end.</summary>
public sealed record RunResult
{
    /// <summary>Version of this shape; grows when a field changes its meaning or goes.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The run's id, unique and sortable by time.</summary>
    public required string RunId { get; init; }

    /// <summary>The run that this one is a part of; left out where it is none's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ParentRunId { get; init; }

    /// <summary>The suite's version.</summary>
    public string? SuiteVersion { get; init; }

    /// <summary>The machine that it ran on.</summary>
    public string? Host { get; init; }

    /// <summary>Root of the lake; null where the command is about none.</summary>
    public string? Lake { get; init; }

    /// <summary>What the command line gave, secrets masked.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The data set, or null where the command is about none.</summary>
    public string? Dataset { get; init; }

    /// <summary>How it ended.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>The process's exit code (<see cref="ExitCodes"/>).</summary>
    public required int ExitCode { get; init; }

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The engine, or null where the run ended before one was made.</summary>
    public EngineInfo? Engine { get; init; }

    /// <summary>When it started, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>Rows by outcome.</summary>
    public required RunCounts Counts { get; init; }

    /// <summary>Why rows were rejected: each rule that one broke, the most frequent first. A row that breaks several counts under each.</summary>
    public IReadOnlyList<RejectedRule> Rejected { get; init; } = [];

    /// <summary>What became of messages that the run sent; left out where the job sends none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SentMessages? Messages { get; init; }

    /// <summary>Batches that were committed or quarantined, in order.</summary>
    public IReadOnlyList<RunBatch> Batches { get; init; } = [];

    /// <summary>Tables that were touched.</summary>
    public IReadOnlyList<TableTouch> Tables { get; init; } = [];

    /// <summary>Files and databases that were written: path or address without secrets.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>What went on but deserves a look.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether the run did what it was asked for, a quarantined batch apart.</summary>
    [JsonIgnore]
    public bool IsSuccess => Status is RunStatus.Succeeded or RunStatus.Quarantined;
}

/// <summary>The engine of a run.</summary>
/// <param name="Name"><c>embedded</c> or <c>spark</c>.</param>
/// <param name="Version">Its own version.</param>
public sealed record EngineInfo(string Name, string Version);

/// <summary>Rows by outcome, as numbers in result.json.</summary>
/// <param name="Read">Taken from the source.</param>
/// <param name="Written">In the table because of this run.</param>
/// <param name="Quarantined">Kept in quarantine.</param>
/// <param name="Duplicate">There already.</param>
/// <param name="Late">After their window had closed.</param>
public sealed record RunCounts(long Read, long Written, long Quarantined, long Duplicate, long Late);

/// <summary>A rule that rows of a run broke.</summary>
/// <param name="Column">Name of the column in the source; null where the row as a whole is meant.</param>
/// <param name="Rule">The rule, such as <c>not_a_number</c>.</param>
/// <param name="Count">Rows that broke it.</param>
/// <param name="Sample">One of the values found, at most 100 characters; null where there was none, or where it is masked.</param>
public sealed record RejectedRule(string? Column, string Rule, long Count, string? Sample);

/// <summary>What became of messages that a run sent to a topic.</summary>
/// <param name="Sent">Handed to the client.</param>
/// <param name="Acknowledged">Acknowledged by the broker.</param>
/// <param name="Failed">Given up.</param>
/// <param name="Batches">Batches begun.</param>
/// <param name="Bytes">Keys and values, in bytes.</param>
public sealed record SentMessages(long Sent, long Acknowledged, long Failed, long Batches, long Bytes);

/// <summary>A batch of a run.</summary>
/// <param name="BatchId">Its unique id.</param>
/// <param name="Status">committed, quarantined, replayed or discarded.</param>
/// <param name="Counts">Its rows by outcome.</param>
public sealed record RunBatch(string BatchId, string Status, RunCounts Counts);

/// <summary>A table that a run touched.</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Uri">Where it lies.</param>
/// <param name="VersionBefore">Its version before; null where the run made it.</param>
/// <param name="VersionAfter">Its version after; the same where nothing was new.</param>
public sealed record TableTouch(string Name, string Uri, long? VersionBefore, long? VersionAfter);
