namespace Pipeline.Engine.Spark.Delta;

/// <summary>Settings of the session for one command, set back at the end.</summary>
internal sealed class TemporaryConf : IDisposable
{
    private readonly SparkEngine engine;
    private readonly List<(string Key, string? Before)> changed = [];

    public TemporaryConf(SparkEngine engine, string key, string value)
    {
        this.engine = engine;
        Set(key, value);
    }

    private TemporaryConf(SparkEngine engine) => this.engine = engine;

    /// <summary>A writer's options as the settings that Delta's SQL commands read.</summary>
    /// <exception cref="ArgumentException">There is no such setting.</exception>
    public static TemporaryConf OfWriter(SparkEngine engine, IReadOnlyDictionary<string, string> options)
    {
        var confs = new TemporaryConf(engine);
        foreach (var (key, value) in options) confs.Set(KeyOf(key), value);
        return confs;
    }

    /// <summary>The setting for a writer's option.</summary>
    internal static string KeyOf(string option) => option.ToUpperInvariant() switch
    {
        "USERMETADATA" => "spark.databricks.delta.commitInfo.userMetadata",
        "TXNAPPID" => "spark.databricks.delta.write.txnAppId",
        "TXNVERSION" => "spark.databricks.delta.write.txnVersion",
        "MERGESCHEMA" => "spark.databricks.delta.schema.autoMerge.enabled",
        _ => throw new ArgumentException($"The option '{option}' has no meaning for a delete or merge. There are: userMetadata, txnAppId, txnVersion, mergeSchema.", nameof(option)),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        if (engine.Lost.IsCancellationRequested) return;
        using var scope = engine.Begin();
        var conf = scope.Object(engine.Session, "conf");
        foreach (var (key, before) in changed)
        {
            if (before is null) _ = scope.Call(conf, "unset", key);
            else _ = scope.Call(conf, "set", key, before);
        }
    }

    private void Set(string key, string value)
    {
        changed.Add((key, engine.GetConf(key)));
        engine.SetConf(key, value);
    }
}
