using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>The measures by name: each is run alone in a process of its own.</summary>
internal static class MeasureList
{
    public static IReadOnlyDictionary<string, Func<Arguments, Recorder, Task>> All { get; } = new Dictionary<string, Func<Arguments, Recorder, Task>>(StringComparer.Ordinal)
    {
        ["etl"] = EtlMeasures.OursAsync,
        ["etl-duckdb"] = EtlMeasures.DuckDbAsync,
        ["export"] = ExportMeasures.OursAsync,
        ["enrich-load"] = EnrichMeasures.LoadAsync,
        ["enrich"] = EnrichMeasures.OursAsync,
        ["enrich-forget"] = EnrichMeasures.ForgetAsync,
        ["enrich-duckdb"] = EnrichMeasures.DuckDbAsync,
        ["delta-commits"] = DeltaMeasures.CommitsAsync,
        ["delta-open"] = DeltaMeasures.OpenAsync,
        ["delta-large-log"] = LargeDeltaMeasures.LogAsync,
        ["delta-large-files"] = LargeDeltaMeasures.FilesAsync,
        ["delta-large-open"] = LargeDeltaMeasures.OpenAsync,
        ["delta-large-count"] = LargeDeltaMeasures.CountAsync,
        ["delta-commits-spark"] = SparkMeasures.DeltaCommitsAsync,
        ["callback-spark"] = SparkMeasures.CallbackAsync,
        ["stream"] = StreamMeasures.RunAsync,
        ["stream-job"] = StreamMeasures.JobAsync,
        ["produce"] = ProducerMeasures.ProduceAsync,
        ["read"] = ProducerMeasures.ReadAsync,
        ["csvhelper"] = ProducerMeasures.CsvHelperAsync,
        ["exceldatareader"] = ProducerMeasures.ExcelDataReaderAsync,
        ["sql"] = EtlMeasures.SqlAsync,
        ["query-duckdb"] = EtlMeasures.TrivialQueryAsync,
    };
}
