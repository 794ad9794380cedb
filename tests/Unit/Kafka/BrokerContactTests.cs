using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.Support.Kafka;

namespace Pipeline.Tests.Unit.Kafka;

public sealed class BrokerContactTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private string _folder = "";
    private TestCertificates _certificates = null!;

    [OneTimeSetUp]
    public void MakeCertificates()
    {
        _folder = Directory.CreateTempSubdirectory("broker-contact").FullName;
        _certificates = new TestCertificates(_folder);
    }

    [OneTimeTearDown]
    public void RemoveCertificates()
    {
        _certificates.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_plain_broker_that_answers_is_accepted()
    {
        await using var broker = new FakeBroker();
        await BrokerContact.VerifyAsync(Settings(broker.Address, ""), Limit, CancellationToken.None);
    }

    [Test]
    public async Task A_TLS_broker_of_a_trusted_authority_is_accepted_with_a_client_certificate()
    {
        await using var broker = new FakeBroker(_certificates.Server, asksForCertificate: true);
        await BrokerContact.VerifyAsync(Settings(broker.Address, Trusting(_certificates.Authority) + $"ssl.keystore.location={_certificates.Client}\n"), Limit, CancellationToken.None);
    }

    [Test]
    public async Task The_first_of_several_that_answers_is_enough()
    {
        await using var broker = new FakeBroker();
        await BrokerContact.VerifyAsync(Settings("localhost:1," + broker.Address, ""), Limit, CancellationToken.None);
    }

    [Test]
    public async Task An_unknown_authority_is_told()
    {
        await using var broker = new FakeBroker(_certificates.Server);
        (await RefusalAsync(broker.Address, Trusting(_certificates.OtherAuthority))).Should().Be((ConnectionRefusal.UnknownAuthority,
            $"The certificate of the broker at '{broker.Address}' is issued by 'CN=Test authority', which is not trusted by '{_certificates.OtherAuthority}'. Give that authority's certificate in ssl.truststore.location."));
    }

    [Test]
    public async Task A_wrong_host_name_is_told()
    {
        await using var broker = new FakeBroker(_certificates.WrongHostServer);
        (await RefusalAsync(broker.Address, Trusting(_certificates.Authority))).Should().Be((ConnectionRefusal.WrongHostName,
            $"The certificate of the broker at '{broker.Address}' is for 'kafka.example.org' and not for 'localhost'. Connect by a name that it is for, or have one issued for this name."));
    }

    [Test]
    public async Task An_expired_certificate_is_told_with_its_days()
    {
        await using var broker = new FakeBroker(_certificates.ExpiredServer);
        var (refusal, message) = await RefusalAsync(broker.Address, Trusting(_certificates.Authority));
        refusal.Should().Be(ConnectionRefusal.Expired);
        message.Should().Match($"The certificate of the broker at '{broker.Address}' is valid from ????-??-?? to ????-??-?? only, and today is ????-??-??. Have the broker's certificate renewed, or correct this machine's clock.");
    }

    [Test]
    public async Task A_plain_broker_is_told_to_a_TLS_client()
    {
        await using var broker = new FakeBroker();
        (await RefusalAsync(broker.Address, Trusting(_certificates.Authority))).Should().Be((ConnectionRefusal.PlaintextServer,
            $"The broker at '{broker.Address}' does not speak TLS on this port. Take the port of its TLS listener, or set security.protocol=PLAINTEXT if the way to it is trusted."));
    }

    [Test]
    public async Task A_TLS_broker_is_told_to_a_plain_client()
    {
        await using var broker = new FakeBroker(_certificates.Server);
        (await RefusalAsync(broker.Address, "")).Should().Be((ConnectionRefusal.TlsServer,
            $"The broker at '{broker.Address}' speaks TLS and the client does not. Set security.protocol=SSL (or SASL_SSL) in the file of --kafka-config."));
    }

    [Test]
    public async Task A_missing_client_certificate_is_told()
    {
        await using var broker = new FakeBroker(_certificates.Server, asksForCertificate: true);
        (await RefusalAsync(broker.Address, Trusting(_certificates.Authority))).Should().Be((ConnectionRefusal.ClientCertificateRefused,
            $"The broker at '{broker.Address}' asks for a client certificate and none is given. Set ssl.keystore.location in the file of --kafka-config."));
    }

    [Test]
    public async Task Insecure_lets_an_unknown_authority_pass()
    {
        await using var broker = new FakeBroker(_certificates.WrongHostServer);
        await BrokerContact.VerifyAsync(Settings(broker.Address, Trusting(_certificates.OtherAuthority) + "insecure=true\n"), Limit, CancellationToken.None);
    }

    [Test]
    public async Task Nobody_at_the_address_is_transient()
    {
        var verify = () => BrokerContact.VerifyAsync(Settings("localhost:1", ""), TimeSpan.FromMilliseconds(300), CancellationToken.None);
        (await verify.Should().ThrowAsync<KafkaConnectionException>().WithMessage("Cannot reach a Kafka broker at 'localhost:1': nobody listens there. Start the broker, or correct --bootstrap-servers."))
            .Which.IsTransient.Should().BeTrue();
    }

    [Test]
    public async Task A_key_that_does_not_fit_its_certificate_is_a_wrong_setting()
    {
        var mixed = Path.Combine(_folder, "mixed.pem");
        var (key, certificate) = (await File.ReadAllTextAsync(_certificates.Client), await File.ReadAllTextAsync(_certificates.Server));
        await File.WriteAllTextAsync(mixed, key[..key.IndexOf("-----BEGIN CERT", StringComparison.Ordinal)] + certificate[certificate.IndexOf("-----BEGIN CERT", StringComparison.Ordinal)..]);
        var verify = () => BrokerContact.VerifyAsync(Settings("localhost:1", Trusting(_certificates.Authority) + $"ssl.keystore.location={mixed}\n"), Limit, CancellationToken.None);
        await verify.Should().ThrowAsync<KafkaSettingsException>().WithMessage($"The client certificate '{mixed}' and its key cannot be used together: *");
    }

    private static string Trusting(string authority) => $"security.protocol=SSL\nssl.truststore.location={authority}\n";

    private KafkaClientProperties Settings(string servers, string text) => KafkaClientProperties.Parse(text, Path.Combine(_folder, "client.properties")).With("bootstrap.servers", servers);

    private async Task<(ConnectionRefusal, string)> RefusalAsync(string servers, string text)
    {
        var verify = () => BrokerContact.VerifyAsync(Settings(servers, text), Limit, CancellationToken.None);
        var error = (await verify.Should().ThrowAsync<KafkaConnectionException>()).Which;
        return (error.Refusal, error.Message);
    }
}
