using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pipeline.Runtime;

/// <summary>Writes result.json whole or not at all: a temporary file beside it, flushed to the disk, then renamed.</summary>
internal static class RunResultFile
{
    public const string Name = "result.json";

    public static string ToJson(RunResult result) => JsonSerializer.Serialize(result, RunResultJson.Default.RunResult);

    public static RunResult Parse(string json) => JsonSerializer.Deserialize(json, RunResultJson.Default.RunResult) ?? throw new InvalidDataException("The run result is the JSON null.");

    public static void Write(string path, RunResult result)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{result.RunId}.tmp");
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, result, RunResultJson.Default.RunResult);
            stream.WriteByte((byte)'\n');
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}

/// <summary>The shape of result.json: snake_case, indented, words for statuses.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RunResult))]
internal sealed partial class RunResultJson : JsonSerializerContext;
