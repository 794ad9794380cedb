using Pipeline.Suite.Loading;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>What the archive of a stream's messages tells when the stream has ended: asked for in the batches, it would be work that no job does.</summary>
internal static class ArchivedBatches
{
    /// <summary>When the oldest message of each batch was sent, UTC, by the batch's number.</summary>
    public static IReadOnlyDictionary<long, DateTime> Oldest(LakeLayout lake)
    {
        using var duckDb = new DuckDb();
        duckDb.Execute("SET threads = 1");
        return duckDb.Rows(
            $"SELECT CAST(batch AS BIGINT), epoch_ms(min(timestamp)) FROM read_parquet('{lake.Storage.LocalRoot}/raw/*/*/batch=*/*.parquet', hive_partitioning = true) GROUP BY ALL",
            static row => (Batch: row.GetInt64(0), Oldest: DateTime.UnixEpoch.AddMilliseconds(row.GetInt64(1)))).ToDictionary(static row => row.Batch, static row => row.Oldest);
    }
}
