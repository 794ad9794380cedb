using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sinks;

/// <summary>Writes a query's rows where a sink says.</summary>
internal static class Writer
{
    public static void Write(SessionContext session, string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken)
    {
        if (sink.Mode is not ("append" or "overwrite" or "errorifexists" or "ignore"))
            throw new EngineException($"The mode '{sink.Mode}' is not known. It is append, overwrite, errorifexists or ignore.") { ErrorClass = "INVALID_SAVE_MODE", SqlState = "42000" };
        OptionsWithoutSupport.RefuseWriting(sink.Format, sink.Options);
        session.Refresh(sql);
        switch (sink.Format)
        {
            case "delta":
                DeltaSink.Write(session, sql, schema, sink, cancellationToken);
                break;
            case "parquet" or "csv" or "json" or "text":
                FolderSink.Write(session, sql, schema, sink, cancellationToken);
                break;
            case "noop":
                session.Execute($"SELECT count(*) FROM (SELECT unnest([hash(COLUMNS(*))]) FROM ({sql}))", cancellationToken);
                break;
            default:
                throw new EngineException($"The embedded engine does not write the format '{sink.Format}'. It writes delta, parquet, csv, json and text.") { ErrorClass = "DATA_SOURCE_NOT_FOUND", SqlState = "42K02" };
        }
    }
}
