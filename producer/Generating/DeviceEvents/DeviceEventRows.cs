using System.Globalization;
using System.Text.Json.Nodes;
using Pipeline.Suite.Schemas;
using Contract = Pipeline.Suite.Schemas.DeviceEvents;

namespace Pipeline.Producer.Generating.DeviceEvents;

/// <summary>Events of none to three devices, a minute or two apart, and some that are broken in one of the ways that happen.</summary>
internal sealed class DeviceEventRows(string name, long rows, ulong seed, Shares shares) : GeneratedRows(name, [.. MessageFiles.Rows.Columns.Select(column => column.SourceName)], rows)
{
    internal const string Good = "good", Broken = "broken";

    private const int Devices = 12;
    private static readonly DateTime FirstEvent = new(2023, 1, 5, 11, 13, 53, DateTimeKind.Utc);

    // An event without devices is no row: it cannot be broken in a device.
    private static readonly Func<SeededRandom, JsonObject, string>[] WaysToBreak =
    [
        (random, made) => made.ToJsonString()[..random.Between(20, 80)],
        (_, made) => With(made, "eventId", "not-a-uuid"),
        (_, made) => With(made, "eventTime", "yesterday"),
        (_, made) => With(made, "customerId", null),
        (_, made) => InDevice(made, "temperature", "hot"),
        (_, made) => InDevice(made, "status", "UNKNOWN"),
        (_, made) => InDevice(made, "deviceId", null),
        (_, made) => With(made, "data", null),
    ];

    private readonly SeededRandom _random = SeededRandom.For(seed, "device-events");
    private DateTime _time = FirstEvent;

    protected override void Make(long index, RowBuffer row)
    {
        _time = _time.AddMilliseconds(_random.Between(1, 120_000)).AddMicroseconds(_random.Below(1000));
        var kind = shares.Draw(_random);
        var made = Event(index, kind == Good ? _random.Below(4) : _random.Between(1, 3));
        row.Add("utf-8");
        row.Add(kind == Good ? made.ToJsonString() : _random.One(WaysToBreak)(_random, made));
    }

    private JsonObject Event(long index, int devices)
    {
        var ids = Enumerable.Range(1, Devices).OrderBy(_ => _random.Next()).Take(devices).Order();
        return new JsonObject
        {
            ["eventId"] = Uuid(),
            ["eventOffset"] = 10_000 + index,
            ["eventPublisher"] = "device",
            ["customerId"] = string.Create(CultureInfo.InvariantCulture, $"CI{100 + _random.Below(20):00000}"),
            ["data"] = new JsonObject
            {
                ["devices"] = new JsonArray([.. ids.Select(id => (JsonNode)new JsonObject
                {
                    ["deviceId"] = string.Create(CultureInfo.InvariantCulture, $"D{id:000}"),
                    ["temperature"] = (int)Math.Round(15 + id + 4 * _random.NextNormal()),
                    ["measure"] = "C",
                    ["status"] = _random.Chance(0.8) ? Contract.Statuses[0] : _random.One(Contract.Statuses),
                })]),
            },
            ["eventTime"] = _time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        };
    }

    private string Uuid()
    {
        var (high, low) = (_random.Next(), _random.Next());
        // Version 4, variant 1, as a random UUID has them.
        high = (high & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000;
        low = (low & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000;
        return string.Create(CultureInfo.InvariantCulture, $"{high >> 32:x8}-{(high >> 16) & 0xFFFF:x4}-{high & 0xFFFF:x4}-{low >> 48:x4}-{low & 0xFFFF_FFFF_FFFF:x12}");
    }

    private static string With(JsonObject made, string field, string? value)
    {
        if (value is null)
            _ = made.Remove(field);
        else
            made[field] = value;
        return made.ToJsonString();
    }

    private static string InDevice(JsonObject made, string field, string? value)
    {
        var device = made["data"]!["devices"]![0]!.AsObject();
        if (value is null)
            _ = device.Remove(field);
        else
            device[field] = value;
        return made.ToJsonString();
    }
}
