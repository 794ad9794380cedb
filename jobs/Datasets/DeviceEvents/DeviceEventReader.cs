using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.DeviceEvents;

namespace Pipeline.Jobs.Datasets.DeviceEvents;

/// <summary>Nested events to one row a device, all fields as text, for the contract's rules to classify.</summary>
public static class DeviceEventReader
{
    private static readonly string[] OfDevice = ["deviceId", "temperature", "measure", "status"];

    private static readonly StructType Device = new([.. OfDevice.Select(Text)]);

    // Texts throughout: a number's field would be null for a text, and what stood there could not be told.
    private static readonly StructType Event = new(
    [
        .. Contract.Readings.Columns.Select(column => column.SourceName).Except(OfDevice).Select(Text),
        new StructField("data", new StructType(new StructField("devices", new ArrayType(new StringType())))),
    ]);

    /// <summary>Reads events.</summary>
    /// <remarks>
    /// In: as <see cref="MessageTexts"/> gives them. Out: one row a device of an event, and one row for a message that is no event: the contract's source columns (string; null where absent),
    /// <see cref="StagedColumns.Provenance"/> with the device's place in its event, and <see cref="StagedColumns.Format"/>: <c>malformed_json</c>, <c>no_devices</c> (the list is absent). An event with an empty list is no row. Unordered.
    /// </remarks>
    public static DataFrame Read(DataFrame texts)
    {
        var raw = Col(StagedColumns.Raw);
        var parsed = texts
            .WithColumn("_event", When(Col(StagedColumns.Format).IsNull(), StrictJson.Fields(raw, Event)))
            .WithColumn("_devices", Col("_event").GetField("data").GetField("devices"));
        var hasNothing = Event.FieldNames.Where(static name => name != "data").Select(name => Col("_event").GetField(name).IsNull()).Aggregate(static (left, right) => left & right);
        var classified = parsed.WithColumn(
            StagedColumns.Format,
            When(Col(StagedColumns.Format).IsNotNull(), Col(StagedColumns.Format))
                .When(hasNothing, Lit("malformed_json"))
                .When(Col("_devices").IsNull(), Lit("no_devices")));
        var rows = classified.Select(
        [
            .. classified.Columns().Where(static name => name is not (StagedColumns.Item or "_devices")).Select(name => Col(name)),
            PosExplode(When(Col(StagedColumns.Format).IsNotNull(), Array(Lit(null).Cast("string"))).Otherwise(Col("_devices"))).As(StagedColumns.Item, "_device_text"),
        ]).WithColumn("_device", StrictJson.Fields(Col("_device_text"), Device));
        return rows.Select(
        [
            .. Contract.Readings.Columns.Select(column => (OfDevice.Contains(column.SourceName) ? Col("_device") : Col("_event")).GetField(column.SourceName).As(column.SourceName)),
            .. StagedColumns.Provenance.Select(name => name == StagedColumns.Item ? When(Col(StagedColumns.Format).IsNull(), Col(name).Cast("bigint")).As(name) : Col(name)),
            Col(StagedColumns.Format),
        ]);
    }

    private static StructField Text(string name) => new(name, new StringType());
}
