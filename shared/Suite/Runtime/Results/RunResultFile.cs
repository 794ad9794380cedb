using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Engine.Storage;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>result.json: its name and its text.</summary>
internal static class RunResultFile
{
    public const string Name = "result.json";

    public static string ToJson(RunResult result) => JsonSerializer.Serialize(result, RunResultJson.Default.RunResult);

    public static byte[] ToBytes(RunResult result) => [.. JsonSerializer.SerializeToUtf8Bytes(result, RunResultJson.Default.RunResult), (byte)'\n'];

    /// <summary>Reads a result, those of earlier versions too, which lack some of the lists.</summary>
    public static RunResult Parse(string json)
    {
        var result = JsonSerializer.Deserialize(json, RunResultJson.Default.RunResult) ?? throw new InvalidDataException("The run result is the JSON null.");
        return result with { Arguments = result.Arguments ?? [], Rejected = result.Rejected ?? [] };
    }

    /// <summary>Writes it whole or not at all.</summary>
    public static void Write(string path, RunResult result) => AtomicFile.Write(path, stream => stream.Write(ToBytes(result)));
}

/// <summary>The shape of result.json: snake_case, indented, words for statuses.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class RunResultJson : JsonSerializerContext;
