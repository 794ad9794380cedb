namespace Pipeline.Tests.Conformance.Datasets;

/// <summary>A JSON message, and the row that it becomes: id, number and note with bars between, or the rules that it breaks after an exclamation mark.</summary>
internal sealed record JsonMessageText(string Json, string Expected);

/// <summary>Messages at the edges of JSON: one definition for every engine.</summary>
internal static class JsonMessageTexts
{
    private const string Malformed = "!:malformed_json";

    public static IReadOnlyList<JsonMessageText> All { get; } =
    [
        // What is read.
        new("""{"id":"a","n":"1,5","note":"x"}""", "a|1.5|x"),
        new(""" { "note" : "x" , "n" : 12.5 , "id" : "a" } """, "a|12.5|x"),
        new("{\"id\":\"a\",\r\n\t\"n\":\"\",\"note\":\"\"}\n", "a||"),
        new("""{"id":"a","n":null,"note":null}""", "a||"),
        new("""{"id":5,"n":1,"note":9007199254740993}""", "5|1|9007199254740993"),
        new("""{"id":"a","n":1,"note":123456789012345678901234567890}""", "a|1|123456789012345678901234567890"),
        new("""{"id":"a","n":-1E-2,"note":"-0"}""", "a|-0.01|-0"),
        new("""{"id":"a","n":1,"note":"\u00e9\u20AC\"\\\/\b\f\n\r\t"}""", "a|1|é€\"\\/\b\f\n\r\t"),
        new("""{"id":"a","n":1,"note":"\ud83d\ude00 😀"}""", "a|1|😀 😀"),
        new("""{"id":"a","n":1,"note":"\\ud800"}""", "a|1|\\ud800"),
        new("""{"id":"a","n":1,"note":"{\"x\": [1, true]}"}""", "a|1|{\"x\": [1, true]}"),
        new("""{"id":"a","n":1,"note":"true"}""", "a|1|true"),
        new("""{"\u0069d":"a","n":1,"note":"x"}""", "a|1|x"),
        new("""{"id":"a","n":1,"note":"x","other":{"deep":[1,{"a":null}],"b":true},"more":[[],{}]}""", "a|1|x"),
        new("""{"id":"a","n":1,"note":"x","other":{"k":1,"k":2}}""", "a|1|x"),
        new("""{"id":"a","n":1,"note":"x","ID":"b","":"c"}""", "a|1|x"),
        new($"{{\"id\":\"a\",\"n\":1,\"note\":\"x\",\"o\":{new string('[', 15)}{new string(']', 15)}}}", "a|1|x"),
        // What breaks a rule of a column.
        new("""{"id":"a","n":1}""", "!note:missing_field"),
        new("""{"id":null,"n":1,"note":"x"}""", "!id:required"),
        new("""{"id":"a","n":1e400,"note":"x"}""", "!n:not_a_number"),
        new("""{"id":"a","n":"NaN","note":"x"}""", "!n:not_a_number"),
        new("""{"id":"J\u000016","n":1,"note":"x"}""", "!id:contains_nul"),
        new("""{"id":{"string":"a"},"n":1,"note":"x"}""", "!id:wrong_json_type"),
        new("""{"id":["a"],"n":1,"note":"x"}""", "!id:wrong_json_type"),
        new("""{"id":true,"n":1,"note":"x"}""", "!id:wrong_json_type"),
        new("""{"id":"a","n":false,"note":"x"}""", "!n:wrong_json_type"),
        new("""{"id":"a","n":{},"note":[]}""", "!n:wrong_json_type,note:wrong_json_type"),
        new("""{"id":"a","n":[1],"note":{"a":{"b":[true,null]}}}""", "!n:wrong_json_type,note:wrong_json_type"),
        new("""{"id":"a","n":1,"note":"x","_extra":["more"]}""", "!:wrong_field_count"),
        // What is not one object.
        new("""{"id":"a","id":"b","n":1,"note":"x"}""", Malformed),
        new("""{"id":"a","\u0069d":"a","n":1,"note":"x"}""", Malformed),
        new("""{"id":"a","n":1,"note":"x","o":1,"o":1}""", Malformed),
        new("""{"id":"a","n":1,"note":"x"}{"id":"b","n":1,"note":"x"}""", Malformed),
        new("{\"id\":\"a\",\"n\":1,\"note\":\"x\"}\n{\"id\":\"b\",\"n\":1,\"note\":\"x\"}", Malformed),
        new("""{"id":"a","n":1,"note":"x"} x""", Malformed),
        new("""{"id":"a","n":1,"note":"x"},""", Malformed),
        new("""{'id':'a','n':1,'note':'x'}""", Malformed),
        new("""{"id":"a","n":1,"note":"x",}""", Malformed),
        new("""{"id":"a","n":1,"note":"x","o":[1,]}""", Malformed),
        new("""{id:"a","n":1,"note":"x"}""", Malformed),
        new("""{"id":"J\ud80017","n":1,"note":"x"}""", Malformed),
        new("""{"id":"a","n":1,"note":"\udc00"}""", Malformed),
        new("""{"id":"a","n":1,"note":"\ude00\ud83d"}""", Malformed),
        new("""{"id":"a","n":1,"note":"x","o":"\ud800"}""", Malformed),
        new("""{"id":"a","n":1,"note":"x","\ud800":1}""", Malformed),
        new("""{"id":"a","n":1,"note":"x","o":{"p":["\ud800"]}}""", Malformed),
        new("{\"id\":\"a\",\"n\":1,\"note\":\"x\ty\"}", Malformed),
        new("{\"id\":\"a\",\"n\":1,\"note\":\"x\u0001y\"}", Malformed),
        new("{\"id\":\"a\",\"n\":1,\"note\":\"x\ny\"}", Malformed),
        new("{\"id\":\u0001,\"n\":1,\"note\":\"x\"}", Malformed),
        new("""{"id":"a","n":01,"note":"x"}""", Malformed),
        new("""{"id":"a","n":1.,"note":"x"}""", Malformed),
        new("""{"id":"a","n":.5,"note":"x"}""", Malformed),
        new("""{"id":"a","n":+1,"note":"x"}""", Malformed),
        new("""{"id":"a","n":-,"note":"x"}""", Malformed),
        new("""{"id":"a","n":1e,"note":"x"}""", Malformed),
        new("""{"id":"a","n":1 2,"note":"x"}""", Malformed),
        new("""{"id":"a","n":NaN,"note":"x"}""", Malformed),
        new("""{"id":"a","n":Infinity,"note":"x"}""", Malformed),
        new("""{"id":"a","n":nul,"note":"x"}""", Malformed),
        new("""{"id":"a","n":True,"note":"x"}""", Malformed),
        new("""{"id":"a","n":tr ue,"note":"x"}""", Malformed),
        new("""{"id":"a" "n":1,"note":"x"}""", Malformed),
        new("""{"id":"a","n":1,"note":"x" /* y */}""", Malformed),
        new("""{"id":"a","n":1,"note":"\x41"}""", Malformed),
        new("""{"id":"a","n":1,"note":"\u00g0"}""", Malformed),
        new("""{"id":"a","n":1,"note":"x""", Malformed),
        new("""{"id":"a","n":1,"note":"x"]""", Malformed),
        new("""{"id":"a","n":1,"note":"x"}}""", Malformed),
        new("""{"id","n":1}""", Malformed),
        new("""{1:"id"}""", Malformed),
        new("""[{"id":"a","n":1,"note":"x"}]""", Malformed),
        new("\"text\"", Malformed),
        new("12", Malformed),
        new("null", Malformed),
        new("{}", Malformed),
        new("", Malformed),
        new("   ", Malformed),
        new("\uFEFF{\"id\":\"a\",\"n\":1,\"note\":\"x\"}", Malformed),
        new("\u00A0{\"id\":\"a\",\"n\":1,\"note\":\"x\"}", Malformed),
        new($"{{\"id\":\"a\",\"n\":1,\"note\":\"x\",\"o\":{new string('[', 16)}{new string(']', 16)}}}", Malformed),
        // Long and deep ones: no step may walk on Java's stack, or on DuckDB's.
        new($"{{\"id\":\"a\",\"n\":1,\"note\":\"x\",\"o\":{new string('[', 100_000)}{new string(']', 100_000)}}}", Malformed),
        new(new string('[', 200_000), Malformed),
        new(string.Concat(Enumerable.Repeat("{\"o\":", 50_000)) + "1" + new string('}', 50_000), Malformed),
        new($"{{\"id\":\"a\",\"n\":1,\"note\":\"{string.Concat(Enumerable.Repeat("\\u00e9", 20_000))}\"}}", "a|1|" + new string('é', 20_000)),
        new($"{{\"id\":\"a\",\"n\":1,\"note\":\"x\",\"o\":[{string.Join(',', Enumerable.Repeat("{\"p\":1}", 20_000))}]}}", "a|1|x"),
        new($"{{\"id\":\"a\",\"n\":1,\"note\":\"x\",{string.Join(',', Enumerable.Range(0, 20_000).Select(static i => FormattableString.Invariant($"\"k{i}\":{i}")))}}}", "a|1|x"),
    ];

    /// <summary>Events of devices: rows with bars between, each <c>event,offset,time,device,temperature</c>.</summary>
    public static IReadOnlyList<JsonMessageText> Events { get; } =
    [
        new(Event("""{"deviceId":"D001","temperature":21,"measure":"C","status":"SUCCESS"}"""), "D001,21"),
        new(Event("""{"deviceId":"D001","temperature":21,"measure":"C","status":"SUCCESS"},{"status":"ERROR","deviceId":"D002","temperature":"22","measure":"C"}"""), "D001,21|D002,22"),
        new(Event(""), ""),
        new(Event("""{"deviceId":"D001","temperature":null,"measure":"C","status":"SUCCESS"}"""), "!temperature:required"),
        new(Event("""{"deviceId":"D001","temperature":true,"measure":"C","status":["x"]}"""), "!temperature:wrong_json_type,status:wrong_json_type"),
        new(Event("""{"deviceId":"D001","temperature":9223372036854775808,"measure":"C","status":"SUCCESS"}"""), "!temperature:not_a_whole_number"),
        new(Event("""{"deviceId":"D001","deviceId":"D002","temperature":1,"measure":"C","status":"SUCCESS"}"""), "!deviceId:missing_field,temperature:missing_field,measure:missing_field,status:missing_field"),
        new(Event("null"), "!deviceId:missing_field,temperature:missing_field,measure:missing_field,status:missing_field"),
        new(Event("5"), "!deviceId:missing_field,temperature:missing_field,measure:missing_field,status:missing_field"),
        new(Event("", time: "0000-01-01T00:00:00Z", devices: """[{"deviceId":"D001","temperature":1,"measure":"C","status":"SUCCESS"}]"""), "!eventTime:not_an_instant"),
        new(Event("", time: "0001-01-01T00:00:00+02:00", devices: """[{"deviceId":"D001","temperature":1,"measure":"C","status":"SUCCESS"}]"""), "!eventTime:not_an_instant"),
        new(Event("", time: "9999-12-31T23:59:59-05:00", devices: """[{"deviceId":"D001","temperature":1,"measure":"C","status":"SUCCESS"}]"""), "!eventTime:not_an_instant"),
        new(Event("", time: "0001-01-01T00:00:00Z", devices: """[{"deviceId":"D001","temperature":1,"measure":"C","status":"SUCCESS"}]"""), "D001,1"),
        new(Event("", devices: "{}"), "!:no_devices"),
        new(Event("", devices: "null"), "!:no_devices"),
        new(Event("", devices: "\"x\""), "!:no_devices"),
        new(Event("", devices: "[],\"devices\":[]"), Malformed),
        new(Event("") + "x", Malformed),
        new("""{"data":{"devices":[]}}""", Malformed),
    ];

    private static string Event(string device, string time = "2023-01-05T11:13:53.643Z", string? devices = null) =>
        $$"""{"eventId":"e3cb26d3-41b2-49a2-84f3-0156ed8d7512","eventOffset":10018,"eventPublisher":"device","customerId":"CI00103","data":{"devices":{{devices ?? $"[{device}]"}}},"eventTime":"{{time}}"}""";
}
