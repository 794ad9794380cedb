using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Files;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.DeviceEvents;

public sealed class DeviceEventsTests
{
    private TemporaryFolder folder = null!;
    private DatasetRun devices = null!;

    [SetUp]
    public void Open()
    {
        folder = new TemporaryFolder();
        devices = new DatasetRun("device-events", folder);
    }

    [TearDown]
    public void Close()
    {
        devices.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task Each_device_is_a_row_each_batch_a_file_and_the_merge_has_every_row_once()
    {
        await devices.GenerateAsync(600, 6);
        var file = Directory.GetFiles(devices.Data).Single();
        var expected = GoodDevices(file);
        using var broker = MockBroker.Start(1, "device-data");
        await devices.SendAsync(broker, file);

        var run = await devices.IngestAsync(broker, ("max-offsets-per-batch", "250"));
        run.Counts.Written.Should().Be(expected.Count);
        run.Counts.Quarantined.Should().BeInRange(10, 80);
        run.Outputs.Should().Equal(run.Batches.Select(batch => devices.Output($"batches/{batch.BatchId}.csv")));
        run.Batches.Should().HaveCount(3);

        var first = await devices.PipelineAsync("merge", ["--once"]);
        first.Out.Should().Contain($"3 files taken, {expected.Count} rows");
        var merged = await File.ReadAllLinesAsync(devices.Output("merged.csv"));
        merged[0].Should().Be("eventId,eventOffset,eventPublisher,customerId,eventTime,deviceId,temperature,measure,status");
        merged.Skip(1).Order(StringComparer.Ordinal).Should().Equal(expected.Order(StringComparer.Ordinal));
        (await File.ReadAllLinesAsync(devices.Output("processed_files.txt"))).Should().Equal(run.Batches.Select(batch => $"{batch.BatchId}.csv"));

        // The same topic by a new checkpoint: nothing new, no file, nothing to merge.
        var again = await devices.IngestAsync(broker, ("checkpoint", folder["checkpoint"]));
        again.Counts.Written.Should().Be(0);
        again.Outputs.Should().BeEmpty();
        (await devices.PipelineAsync("merge", ["--once"])).Out.Should().Contain($"0 files taken, 0 rows; '{devices.Output("merged.csv")}' has {expected.Count} rows");
    }

    [Test]
    public async Task Broken_events_and_broken_devices_are_in_quarantine_with_their_reasons_and_the_rest_goes_on()
    {
        Directory.CreateDirectory(devices.Data);
        const string good = "{\"\"deviceId\"\":\"\"D001\"\",\"\"temperature\"\":20,\"\"measure\"\":\"\"C\"\",\"\"status\"\":\"\"SUCCESS\"\"}";
        await File.WriteAllLinesAsync(Path.Combine(devices.Data, "device_events_test.csv"),
        [
            "encoding,message",
            Event(1, good),
            Event(2, good, "{\"\"deviceId\"\":\"\"D002\"\",\"\"temperature\"\":\"\"hot\"\",\"\"measure\"\":\"\"C\"\",\"\"status\"\":\"\"ERROR\"\"}"),
            Event(3),
            "utf-8,\"{\"\"eventId\"\":\"\"cut\"",
            "utf-8,no json at all",
            Event(4, good).Replace("CI00103", "C1", StringComparison.Ordinal),
            Event(5, good).Replace("D001", "X1", StringComparison.Ordinal).Replace("SUCCESS", "GONE", StringComparison.Ordinal),
            Event(6, good).Replace("T11:13:53Z", " at noon", StringComparison.Ordinal),
        ]);
        var run = await devices.PipelineAsync("batch-etl", ["--input", devices.Data, "--max-bad-share", "1"]);
        run.Out.Should().Contain("8 read = 2 written + 6 quarantined");
        (await devices.QueryAsync("SELECT event_offset, device_id, temperature FROM device_readings ORDER BY event_offset")).Should().Be("1,D001,20\n2,D001,20");
        devices.Quarantine("device_readings").Should().Equal(
            "device_events_test.csv:3 temperature not_a_whole_number", "device_events_test.csv:5 - malformed_json", "device_events_test.csv:6 - malformed_json", "device_events_test.csv:7 customerId not_a_customer",
            "device_events_test.csv:8 deviceId not_a_device", "device_events_test.csv:8 status not_a_status", "device_events_test.csv:9 eventTime not_an_instant");

        static string Event(int number, params string[] inIt) =>
            $"utf-8,\"{{\"\"eventId\"\":\"\"00000000-0000-4000-8000-00000000000{number}\"\",\"\"eventOffset\"\":{number},\"\"eventPublisher\"\":\"\"device\"\",\"\"customerId\"\":\"\"CI00103\"\",\"\"data\"\":{{\"\"devices\"\":[{string.Join(',', inIt)}]}},\"\"eventTime\"\":\"\"2023-01-05T11:13:53Z\"\"}}\"";
    }

    /// <summary>The rows that must come of a generated file, read by other code than the job's.</summary>
    private static List<string> GoodDevices(string file)
    {
        using var rows = RowSources.Open(file, Suite.Schemas.Datasets.Find("device-events")!.Main.Delimiter, sheet: null, encoding: null, static _ => { });
        var lines = new List<string>();
        while (rows.Read())
        {
            try
            {
                using var json = JsonDocument.Parse(rows.Field(1).ToArray());
                var made = json.RootElement;
                foreach (var device in made.GetProperty("data").GetProperty("devices").EnumerateArray())
                {
                    if (!device.TryGetProperty("deviceId", out var id) || device.GetProperty("temperature").ValueKind != JsonValueKind.Number || device.GetProperty("status").GetString() == "UNKNOWN") continue;
                    if (!Guid.TryParse(made.GetProperty("eventId").GetString(), out _) || !made.TryGetProperty("customerId", out var customer)) continue;
                    if (!DateTimeOffset.TryParse(made.GetProperty("eventTime").GetString(), System.Globalization.CultureInfo.InvariantCulture, out var at)) continue;
                    var time = at.UtcDateTime.ToString(at.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
                    lines.Add($"{made.GetProperty("eventId").GetString()},{made.GetProperty("eventOffset").GetInt64()},device,{customer.GetString()},{time},{id.GetString()},{device.GetProperty("temperature").GetInt64()},C,{device.GetProperty("status").GetString()}");
                }
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException)
            {
                // Cut, or without its devices: no row comes of it.
                TestContext.Out.WriteLine($"A broken event: {error.Message}");
            }
        }
        return lines;
    }
}
