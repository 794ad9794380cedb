using System.Text;
using System.Text.Json.Nodes;

namespace Pipeline.Tests.EndToEnd.WaterQuality;

/// <summary>A message to send, and the rule that it must be quarantined for, or null where it is good.</summary>
internal sealed record TestMessage(byte[]? Value, string? Column, string? Rule);

/// <summary>Breaks a share of good messages, each in one of the ways that happen.</summary>
internal static class BrokenMessages
{
    private static readonly Func<Random, string, TestMessage>[] Ways =
    [
        LettersInANumber, Month13, MissingField, CutJson, WrongEncoding, (_, _) => new TestMessage(null, null, "null_value"), EmptyKeyColumn, Hour25,
    ];

    public static IReadOnlyList<TestMessage> Break(IEnumerable<string> good, double share, int seed)
    {
        var random = new Random(seed);
        return [.. good.Select(json => random.NextDouble() < share ? Ways[random.Next(Ways.Length)](random, json) : new TestMessage(Encoding.UTF8.GetBytes(json), null, null))];
    }

    private static TestMessage LettersInANumber(Random random, string json) => With(json, random.Next(2) == 0 ? "ANC_UEQ_L" : "SO4_UEQ_L", "12a", "not_a_number");

    private static TestMessage Month13(Random random, string json) => With(json, "DATE_SMP", "13/04/2015 00:00:00", "not_a_timestamp");

    private static TestMessage Hour25(Random random, string json) => With(json, "TIME_SMP", "2510", "not_a_time_of_day");

    private static TestMessage EmptyKeyColumn(Random random, string json) => With(json, "SITE_ID", "", "required");

    private static TestMessage MissingField(Random random, string json)
    {
        var row = JsonNode.Parse(json)!.AsObject();
        row.Remove("PH_LAB");
        return new TestMessage(Encoding.UTF8.GetBytes(row.ToJsonString()), "PH_LAB", "missing_field");
    }

    private static TestMessage CutJson(Random random, string json) => new(Encoding.UTF8.GetBytes(json[..random.Next(1, json.Length - 1)]), null, "malformed_json");

    private static TestMessage WrongEncoding(Random random, string json)
    {
        var row = JsonNode.Parse(json)!.AsObject();
        row["SAMPLE_LOCATION"] = "Forêt";
        var text = row.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        return new TestMessage(Encoding.Latin1.GetBytes(text), null, "not_utf8");
    }

    private static TestMessage With(string json, string column, string value, string rule)
    {
        var row = JsonNode.Parse(json)!.AsObject();
        row[column] = value;
        return new TestMessage(Encoding.UTF8.GetBytes(row.ToJsonString()), column, rule);
    }
}
