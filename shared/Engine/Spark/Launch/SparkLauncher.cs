using System.Globalization;
using Pipeline.Engine.Spark.Gateway;

namespace Pipeline.Engine.Spark.Launch;

/// <summary>The two ways to a JVM: the one that spark-submit started us from, or one that we start and end.</summary>
public static class SparkLauncher
{
    private const string PortVariable = "PYSPARK_GATEWAY_PORT";
    private const string SecretVariable = "PYSPARK_GATEWAY_SECRET";

    /// <summary>Whether this program was started by spark-submit, which then waits for its exit code.</summary>
    public static bool IsInsideSparkSubmit => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(PortVariable));

    /// <summary>Whether the environment names a Spark to start.</summary>
    public static bool HasSparkHome => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable("SPARK_HOME"));

    internal static SparkConnection Open(SparkOptions options) => IsInsideSparkSubmit ? Join() : Start(options);

    private static SparkConnection Join()
    {
        var text = Environment.GetEnvironmentVariable(PortVariable);
        var secret = Environment.GetEnvironmentVariable(SecretVariable);
        // Programs that we start from here on need neither.
        Environment.SetEnvironmentVariable(SecretVariable, null);
        Environment.SetEnvironmentVariable(PortVariable, null);
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new SparkStartException($"{PortVariable} is '{text}', which is not a port. spark-submit sets it; start the job through spark-submit again.") { IsConfiguration = true };
        if (string.IsNullOrEmpty(secret))
            throw new SparkStartException($"{PortVariable} is set but {SecretVariable} is not. spark-submit sets both, for one session a process; start the job through spark-submit again.") { IsConfiguration = true };
        return new SparkConnection(JvmGateway.Connect(port, new GatewaySecret(secret)), null);
    }

    private static SparkConnection Start(SparkOptions options)
    {
        var process = SparkProcess.Start(SparkHome.Open(options.SparkHome), options);
        try
        {
            var (port, secret) = process.AwaitGateway(options.StartTimeout);
            return new SparkConnection(JvmGateway.Connect(port, secret, process.Explain), process);
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }
}

/// <summary>A gateway, and the JVM behind it where it is ours to end.</summary>
internal sealed record SparkConnection(JvmGateway Gateway, SparkProcess? Process) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Gateway.Dispose();
        Process?.Dispose();
    }
}
