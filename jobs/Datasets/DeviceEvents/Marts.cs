using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.DeviceEvents;

namespace Pipeline.Jobs.Datasets.DeviceEvents;

/// <summary>What is told of devices. Functions of <c>device_readings</c>.</summary>
public static class Marts
{
    /// <summary>Readings under their names in the messages, in an order that is total.</summary>
    public static DataFrame AsReceived(DataFrame readings) =>
        readings.OrderBy("event_offset", "event_id", "device_id").Select([.. Contract.Readings.Columns.Select(column => Col(column.Name).As(column.SourceName))]);

    /// <summary>Temperatures and states of each device. Key: device_id, measure.</summary>
    /// <remarks>Out: n (bigint), mean_temperature (double), min_temperature, max_temperature (bigint), in measure; n_error, n_standby (bigint), last_event_time (timestamp). Unordered.</remarks>
    public static DataFrame DeviceStats(DataFrame readings) =>
        readings.GroupBy("device_id", "measure").Agg(
            Count(Lit(1)).As("n"), Avg(Col("temperature")).As("mean_temperature"), Min(Col("temperature")).As("min_temperature"), Max(Col("temperature")).As("max_temperature"),
            CountOf("ERROR").As("n_error"), CountOf("STANDBY").As("n_standby"), Max(Col("event_time")).As("last_event_time"));

    /// <summary>Readings by customer and state. Key: customer_id, status. Out: n (bigint). Unordered.</summary>
    public static DataFrame StatusCounts(DataFrame readings) => readings.GroupBy("customer_id", "status").Agg(Count(Lit(1)).As("n"));

    private static Column CountOf(string status) => Sum(When(Col("status") == Lit(status), Lit(1L)).Otherwise(0L));
}
