using System.Globalization;
using FluentAssertions;
using Microsoft.Data.Sqlite;
using Npgsql;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Export;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Datasets;
using Pipeline.Tests.Support.Spark;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Integration.Datasets;

/// <summary>What passed the door arrives everywhere: every value that a rule makes of the extreme texts, through each format and each database and back.</summary>
[NonParallelizable]
public sealed class ValuesThroughSinksTests
{
    private const string Key = "place";
    private const string Microseconds = "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX";
    private static readonly string[] Names = ["embedded", "spark"];
    private EmbeddedEngine embedded = null!;
    private PostgresServer? postgres;
    private string folder = null!;

    private static IEnumerable<TestCaseData> Cases => ParseRuleTexts.Rules.SelectMany(static rule => Names.Select(name => new TestCaseData(rule, name).SetArgDisplayNames(rule is PatternRule pattern ? pattern.BrokenName : rule.GetType().Name, name)));

    [OneTimeSetUp]
    public void Start()
    {
        embedded = EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1 });
        folder = Directory.CreateTempSubdirectory("values-").FullName;
    }

    [OneTimeTearDown]
    public void Stop()
    {
        postgres?.Dispose();
        embedded?.Dispose();
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    [TestCaseSource(nameof(Cases))]
    public void A_format_gives_back_what_was_written(ParseRule rule, string engineName)
    {
        var engine = EngineOf(engineName);
        var rows = Values(engine, rule);
        var expected = Of(rows);
        expected.Should().NotBeEmpty();
        foreach (var format in (string[])["delta", "parquet", "json", "csv"])
        {
            var path = Path.Combine(folder, $"{Guid.NewGuid():N}");
            // Without options Spark's CSV trims texts, and its text formats write milliseconds.
            rows.Write().Format(format).Option("timestampFormat", Microseconds).Option("header", true).Option("escape", "\"").Option("ignoreLeadingWhiteSpace", false).Option("ignoreTrailingWhiteSpace", false).Save(path);
            foreach (var reader in new[] { engine, embedded }.Distinct())
            {
                var source = SparkSession.ForEngine(reader).Read().Format(format);
                if (format is "json" or "csv") source = source.Schema(rows.Schema()).Option("timestampFormat", Microseconds);
                if (format == "csv") source = source.Option("header", true).Option("escape", "\"").Option("multiLine", true);
                var read = source.Load(path);
                Differences(expected, Of(read)).Should().BeEmpty("{0} is written by {1} and read by {2}", format, engineName, reader.Name);
            }
        }
    }

    [TestCaseSource(nameof(Cases))]
    public async Task A_database_gives_back_what_was_written(ParseRule rule, string engineName)
    {
        var rows = Values(EngineOf(engineName), rule);
        var expected = Of(rows);
        postgres ??= PostgresServer.Start();
        var file = Path.Combine(folder, $"{Guid.NewGuid():N}.db");
        foreach (var address in new[] { $"sqlite:{file}", postgres.Address })
        {
            await using var sink = MetricsSinks.Open(SinkUri.Parse(address));
            var table = MetricsTable.Of("values_" + Guid.NewGuid().ToString("N"), rows, Key);
            await sink.WriteAsync([table], new RunInfo("run-1", DateTimeOffset.UnixEpoch));
            var actual = address.StartsWith("sqlite:", StringComparison.Ordinal) ? await FromSqliteAsync(file, table.Name, expected) : await FromPostgresAsync(table.Name);
            Differences(expected, actual).Should().BeEmpty("of {0}", address);
        }
    }

    private IEngine EngineOf(string name) => name == "spark" ? SparkServer.Engine("4.1") : embedded;

    /// <summary>Place and value of the texts that the rule takes.</summary>
    private static DataFrame Values(IEngine engine, ParseRule rule) =>
        ParsedTexts.Of(engine, rule, ParseRuleTexts.Extremes).Filter(Col(ParsedTexts.Value).IsNotNull()).Select(Col(ParsedTexts.Place).As(Key), Col(ParsedTexts.Value));

    private static Dictionary<long, object?> Of(DataFrame rows) => rows.Collect().ToDictionary(static row => row.GetAs<long>(0), static row => row.Get(1));

    private static async Task<Dictionary<long, object?>> FromSqliteAsync(string file, string table, Dictionary<long, object?> expected)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT place, value FROM \"{table}\"";
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<long, object?>();
        while (await reader.ReadAsync())
        {
            var place = reader.GetInt64(0);
            // SQLite has no instants: they are text by ISO 8601.
            found[place] = expected.GetValueOrDefault(place) is DateTime ? DateTime.Parse(reader.GetString(1), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal) : reader.GetValue(1);
        }
        return found;
    }

    private async Task<Dictionary<long, object?>> FromPostgresAsync(string table)
    {
        await using var connection = new NpgsqlConnection(postgres!.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SELECT place, value FROM \"{table}\"", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<long, object?>();
        while (await reader.ReadAsync()) found[reader.GetInt64(0)] = reader.GetValue(1);
        return found;
    }

    private static List<string> Differences(Dictionary<long, object?> expected, Dictionary<long, object?> actual) =>
    [
        .. expected.Where(one => !actual.TryGetValue(one.Key, out var found) || !AreEqual(one.Value, found))
            .Select(one => $"{ParseRuleTexts.Extremes[(int)one.Key]} is {Shown(one.Value)} and became {Shown(actual.GetValueOrDefault(one.Key))}").Take(10),
        .. actual.Keys.Where(place => !expected.ContainsKey(place)).Select(static place => $"place {place} was not written"),
    ];

    private static bool AreEqual(object? expected, object? found) => (expected, found) switch
    {
        (int small, long wide) => small == wide,
        (double one, double other) => one.Equals(other) || (one == 0 && other == 0),
        (DateTime one, DateTime other) => one == other,
        _ => Equals(expected, found),
    };

    private static string Shown(object? value) => value switch
    {
        null => "nothing",
        DateTime instant => instant.ToString("O", CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
