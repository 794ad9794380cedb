using System.Text.Json;
using System.Text.RegularExpressions;
using FluentAssertions;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Jobs.Cli;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>The commands that look after a lake, each on Spark for a lake that Spark wrote and on the embedded engine for a copy of it: they must say and do the same.</summary>
/// <remarks>All of them run in this process, over one session of each engine.</remarks>
internal sealed partial class CommandsOnBothEngines
{
    private const string Table = "water_samples";
    private readonly TemporaryFolder folder;
    private readonly string sparksLake;
    private readonly string servers;

    private string OthersLake => folder["commands-embedded"];

    /// <param name="folder">Where the lake lies and its copy is made.</param>
    /// <param name="lake">Name of the lake's folder there; made by stream-ingest on Spark, with rows in quarantine.</param>
    /// <param name="servers">Where its topic is.</param>
    public CommandsOnBothEngines(TemporaryFolder folder, string lake, string servers)
    {
        this.folder = folder;
        this.servers = servers;
        sparksLake = folder[lake];
    }

    private SparkSession Spark { get; set; } = null!;

    private SparkSession Embedded { get; set; } = null!;

    public async Task RunAsync()
    {
        Copy(sparksLake, OthersLake);
        using var embedded = EngineFactory.Create(new EngineSettings("embedded", "commands", new Dictionary<string, string>()));
        (Spark, Embedded) = (SparkSession.ForEngine(SparkServer.Engine("4.1")), SparkSession.ForEngine(embedded));

        await LookAsync();
        await RepairAsync();
        await GoBackAndForthAsync();
    }

    /// <summary>What the commands show of one and the same lake.</summary>
    private async Task LookAsync()
    {
        await SameLinesAsync("versions", Table);
        await SameLinesAsync("tables");
        await SameLinesAsync("describe", Table);
        await SameLinesAsync("runs", "list");
        await SameLinesAsync("batches", "list", "--limit", "500");
        await SameLinesAsync("quarantine", "list", "--limit", "500");
        (await SameLinesAsync("diff", Table, "--from", "0", "--to", "3", "--limit", "500")).Should().HaveCountGreaterThan(2);
        (await SameLinesAsync("diff", $"{Table}_quarantine", "--from", "0")).Should().NotBeEmpty();
        await SameLinesAsync("query", $"SELECT program_id, count(*) AS samples FROM {Table} GROUP BY program_id ORDER BY program_id");
        foreach (var command in (string[][])[["batches", "show", "nothing"], ["quarantine", "show", "00000000"], ["restore", Table, "--version", "9999"], ["versions", "nothing"]])
            await SameAsync(ExitCodes.Usage, command);
    }

    /// <summary>Rows in quarantine are corrected and replayed, and one is given up.</summary>
    private async Task RepairAsync()
    {
        var rows = (await SameLinesAsync("quarantine", "list", "--limit", "500")).Select(static line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("row_id").GetString()!).Order(StringComparer.Ordinal).ToList();
        var all = Rows(Spark, sparksLake);
        rows.Should().HaveCountGreaterThan(3);
        (await SameAsync(ExitCodes.Done, "quarantine", "fix", rows[0], "--set", "SO4_UEQ_L=12,5", "--reason", "As in the field book")).Should().Contain("1 ");
        await SameAsync(ExitCodes.Done, "quarantine", "fix", rows[1], "--set", "SO4_UEQ_L=", "--reason", "Not measured");
        await SameAsync(ExitCodes.Done, "quarantine", "discard", rows[2], "--reason", "A test message");
        await SameAsync(ExitCodes.Done, "quarantine", "replay", "--all");
        Rows(Spark, sparksLake).Should().Be(all + 2, "two rows were corrected");
        SameRows.InTables(sparksLake, OthersLake, Table).Should().Be(all + 2);
        await SameAsync(ExitCodes.Done, "quarantine", "replay", "--all");
        Rows(Spark, sparksLake).Should().Be(all + 2, "a replay again writes nothing");
        var statuses = await StatusesAsync(Spark, sparksLake);
        statuses.Should().Equal(await StatusesAsync(Embedded, OthersLake));
        statuses.Should().Contain(rows[0], "replayed").And.Contain(rows[1], "replayed").And.Contain(rows[2], "discarded").And.Contain(rows[3], "waiting");
    }

    private static async Task<SortedDictionary<string, string>> StatusesAsync(SparkSession session, string lake) =>
        new((await LinesAsync(session, lake, "quarantine", "list", "--limit", "500")).ToDictionary(static row => row.GetProperty("row_id").GetString()!, static row => row.GetProperty("status").GetString()!), StringComparer.Ordinal);

    /// <summary>Restore by batch and by time; the stream goes on without what was taken back.</summary>
    private async Task GoBackAndForthAsync()
    {
        var versions = (await LinesAsync(Spark, sparksLake, "versions", Table)).Where(static version => version.GetProperty("batch").ValueKind == JsonValueKind.String).OrderBy(static version => version.GetProperty("version").GetInt64()).ToList();
        var batch = versions[2].GetProperty("batch").GetString()!;
        var time = versions[2].GetProperty("committed_at").GetString()!;
        var all = Rows(Spark, sparksLake);

        await SameAsync(ExitCodes.Done, "tag", Table, "--name", "before-restore");
        (await SameAsync(ExitCodes.Done, "restore", Table, "--batch", batch, "--dry-run")).Should().Contain("Would restore");
        (await SameAsync(ExitCodes.Done, "restore", Table, "--before", time, "--dry-run")).Should().Contain("to the content of version 1");
        (await SameAsync(ExitCodes.Done, "restore", Table, "--batch", batch)).Should().Contain("Restored 'water_samples'");
        var back = Rows(Spark, sparksLake);
        back.Should().BeLessThan(all);
        SameRows.InTables(sparksLake, OthersLake, Table).Should().Be(back);

        string[] ingest = ["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", servers, "--available-now", "--max-offsets-per-batch", "1000"];
        (await SameAsync(ExitCodes.Done, ingest)).Should().Contain("that this took back").And.MatchRegex(@"\b0 messages read");
        Rows(Spark, sparksLake).Should().Be(back);
    }

    /// <summary>What a command prints in JSON is the same on both, line for line.</summary>
    private async Task<IReadOnlyList<string>> SameLinesAsync(params string[] command)
    {
        var one = (await RunAsync(Spark, sparksLake, ExitCodes.Done, [.. command, "--output", "json", "--quiet"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var other = (await RunAsync(Embedded, OthersLake, ExitCodes.Done, [.. command, "--output", "json", "--quiet"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        one.Should().Equal(other, "'{0}' shows the same on both engines", string.Join(' ', command));
        return one;
    }

    /// <summary>What a command says is the same on both, but for what is its run's own.</summary>
    private async Task<string> SameAsync(int exitCode, params string[] command)
    {
        var one = await RunAsync(Spark, sparksLake, exitCode, command);
        var other = await RunAsync(Embedded, OthersLake, exitCode, command);
        Said(one, sparksLake).Should().Be(Said(other, OthersLake), "'{0}' says the same on both engines", string.Join(' ', command));
        return one;
    }

    private static async Task<IReadOnlyList<JsonElement>> LinesAsync(SparkSession session, string lake, params string[] command) =>
        [.. (await RunAsync(session, lake, ExitCodes.Done, [.. command, "--output", "json", "--quiet"])).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<JsonElement>(line))];

    private static async Task<string> RunAsync(SparkSession session, string lake, int exitCode, params string[] command)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var console = new HostConsole(new Dictionary<string, string>(), output, error, IsErrorTerminal: false);
        var result = await PipelineProgram.RunAsync([.. command, "--lake", lake], console, session);
        result.Should().Be(exitCode, "'{0}' on {1} printed: {2}{3}", string.Join(' ', command), session.Engine.Name, output, error);
        return $"{output}{error}";
    }

    private static long Rows(SparkSession session, string lake) => session.Read().Format("delta").Load(new LakeLayout(lake).Table(Table)).Count();

    /// <summary>A text without times, run's ids, paths, and files, whose number is an engine's own.</summary>
    private static string Said(string text, string lake) => Own().Replace(text.Replace(lake, "LAKE", StringComparison.Ordinal), "…");

    private static void Copy(string from, string to)
    {
        foreach (var directory in Directory.GetDirectories(from, "*", SearchOption.AllDirectories).Append(from)) _ = Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories)) File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
    }

    [GeneratedRegex(@"\(\d+\.\d s\)|\d\d:\d\d:\d\d\.\d{3}|\d{8}T\d{9}Z-[0-9a-f]{6}|water-quality-[0-9a-f]{8}-\d{6}|version \d+( → \d+)?|\d+ data files out, \d+ back in|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.?\d*Z?")]
    private static partial Regex Own();
}
