using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Kafka;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Makes views of sources by their format.</summary>
internal static class SourceOpener
{
    public static SourceView Open(SessionContext session, SourceSpec spec)
    {
        if (spec.IsStreaming) return OpenStream(session, spec);
        OptionsWithoutSupport.RefuseReading(spec.Format, spec.Options);
        return spec.Format switch
        {
            "kafka" => KafkaStreamSource.OpenBatch(session, spec),
            "csv" => CsvSource.Open(session, spec),
            "parquet" => ParquetSource.Open(session, spec),
            "delta" => DeltaSource.Open(session, spec),
            "json" => JsonSource.Open(session, spec),
            "text" => TextSource.Open(session, spec),
            _ => throw new EngineException($"The embedded engine does not read the format '{spec.Format}'. It reads csv, delta, kafka, json, parquet and text."),
        };
    }

    private static SourceView OpenStream(SessionContext session, SourceSpec spec) => spec.Format switch
    {
        "kafka" => session.AddStream(new KafkaStreamSource(KafkaOptions.From(spec))),
        _ => throw new EngineException($"The embedded engine does not stream from the format '{spec.Format}'. It streams from kafka."),
    };
}
