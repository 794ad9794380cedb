using System.Diagnostics;
using System.Globalization;
using System.Net;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Integration.Export;

/// <summary>Who the server is, is verified by default wherever it is not on this machine: certificate and host name, of a real server with TLS.</summary>
/// <remarks>This machine's own name is none that is known as loopback, and leads to it all the same.</remarks>
[NonParallelizable]
public sealed class PostgresTlsTests
{
    private static readonly StructType Columns = new(new StructField("site_id", new StringType(), false), new StructField("n", new LongType()));
    private static readonly RunInfo Run = new("run-1", new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly string Host = Dns.GetHostName().ToLowerInvariant();
    private TemporaryFolder folder = null!;
    private TestCertificates certificates = null!;
    private PostgresServer server = null!;

    [OneTimeSetUp]
    public void Start()
    {
        folder = new TemporaryFolder();
        certificates = new TestCertificates(folder.Path);
        server = PostgresServer.Start();
    }

    [OneTimeTearDown]
    public void Stop()
    {
        server?.Dispose();
        certificates?.Dispose();
        folder?.Dispose();
    }

    [Test]
    public async Task A_server_without_TLS_is_refused_unless_it_is_on_this_machine_or_insecure_is_said()
    {
        server.RestartByName(certificate: null);

        (await RefusalAsync(Off())).Should().Be($"Cannot export to '{Printed(Host)}': the server offers no TLS, and what is not on this machine is used with TLS only. Switch it on there (ssl = on), or say insecure=true in the address.");

        (await RefusalAsync(On("sslmode=require"))).Should().Be($"Cannot export to '{Printed("127.0.0.1")}': the server offers no TLS, and sslmode=require asks for it. Switch it on there (ssl = on), or take sslmode out of the address.");
        (await WriteAsync(On())).Should().Be(1);
        (await WriteAsync(Off("insecure=true"))).Should().Be(1);
    }

    [Test]
    public async Task A_certificate_of_a_trusted_authority_is_accepted_and_one_of_another_is_not()
    {
        server.RestartByName(certificates.Server);

        (await WriteAsync(Off($"sslrootcert={certificates.Authority}"))).Should().Be(1);
        (await WriteAsync(On($"sslmode=verify-full&sslrootcert={certificates.Authority}"))).Should().Be(1);
        (await RefusalAsync(Off($"sslrootcert={certificates.OtherAuthority}"))).Should().Be($"Cannot export to '{Printed(Host)}': the server's certificate is signed by 'CN=Test authority', which is no authority that is trusted here. Name the right one's PEM file: sslrootcert=FILE in the address, or PGSSLROOTCERT.");
        (await RefusalAsync(Off())).Should().Contain("signed by 'CN=Test authority', which is no authority that is trusted here");
        (await RefusalAsync(Off($"sslrootcert={folder["none.pem"]}"))).Should().Be($"The file '{folder["none.pem"]}' of authorities that sign PostgreSQL's certificate is not there. Correct sslrootcert.");
        (await RefusalAsync(Off("sslmode=require"))).Should().Contain("does not verify who it is").And.Contain("insecure=true");
        (await WriteAsync(Off("insecure=true"))).Should().Be(1);
    }

    [Test]
    public async Task A_certificate_for_another_host_is_refused()
    {
        server.RestartByName(certificates.WrongHostServer);

        (await RefusalAsync(Off($"sslrootcert={certificates.Authority}"))).Should().Be($"Cannot export to '{Printed(Host)}': the server's certificate is for 'kafka.example.org', not for '{Host}'. Write the host's name as the certificate has it, or have a certificate made for this one.");
        (await WriteAsync(Off($"sslmode=verify-ca&sslrootcert={certificates.Authority}"))).Should().Be(1);
    }

    [Test]
    public async Task A_certificate_that_has_expired_is_refused()
    {
        server.RestartByName(certificates.ExpiredServer);

        (await RefusalAsync(Off($"sslrootcert={certificates.Authority}"))).Should().StartWith($"Cannot export to '{Printed(Host)}': the server's certificate was valid until ").And.EndWith(". Have it renewed.");
    }

    private static async Task<long> WriteAsync(string address)
    {
        await using var sink = MetricsSinks.Open(SinkUri.Parse(address));
        var table = new MetricsTable("stats", Columns, ["site_id"], [new Row(Columns, ["S1", 1L])]) { Namespace = "water_quality" };
        return (await sink.WriteAsync([table], Run)).Single().Rows;
    }

    /// <summary>What a user reads; within 10 s, and not as something that trying again would mend.</summary>
    private static async Task<string> RefusalAsync(string address)
    {
        var watch = Stopwatch.StartNew();
        var refused = (await FluentActions.Awaiting(() => WriteAsync(address)).Should().ThrowAsync<ExportException>()).Which;
        refused.Failure.Should().Be(ExportFailure.Configuration, refused.Message);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
        return refused.Message;
    }

    private string Off(string query = "") => Address(Host, query);

    private string On(string query = "") => Address("127.0.0.1", query);

    private string Address(string host, string query) => string.Create(CultureInfo.InvariantCulture, $"postgres://postgres@{host}:{server.Port}/postgres{(query.Length == 0 ? "" : "?" + query)}");

    private string Printed(string host) => string.Create(CultureInfo.InvariantCulture, $"postgres://postgres@{host}:{server.Port}/postgres");
}
