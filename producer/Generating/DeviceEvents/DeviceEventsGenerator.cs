using Pipeline.Producer.Messages;
using Contract = Pipeline.Suite.Schemas.DeviceEvents;

namespace Pipeline.Producer.Generating.DeviceEvents;

/// <summary>Events of devices, one in twenty of which is broken.</summary>
internal sealed class DeviceEventsGenerator : IDatasetGenerator
{
    private const string Stem = "device_events_generated";
    private static readonly CsvLayout Layout = new(',', HasByteOrderMark: false, "\n");

    public string Dataset => Contract.Dataset.Name;

    public long UsualRows => 2_000;

    public long MostRows => 10_000_000;

    public Shares UsualShares { get; } = new([new(DeviceEventRows.Good, 0.95), new(DeviceEventRows.Broken, 0.05)]);

    public IMessageSource Messages(long rows, ulong seed) => Messages(rows, seed, UsualShares);

    public IMessageSource Messages(long rows, ulong seed, Shares shares) => new TextMessages(Rows(rows, seed, shares), Contract.Dataset.Main);

    public IReadOnlyList<GeneratedFile> Files(long rows, ulong seed) => Files(rows, seed, UsualShares);

    public IReadOnlyList<GeneratedFile> Files(long rows, ulong seed, Shares shares) => [new(Stem, Layout, () => Rows(rows, seed, shares))];

    private static DeviceEventRows Rows(long rows, ulong seed, Shares shares) => new(Stem + ".csv", rows, seed, shares);
}
