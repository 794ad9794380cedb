using FluentAssertions;
using Npgsql;
using NUnit.Framework;
using Pipeline.Suite.Export;
using Pipeline.Suite.Export.Postgres;

namespace Pipeline.Tests.Unit.Export;

public class SinkUriTests
{
    [TestCase("sqlite:metrics.db", "metrics.db")]
    [TestCase("sqlite:/var/lib/metrics.db", "/var/lib/metrics.db")]
    [TestCase("sqlite:///var/lib/metrics.db", "/var/lib/metrics.db")]
    public void A_sqlite_address_is_a_path(string text, string path) =>
        SinkUri.Parse(text).Should().Be(new SinkUri(SinkKind.Sqlite, path));

    [TestCase("postgres://etl@db.example.org:5433/metrics")]
    [TestCase("postgresql://etl@db.example.org:5433/metrics")]
    [TestCase("postgres:Host=db.example.org;Port=5433;Database=metrics;Username=etl")]
    public void A_postgres_address_is_a_uri_or_a_connection_string(string text)
    {
        var settings = PostgresAddress.Build(SinkUri.Parse(text).Target, new SinkOptions());

        (settings.Host, settings.Port, settings.Database, settings.Username).Should().Be(("db.example.org", 5433, "metrics", "etl"));
    }

    [TestCase("postgres://etl:hunter2@db.example.org/metrics")]
    [TestCase("postgres:Host=db.example.org;Password=hunter2")]
    public void A_password_in_the_address_is_refused_and_not_repeated(string text)
    {
        var parse = () => SinkUri.Parse(text);

        parse.Should().Throw<ExportException>().Where(error => error.Failure == ExportFailure.Configuration)
            .WithMessage("*PGPASSWORD*").Which.ToString().Should().NotContain("hunter2");
    }

    [TestCase("mysql://root@db/x", "'mysql:'")]
    [TestCase("metrics.db", "'no scheme'")]
    public void An_unknown_scheme_says_what_is_expected(string text, string named)
    {
        var parse = () => SinkUri.Parse(text);

        parse.Should().Throw<ExportException>().WithMessage($"*{named}*sqlite:PATH*postgres://*");
    }

    [TestCase("sqlite:")]
    [TestCase("postgres:")]
    [TestCase("postgres:Hots=db")]
    public void An_address_of_nothing_is_refused(string text)
    {
        var parse = () => SinkUri.Parse(text);

        parse.Should().Throw<ExportException>().Where(error => error.Failure == ExportFailure.Configuration);
    }

    [Test]
    public void Off_this_machine_tls_is_verified_with_host_name_unless_said_otherwise() =>
        PostgresAddress.Build(SinkUri.Parse("postgres://etl@db.example.org/m").Target, new SinkOptions()).SslMode.Should().Be(SslMode.VerifyFull);

    [TestCase("postgres://etl@127.0.0.1/m")]
    [TestCase("postgres://etl@localhost/m")]
    [TestCase("postgres://etl@[::1]/m")]
    public void On_loopback_the_drivers_default_holds(string text) =>
        PostgresAddress.Build(SinkUri.Parse(text).Target, new SinkOptions()).SslMode.Should().Be(SslMode.Prefer);

    [TestCase("disable")]
    [TestCase("require")]
    public void Off_this_machine_a_weaker_sslmode_needs_insecure(string mode)
    {
        var target = SinkUri.Parse($"postgres://etl@db.example.org/m?sslmode={mode}").Target;
        var build = () => PostgresAddress.Build(target, new SinkOptions());

        build.Should().Throw<ExportException>().WithMessage("*db.example.org*insecure=true*");
        PostgresAddress.Build(target + "&insecure=true", new SinkOptions()).SslMode.ToString().Should().BeEquivalentTo(mode);
        PostgresAddress.Build($"Host=db.example.org;Username=etl;Insecure=true;SSL Mode={mode}", new SinkOptions()).SslMode.ToString().Should().BeEquivalentTo(mode);
    }

    [Test]
    public void The_printed_address_has_no_parameters() =>
        PostgresAddress.Printable(SinkUri.Parse("postgres://etl@db.example.org/m?passfile=/home/etl/.pgpass").Target).Should().Be("postgres://etl@db.example.org:5432/m");

    [Test]
    public void Options_do_not_print_the_password() =>
        new SinkOptions { Password = "hunter2" }.ToString().Should().NotContain("hunter2");
}
