using Pipeline.Engine.Spark.Gateway.Wire;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Gateway;

/// <summary>Reads what a throwable says of itself.</summary>
internal static class JvmErrors
{
    private const int MaxCauses = 12;

    /// <summary>Error classes and messages that wrap another: the cause's are the ones worth having.</summary>
    private static readonly string[] Wrappers = ["STREAM_FAILED", "FOREACH_BATCH_USER_FUNCTION_ERROR"];
    private static readonly string[] WrapperMessages = ["Exception thrown in awaitResult", "Job aborted"];

    private const string Kafka = "org.apache.kafka.";
    private const string InvalidAuthorization = "28000";
    private const string InvalidValue = "22023";
    private static readonly string[] RefusedByKafka = ["AuthenticationException", "AuthorizationException"];
    private static readonly string[] WrongForKafka = ["org.apache.kafka.common.config.ConfigException", "org.apache.kafka.common.errors.InvalidConfigurationException"];

    private const string WorkerDidNotStart = "Error from python worker:";

    private static readonly string[] TransientClasses =
    [
        "java.net.ConnectException", "java.net.SocketTimeoutException", "java.net.SocketException", "java.net.UnknownHostException", "java.net.NoRouteToHostException",
        "org.apache.hadoop.ipc.StandbyException", "org.apache.hadoop.ipc.RetriableException", "org.apache.hadoop.hdfs.server.namenode.SafeModeException",
        "org.apache.kafka.common.errors.TimeoutException", "org.apache.kafka.common.errors.DisconnectException",
        "io.delta.exceptions.Concurrent", "io.delta.exceptions.MetadataChangedException", "io.delta.exceptions.ProtocolChangedException", "org.apache.spark.sql.delta.Concurrent",
    ];

    /// <summary>Asks the throwable on the connection that it came on, and releases it.</summary>
    public static JvmException Read(GatewayConnection connection, string throwableId)
    {
        var held = new List<string>();
        try
        {
            var chain = new List<Link>();
            string? next = throwableId;
            while (next is not null && chain.Count < MaxCauses)
            {
                held.Add(next);
                chain.Add(ReadLink(connection, next, held));
                next = (Ask(connection, next, "getCause") as WireReference?)?.Id;
                if (next is not null && held.Contains(next)) next = null;
            }
            if (next is not null) held.Add(next);
            return Build(chain, StackTrace(connection, throwableId));
        }
        finally
        {
            if (connection.State == ConnectionState.Ready) connection.Forget(held);
        }
    }

    /// <summary>The first line that is not empty.</summary>
    public static string FirstLine(string text) =>
        text.Split('\n', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var first, ..] ? first : "";

    /// <summary>The line that says what is wrong.</summary>
    private static string Sentence(string message)
    {
        var first = FirstLine(message);
        // Below that line stands what the process wrote before it ended.
        return first == WorkerDidNotStart ? $"Spark could not start the program that runs C# functions: {FirstLine(message[(message.IndexOf(first, StringComparison.Ordinal) + first.Length)..])}" : first;
    }

    private static JvmException Build(List<Link> chain, string? stack)
    {
        var outer = chain[0];
        var named = chain.FirstOrDefault(static link => link.ErrorClass is not null && !IsWrapper(link)) ?? outer;
        var worded = !IsWrapper(outer) && outer.Message.Length > 0 ? outer
            : named != outer ? named
            : chain.FirstOrDefault(static link => link.Message.Length > 0 && !IsWrapper(link)) ?? chain.FirstOrDefault(static link => link.Message.Length > 0) ?? outer;
        if (KafkaTimestamp.IsCause(chain.Exists(static link => link.ClassName == KafkaTimestamp.Thrown), stack))
        {
            return new JvmException(KafkaTimestamp.Message, outer.Message)
            {
                ErrorClass = ErrorClasses.KafkaTimestamp,
                SqlState = KafkaTimestamp.SqlState,
                RemoteClass = outer.ClassName,
                RemoteStackTrace = stack,
            };
        }
        var sentence = WithKafkasReason(Sentence(worded.Message), chain);
        return new JvmException(sentence.Length > 0 ? sentence : $"{outer.ClassName} was thrown in the JVM without a message.", outer.Message)
        {
            ErrorClass = named.ErrorClass ?? outer.ErrorClass,
            SqlState = StateOfKafka(chain) ?? named.SqlState ?? outer.SqlState,
            RemoteClass = outer.ClassName,
            RemoteClasses = [.. chain.Select(static link => link.ClassName)],
            RemoteStackTrace = stack,
            UserStackTrace = chain.Select(UserStack).FirstOrDefault(static text => text is not null),
            IsTransient = chain.Any(IsTransient),
        };
    }

    /// <summary>The sentence and why: a Kafka client that cannot be made or cannot log in says what is wrong only in what caused it.</summary>
    private static string WithKafkasReason(string sentence, List<Link> chain)
    {
        var reason = chain.FindLast(static link => link.Message.Length > 0);
        if (reason is null || !chain.Exists(static link => link.ClassName.StartsWith(Kafka, StringComparison.Ordinal))) return sentence;
        var inner = FirstLine(reason.Message);
        return sentence.Contains(inner, StringComparison.Ordinal) ? sentence : $"{sentence.TrimEnd('.')}: {inner}";
    }

    /// <summary>SQLSTATE of what a Kafka client's settings are to blame for: a value that is not one, or a login or certificate that the brokers or the client refuse; null for anything else.</summary>
    private static string? StateOfKafka(List<Link> chain) =>
        chain.Exists(static link => RefusedByKafka.Any(end => link.ClassName.StartsWith(Kafka, StringComparison.Ordinal) && link.ClassName.EndsWith(end, StringComparison.Ordinal))) ? InvalidAuthorization
        : chain.Exists(static link => WrongForKafka.Contains(link.ClassName, StringComparer.Ordinal)) ? InvalidValue
        : null;

    /// <summary>What stands below the first line of an error of a C# function: where it was, and the .NET stack.</summary>
    private static string? UserStack(Link link)
    {
        if (link.ClassName != "org.apache.spark.api.python.PythonException") return null;
        var lines = link.Message.Split('\n', 2);
        return lines.Length == 2 ? lines[1].TrimEnd() : null;
    }

    private static bool IsWrapper(Link link) =>
        link.ErrorClass is { } name
            ? Wrappers.Contains(name, StringComparer.Ordinal)
            : WrapperMessages.Any(start => link.Message.StartsWith(start, StringComparison.Ordinal));

    private static bool IsTransient(Link link) =>
        TransientClasses.Any(prefix => link.ClassName.StartsWith(prefix, StringComparison.Ordinal))
        || link.ErrorClass is { } name && name.StartsWith("DELTA_CONCURRENT", StringComparison.Ordinal)
        || link.Message.Contains("No space left on device", StringComparison.Ordinal);

    private static Link ReadLink(GatewayConnection connection, string id, List<string> held)
    {
        var className = "a throwable";
        if (Ask(connection, id, "getClass") is WireReference javaClass)
        {
            held.Add(javaClass.Id);
            className = Ask(connection, javaClass.Id, "getName") as string ?? className;
        }
        var isSpark = className.StartsWith("org.apache.spark.", StringComparison.Ordinal) || className.Contains(".delta.", StringComparison.Ordinal);
        return new Link(
            className,
            Ask(connection, id, "getMessage") as string ?? "",
            isSpark ? Ask(connection, id, "getErrorClass") as string : null,
            isSpark ? Ask(connection, id, "getSqlState") as string : null);
    }

    /// <summary>The method's answer, or null where there is no such method or it throws.</summary>
    private static object? Ask(GatewayConnection connection, string id, string method)
    {
        Commands.Call(connection.Begin(), id, method, []);
        var answer = connection.Exchange(method);
        if (answer.Kind == AnswerKind.Returned) return answer.Value;
        if (answer.Value is WireReference thrown) connection.Forget([thrown.Id]);
        return null;
    }

    private static string? StackTrace(GatewayConnection connection, string id)
    {
        Commands.StackTrace(connection.Begin(), id);
        return connection.Exchange("stack trace").Value as string;
    }

    private sealed record Link(string ClassName, string Message, string? ErrorClass, string? SqlState);
}
