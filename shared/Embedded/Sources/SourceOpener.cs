using Pipeline.Embedded.Delta;
using Pipeline.Embedded.Session;
using Pipeline.Sql.Engine;

namespace Pipeline.Embedded.Sources;

/// <summary>Makes views of sources by their format.</summary>
internal static class SourceOpener
{
    public static SourceView Open(SessionContext session, SourceSpec spec) => spec.Format switch
    {
        "csv" => CsvSource.Open(session, spec),
        "parquet" => ParquetSource.Open(session, spec),
        "delta" => DeltaSource.Open(session, spec),
        "json" => JsonSource.Open(session, spec),
        "text" => TextSource.Open(session, spec),
        _ => throw new EngineException($"The embedded engine does not read the format '{spec.Format}'. It reads csv, delta, json, parquet and text."),
    };
}
