using System.Text.Json;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Delta;

/// <summary>A real Spark with Delta that runs SQL for the tests of the log: the other side of the format.</summary>
internal sealed class SparkSql : IDisposable
{
    private readonly SparkConnection connection;
    private readonly JvmScope scope;
    private readonly JvmObject session;

    private SparkSql(SparkConnection connection)
    {
        this.connection = connection;
        scope = connection.Gateway.BeginScope();
        session = scope.Object(scope.StaticObject("org.apache.spark.sql.SparkSession", "builder"), "getOrCreate");
    }

    public static SparkSql Start(string server, string variable)
    {
        var home = Environment.GetEnvironmentVariable(variable);
        Server.Require(server, !string.IsNullOrEmpty(home), $"Set {variable} to a Spark distribution with Delta's jars.");
        var conf = new Dictionary<string, string>(SparkServer.QuickPlans)
        {
            ["spark.driver.memory"] = "1g",
            ["spark.driver.extraJavaOptions"] = SparkServer.ShortLived,
            ["spark.sql.shuffle.partitions"] = "2",
            ["spark.sql.sources.parallelPartitionDiscovery.parallelism"] = "2",
            ["spark.sql.warehouse.dir"] = Path.Combine(Path.GetTempPath(), "lake-tests-warehouse"),
            ["spark.databricks.delta.retentionDurationCheck.enabled"] = "false",
        };
        return new SparkSql(SparkLauncher.Open(new SparkOptions { Master = "local[2]", SparkHome = home, Conf = SparkConf.Complete(conf, "local[2]", hasDelta: true) }));
    }

    /// <summary>The rows as JSON objects.</summary>
    public IReadOnlyList<JsonElement> Query(string sql)
    {
        using var inner = connection.Gateway.BeginScope();
        var rows = inner.Object(inner.Object(inner.Object(session, "sql", sql), "toJSON"), "collectAsList");
        var text = (string)inner.Static("java.lang.String", "join", "\n", rows)!;
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
    }

    /// <summary>The one value of the one row.</summary>
    public string Value(string sql) => Query(sql).Single().EnumerateObject().Single().Value.ToString();

    public void Run(params string[] statements)
    {
        foreach (var statement in statements)
        {
            using var inner = connection.Gateway.BeginScope();
            inner.Object(inner.Object(session, "sql", statement), "collectAsList");
        }
    }

    public void Dispose()
    {
        scope.Dispose();
        connection.Dispose();
    }
}
