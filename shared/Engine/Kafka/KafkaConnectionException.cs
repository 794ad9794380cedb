namespace Pipeline.Engine.Kafka;

/// <summary>Why no connection to a broker came about.</summary>
public enum ConnectionRefusal
{
    /// <summary>Nobody answers at the address, or not in time.</summary>
    Unreachable,

    /// <summary>The host's name is unknown.</summary>
    UnknownHost,

    /// <summary>The broker's certificate is of an authority that is not trusted.</summary>
    UnknownAuthority,

    /// <summary>The broker's certificate is for other host names.</summary>
    WrongHostName,

    /// <summary>The broker's certificate is past its last day, or before its first.</summary>
    Expired,

    /// <summary>The broker's certificate is refused for another reason, such as its use or revocation.</summary>
    InvalidCertificate,

    /// <summary>We speak TLS and the broker does not.</summary>
    PlaintextServer,

    /// <summary>The broker speaks TLS and we do not.</summary>
    TlsServer,

    /// <summary>The broker wants a client certificate, or another one.</summary>
    ClientCertificateRefused,

    /// <summary>Name or password are refused.</summary>
    Authentication,

    /// <summary>The connection stands, but what was asked is not allowed to this client.</summary>
    Authorization,

    /// <summary>What answers does not speak Kafka's protocol.</summary>
    NotKafka,
}

/// <summary>No usable connection to the brokers: what was tried, why it failed, and what to do, in one sentence or two.</summary>
public sealed class KafkaConnectionException : Exception
{
    /// <summary>With the kind, a full sentence and the cause where there is one.</summary>
    public KafkaConnectionException(ConnectionRefusal refusal, string message, Exception? cause = null) : base(message, cause) => Refusal = refusal;

    /// <summary>What kind of refusal it is.</summary>
    public ConnectionRefusal Refusal { get; }

    /// <summary>Whether trying again later may help (exit code 75); otherwise the settings are to be changed first (exit code 2).</summary>
    public bool IsTransient => Refusal is ConnectionRefusal.Unreachable or ConnectionRefusal.UnknownHost;
}
