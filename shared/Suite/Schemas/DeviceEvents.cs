using System.Collections.Immutable;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Schemas;

/// <summary>Events of devices: a nested message holds none to three devices, a row is one of them.</summary>
public static class DeviceEvents
{
    /// <summary>States that a device may report.</summary>
    public static ImmutableArray<string> Statuses { get; } = ["SUCCESS", "ERROR", "STANDBY"];

    /// <summary>One device of one event.</summary>
    public static TableContract Readings { get; } = new("device_readings", "one device of one event", [
        new("event_id", "eventId", new PatternRule("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", "not_a_uuid", "a UUID, such as e3cb26d3-41b2-49a2-84f3-0156ed8d7502") { IsCaseInsensitive = true }, "The event") { IsRequired = true },
        new("event_offset", "eventOffset", new WholeNumberRule(), "Number of the event at its publisher") { IsRequired = true },
        new("event_publisher", "eventPublisher", new TextRule(), "Who published it: device") { IsRequired = true },
        new("customer_id", "customerId", new PatternRule("CI[0-9]{5}", "not_a_customer", "CI and five digits, such as CI00103"), "The customer") { IsRequired = true },
        new("event_time", "eventTime", new InstantRule(), "When it happened, UTC") { IsRequired = true },
        new("device_id", "deviceId", new PatternRule("D[0-9]{3}", "not_a_device", "D and three digits, such as D001"), "The device") { IsRequired = true },
        new("temperature", "temperature", new WholeNumberRule(), "Temperature, in the unit of measure") { IsRequired = true },
        new("measure", "measure", new PatternRule("[CF]", "not_a_measure", "C or F"), "Unit of the temperature: C (°C) or F (°F)") { IsRequired = true },
        new("status", "status", new PatternRule(string.Join('|', Statuses), "not_a_status", string.Join(", ", Statuses[..^1]) + " or " + Statuses[^1]), "What the device reports of itself") { IsRequired = true },
    ])
    {
        Key = ["event_id", "device_id"],
    };

    /// <summary>The data set as a whole.</summary>
    public static DatasetContract Dataset { get; } = new(
        "device-events", "Events of devices, nested", "device-data", 1, 1,
        new SourceFile("device_events*", ',', Readings) { RowsInFile = MessageFiles.Rows, KeepsLines = true }, ImmutableDictionary<string, SourceFile>.Empty)
    {
        MessageForm = "A message is a JSON object: eventId, eventOffset, eventPublisher, customerId, data.devices (a list of objects with deviceId, temperature, measure, status) and eventTime. Each device is a row; an event without devices is none.",
    };
}
