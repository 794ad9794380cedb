using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Runtime;

/// <summary>The JSON Schema of result.json: it is made from the code, stands in the repository, and what is written keeps to it.</summary>
public sealed class ResultSchemaTests
{
    [Test]
    public void The_schema_in_the_repository_is_that_of_the_code()
    {
        var made = Made();
        if (Environment.GetEnvironmentVariable("PIPELINE_WRITE_DOCS") is not null) File.WriteAllText(JsonShape.ResultSchema, made);

        File.ReadAllText(JsonShape.ResultSchema).Should().Be(made, "PIPELINE_WRITE_DOCS=1 dotnet test tests/Unit --filter ResultSchema makes it again");
    }

    [Test]
    public async Task What_a_run_leaves_keeps_to_it_whatever_its_end([Values("done", "wrong command line", "error")] string end)
    {
        var world = new FakeWorld();
        var copy = Path.Combine(world.Folder, "copy.json");
        var job = new FakeJob(_ =>
        {
            if (end == "error") throw new InvalidOperationException("Nobody saw this coming.");
        });

        await world.RunAsync(job, ["--result", copy, .. end == "wrong command line" ? ["--nonsense"] : (string[])["--pond", "south"]]);

        using var shape = JsonShape.OfResult();
        shape.Faults(await File.ReadAllTextAsync(copy)).Should().BeEmpty();
        var root = JsonNode.Parse(await File.ReadAllTextAsync(copy))!;
        root["host"]!.GetValue<string>().Should().Be(Environment.MachineName);
        if (end != "wrong command line") root["arguments"]!.AsArray().Select(static each => each!.GetValue<string>()).Should().Contain("--pond=south").And.Contain($"--result={copy}");
    }

    [Test]
    public void A_value_of_another_kind_and_a_property_that_it_does_not_name_are_told()
    {
        using var shape = JsonShape.OfResult();

        shape.Faults("""{"schema_version": "1", "surprise": 1}""").Should().Contain("$.schema_version is \"1\", and not integer").And.Contain("$ has surprise, which the schema does not name").And.Contain("$ has no run_id");
        shape.Faults("""{"status": "happy"}""").Should().Contain(static fault => fault.StartsWith("$.status is \"happy\", which is none of"));
    }

    [Test]
    public void A_result_of_an_earlier_version_is_read()
    {
        var old = RunResultFile.Parse("""{"schema_version":1,"run_id":"r","job":"j","dataset":null,"status":"succeeded","exit_code":0,"message":"Done.","engine":null,"started_at":"2026-11-24T19:30:00+00:00","ended_at":"2026-11-24T19:30:07+00:00","counts":{"read":0,"written":0,"quarantined":0,"duplicate":0,"late":0},"batches":[],"tables":[],"outputs":[],"warnings":[]}""");

        (old.Rejected.Count, old.Arguments.Count, old.ParentRunId).Should().Be((0, 0, null));
    }

    private static string Made()
    {
        var options = new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = static (context, node) =>
            {
                if (node is JsonObject shape && context.TypeInfo.Type == typeof(DateTimeOffset)) shape["format"] = "date-time";
                return node;
            },
        };
        var schema = RunResultJson.Default.Options.GetJsonSchemaAsNode(typeof(RunResult), options).AsObject();
        var named = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "result.json: how a run of the suite ended" };
        foreach (var (name, value) in schema) named[name] = value?.DeepClone();
        return named.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }
}
