using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>What stands in run.json from the start of a run on, so that it is known before its end and after a death.</summary>
public sealed record RunStart
{
    /// <summary>Version of this shape; grows when a field changes its meaning or goes.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The suite's version.</summary>
    public required string SuiteVersion { get; init; }

    /// <summary>The run's id, unique and sortable by time.</summary>
    public required string RunId { get; init; }

    /// <summary>The run that this one is a part of, or null.</summary>
    public string? ParentRunId { get; init; }

    /// <summary>The job's name.</summary>
    public required string Job { get; init; }

    /// <summary>The data set, or null where the command is about none.</summary>
    public string? Dataset { get; init; }

    /// <summary>The machine that it runs on.</summary>
    public required string Host { get; init; }

    /// <summary>Its process there.</summary>
    public required int ProcessId { get; init; }

    /// <summary>What the command line gave, secrets masked.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>When it started, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Its last sign of life, UTC; given every <see cref="RunHeartbeat.Interval"/>.</summary>
    public required DateTimeOffset HeartbeatAt { get; init; }
}

/// <summary>run.json: its name and its text.</summary>
internal static class RunStartFile
{
    public const string Name = "run.json";

    public static byte[] ToBytes(RunStart start) => [.. JsonSerializer.SerializeToUtf8Bytes(start, RunStartJson.Default.RunStart), (byte)'\n'];

    /// <summary>The run, or null where the text is none.</summary>
    public static RunStart? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RunStartJson.Default.RunStart);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The shape of run.json: as result.json's.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunStart))]
internal sealed partial class RunStartJson : JsonSerializerContext;
