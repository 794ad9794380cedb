using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Engine.Spark.Gateway;

/// <summary>The secret that both sides of the gateway show first. It has no text: not in a log, not in an error.</summary>
internal sealed class GatewaySecret(string value)
{
    private readonly byte[] utf8 = Encoding.UTF8.GetBytes(value);

    /// <summary>Its bytes, for the wire only.</summary>
    public ReadOnlySpan<byte> Utf8 => utf8;

    /// <summary>Whether these are its bytes; takes the same time for any bytes of the same length.</summary>
    public bool Matches(ReadOnlySpan<byte> candidate) => CryptographicOperations.FixedTimeEquals(utf8, candidate);

    /// <inheritdoc/>
    public override string ToString() => "***";
}
