using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Kafka;

/// <summary>Settings in librdkafka's words or Java's, as Java's clients take them.</summary>
public sealed class JavaClientPropertiesTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    [Test]
    public void Names_that_differ_become_Javas() =>
        Of("message.max.bytes=9", "metadata.broker.list=a:1", "sasl.mechanisms=PLAIN", "security.protocol=sasl_ssl", "client.id=x").Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["max.request.size"] = "9",
            ["bootstrap.servers"] = "a:1",
            ["sasl.mechanism"] = "PLAIN",
            ["security.protocol"] = "SASL_SSL",
            ["client.id"] = "x",
        });

    [Test]
    public void Javas_own_settings_stay()
    {
        string[] settings =
        [
            "security.protocol=SSL", "ssl.truststore.location=" + Write("trust.jks", "\u00FE\u00ED"), "ssl.truststore.type=JKS", "ssl.truststore.password=x",
            "sasl.jaas.config=org.x.Login required;", "ssl.endpoint.identification.algorithm=https", "ssl.protocol=TLSv1.3",
        ];

        Of(settings).Should().BeEquivalentTo(settings.ToDictionary(static line => line.Split('=', 2)[0], static line => line.Split('=', 2)[1]));
    }

    [TestCase("PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule")]
    [TestCase("SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule")]
    public void Name_and_password_become_a_JAAS_line_that_reads_back_as_they_are(string mechanism, string module)
    {
        var java = Of($"sasl.mechanism={mechanism}", "sasl.username=ada", "sasl.password=p\"w\\=;");

        java["sasl.jaas.config"].Should().Be($"{module} required username=\"ada\" password=\"p\\\"w\\\\=;\";");
        java.Should().NotContainKeys("sasl.username", "sasl.password");
    }

    [TestCase("RSA PRIVATE KEY")]
    [TestCase("EC PRIVATE KEY")]
    [TestCase("PRIVATE KEY")]
    [TestCase("ENCRYPTED PRIVATE KEY")]
    public void Certificate_and_key_in_files_of_their_own_go_by_their_text_the_key_in_the_form_that_Java_reads(string form)
    {
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = form.StartsWith("EC", StringComparison.Ordinal) ? new CertificateRequest("CN=x", curve, HashAlgorithmName.SHA256) : new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var key = form switch
        {
            "RSA PRIVATE KEY" => rsa.ExportRSAPrivateKeyPem(),
            "EC PRIVATE KEY" => curve.ExportECPrivateKeyPem(),
            "PRIVATE KEY" => rsa.ExportPkcs8PrivateKeyPem(),
            _ => rsa.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)),
        };

        var java = Of(
            $"ssl.ca.location={Write("ca.pem", "subject=CN = x\n" + certificate.ExportCertificatePem())}",
            $"ssl.certificate.location={Write("service.cert", certificate.ExportCertificatePem())}",
            $"ssl.key.location={Write("service.key", key)}",
            "ssl.key.password=secret");

        java.Keys.Should().BeEquivalentTo("ssl.truststore.type", "ssl.truststore.certificates", "ssl.keystore.type", "ssl.keystore.certificate.chain", "ssl.keystore.key");
        java["ssl.truststore.type"].Should().Be("PEM");
        java["ssl.truststore.certificates"].Should().Be(certificate.ExportCertificatePem());
        java["ssl.keystore.certificate.chain"].Should().Be(certificate.ExportCertificatePem());
        java["ssl.keystore.key"].Should().Be(form.StartsWith("EC", StringComparison.Ordinal) ? curve.ExportPkcs8PrivateKeyPem() : rsa.ExportPkcs8PrivateKeyPem());
    }

    [Test]
    public void A_PEM_store_of_key_and_certificate_goes_by_its_text()
    {
        using var rsa = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var store = Write("store.pem", $"{rsa.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");

        var java = Of("ssl.keystore.type=PEM", $"ssl.keystore.location={store}", $"ssl.truststore.location={store}");

        java["ssl.keystore.key"].Should().Be(rsa.ExportPkcs8PrivateKeyPem());
        java["ssl.truststore.certificates"].Should().Be(certificate.ExportCertificatePem());
        java.Should().NotContainKey("ssl.keystore.location").And.NotContainKey("ssl.truststore.location");
    }

    [Test]
    public void What_is_for_other_tools_is_left_out() => Of("schema.registry.url=https://registry.example.org").Should().BeEmpty();

    [TestCase("enable.ssl.certificate.verification=false", "'enable.ssl.certificate.verification' would leave the broker's certificate unverified, which Java's clients, and so Spark, cannot do*ssl.ca.location*")]
    [TestCase("insecure=true", "'insecure' would leave the broker's certificate unverified*")]
    [TestCase("ssl.endpoint.identification.algorithm=none", "'ssl.endpoint.identification.algorithm' would leave the broker unverified*insecure=true*")]
    [TestCase("ssl.crl.location=x", "'ssl.crl.location' is a setting of librdkafka that Java's clients, and so Spark, do not have.")]
    [TestCase("sasl.kerberos.keytab=x", "'sasl.kerberos.keytab' is a setting of librdkafka*Krb5LoginModule*")]
    [TestCase("sasl.oauthbearer.client.secret=x", "'sasl.oauthbearer.client.secret' is a setting of librdkafka*OAuthBearerLoginModule*")]
    [TestCase("ssl.ca.location=nothere.pem", "'ssl.ca.location' names the file 'nothere.pem', which is not there*")]
    [TestCase("ssl.certificate.pem=x", "a client's certificate needs its key*")]
    [TestCase("sasl.username=x|sasl.password=y", "there are sasl.username and sasl.password, and no sasl.mechanism*")]
    [TestCase("sasl.mechanism=OAUTHBEARER|sasl.username=x|sasl.password=y", "sasl.mechanism is 'OAUTHBEARER', for which*Give sasl.jaas.config.")]
    [TestCase("ssl.certificate.pem=x|ssl.key.pem=y", "the client's certificate cannot be read*")]
    public void What_Javas_clients_cannot_do_is_refused_by_name(string settings, string message)
    {
        var of = () => Of(settings.Split('|'));

        of.Should().Throw<KafkaSettingsException>().WithMessage("the test: " + message);
    }

    [Test]
    public void A_host_name_is_left_unverified_only_where_both_are_said() =>
        Of("insecure=true", "ssl.endpoint.identification.algorithm=none").Should().BeEquivalentTo(new Dictionary<string, string> { ["ssl.endpoint.identification.algorithm"] = "" });

    private static Dictionary<string, string> Of(params string[] settings) =>
        JavaClientProperties.Of(settings.ToDictionary(static line => line.Split('=', 2)[0], static line => line.Split('=', 2)[1]), "the test");

    private string Write(string name, string text)
    {
        File.WriteAllText(folder[name], text);
        return folder[name];
    }
}
