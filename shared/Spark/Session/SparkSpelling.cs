using Pipeline.Sql.Engine;

namespace Pipeline.Spark.Session;

/// <summary>How Spark quotes a name.</summary>
internal sealed class SparkSpelling : ISqlDialect
{
    /// <inheritdoc/>
    public string Name => "Spark";

    /// <inheritdoc/>
    public string Identifier(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";
}
