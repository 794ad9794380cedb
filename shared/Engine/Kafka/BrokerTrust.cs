namespace Pipeline.Engine.Kafka;

/// <summary>What settings say of verifying the broker.</summary>
/// <param name="IsInsecure">Whether they say that leaving something out is meant.</param>
/// <param name="LeavesOutName">Whether the host name is not to be verified.</param>
/// <param name="LeavesOutCertificate">Whether nothing is to be verified.</param>
internal readonly record struct BrokerTrust(bool IsInsecure, bool LeavesOutName, bool LeavesOutCertificate)
{
    public static BrokerTrust Of(IReadOnlyDictionary<string, string> keys) => new(
        keys.TryGetValue(KafkaClientProperties.InsecureKey, out var said) && !KafkaClientProperties.IsFalse(said),
        keys.TryGetValue(KafkaClientProperties.HostVerification, out var algorithm) && algorithm is "" or "none",
        KafkaClientProperties.IsFalse(keys.GetValueOrDefault(KafkaClientProperties.Verification)));

    /// <summary>Refuses to leave something out that nobody said is meant.</summary>
    /// <exception cref="KafkaSettingsException">They do not say so.</exception>
    public void RequireMeant(string origin)
    {
        if (IsInsecure || !(LeavesOutName || LeavesOutCertificate)) return;
        var key = LeavesOutCertificate ? KafkaClientProperties.Verification : KafkaClientProperties.HostVerification;
        throw new KafkaSettingsException(
            $"{origin}: '{key}' would leave the broker unverified. Remove it, or say {KafkaClientProperties.InsecureKey}=true in the same file if that is meant.");
    }
}
