using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Settings of a session that mean something here; others are kept and given back.</summary>
internal static class SessionConf
{
    private const string TimeZone = "spark.sql.session.timeZone";
    private const string MemoryLimit = "pipeline.embedded.memoryLimit";
    private const string Threads = "pipeline.embedded.threads";

    /// <summary>What a setting is where nobody set it.</summary>
    public static string? Default(string key) => key.Equals(TimeZone, StringComparison.OrdinalIgnoreCase) ? "UTC" : null;

    /// <exception cref="EngineException">The value is one that the engine cannot honor.</exception>
    public static void Check(string key, string value)
    {
        if (key.Equals(TimeZone, StringComparison.OrdinalIgnoreCase) && value is not ("UTC" or "Etc/UTC" or "Z" or "GMT" or "+00:00"))
            throw new EngineException($"The session's time zone is UTC on the embedded engine; '{value}' is not supported. Convert with from_utc_timestamp in the query instead.") { ErrorClass = "INVALID_CONF_VALUE", SqlState = "22022" };
        TableCompaction.CheckSetting(key, value);
    }

    /// <summary>The statement that makes DuckDB follow the setting, or null.</summary>
    public static string? Statement(string key, string value) =>
        key.Equals(MemoryLimit, StringComparison.OrdinalIgnoreCase) ? $"SET GLOBAL memory_limit = {DuckDbTypes.Literal(value)}"
        : key.Equals(Threads, StringComparison.OrdinalIgnoreCase) ? $"SET GLOBAL threads = {DuckDbTypes.Literal(value)}"
        : null;
}
