using Pipeline.Embedded.Session;
using Pipeline.Sql.Engine;

namespace Pipeline.Embedded;

/// <summary>Identifiers as DuckDB quotes them.</summary>
internal sealed class EmbeddedDialect : ISqlDialect
{
    public string Name => "DuckDB";

    public string Identifier(string name) => DuckDbTypes.Quote(name);
}
