using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Integration.Runtime;

/// <summary>Rows whose values hold escapes, line breaks, markup, formulas and marks that turn the reading direction: they are loaded or quarantined as they are, and no command shows them raw.</summary>
public sealed class HostileValuesTests
{
    private TemporaryFolder folder = null!;

    [OneTimeSetUp]
    public async Task Load()
    {
        folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data"]);
        await File.WriteAllTextAsync(folder["data/etudiants.csv"], "Nom,Prenom,Age,Filiere\n"
            + "\e[31mrouge\e[2J,Zoé,20,IA\n\"a\nerror: forged\",Zoé,21,IA\n<script>alert(1)</script>,Zoé,22,IA\n=1+1,Zoé,23,IA\n\u202Etxt.exe,Zoé,24,IA\n"
            + "\e]0;title\a,Zoé,vingt,IA\n");
        var run = await RunAsync("batch-etl", "--dataset", "students", "--input", folder["data"], "--verbose");
        run.ExitCode.Should().Be(0, run.Error);
        IsShownSafely(run);
    }

    [OneTimeTearDown]
    public void Clear() => folder.Dispose();

    [TestCase("query", "SELECT * FROM students")]
    [TestCase("query", "SELECT * FROM students_quarantine")]
    [TestCase("query", "SELECT last_name AS \"{red}\" FROM students")]
    [TestCase("query", "SELECT * FROM \"{red}\"")]
    [TestCase("quarantine", "list", "--unmasked")]
    [TestCase("quarantine", "show", "{row}", "--unmasked")]
    [TestCase("quarantine", "fix", "{row}", "--set", "Age={red}", "--reason", "{red}", "--dry-run")]
    [TestCase("diff", "students", "--from", "0", "--to", "0")]
    [TestCase("inspect", "{data}")]
    [TestCase("batches", "list")]
    [TestCase("report")]
    [TestCase("tables")]
    [TestCase("describe", "students")]
    [TestCase("runs", "list")]
    [TestCase("runs", "show")]
    public async Task No_command_shows_them_raw(params string[] command)
    {
        var list = await RunAsync("quarantine", "list", "--output", "json");
        var row = System.Text.Json.JsonDocument.Parse(list.Out.Split('\n')[0]).RootElement.GetProperty("row_id").GetString()!;

        var run = await RunAsync([.. command.Select(word => word.Replace("{red}", "\e[31m", StringComparison.Ordinal).Replace("{row}", row, StringComparison.Ordinal).Replace("{data}", folder["data/etudiants.csv"], StringComparison.Ordinal))]);

        run.ExitCode.Should().BeOneOf([0, 2], run.Error);
        IsShownSafely(run);
    }

    [Test]
    public async Task The_catalogue_shows_them_as_text_and_runs_none()
    {
        var run = await RunAsync("docs", "--out", folder["site"]);

        run.ExitCode.Should().Be(0, run.Error);
        IsShownSafely(run);
        var pages = Directory.GetFiles(folder["site"], "*.html").Select(File.ReadAllText).ToList();
        pages.Should().Contain(static page => page.Contains("&lt;script&gt;alert(1)", StringComparison.Ordinal)).And.NotContain(static page => page.Contains("<script", StringComparison.OrdinalIgnoreCase));
        foreach (var page in pages) page.Where(static letter => (char.IsControl(letter) && letter is not ('\n' or '\r' or '\t')) || letter == '\u202E').Should().BeEmpty();
    }

    [TestCase("(SELECT count(*) FROM read_text('{file}')) > 0")]
    [TestCase("Age IN (SELECT content FROM read_text('{file}'))")]
    [TestCase("EXISTS (SELECT * FROM '{file}')")]
    [TestCase("true) UNION ALL (SELECT * FROM read_text('{file}')")]
    public async Task A_condition_reads_no_file(string where)
    {
        var run = await FixAsync(where.Replace("{file}", folder["data/etudiants.csv"], StringComparison.Ordinal));

        run.ExitCode.Should().Be(2, run.Out);
        run.Error.Should().NotContain("not foreseen");
    }

    [TestCase("Age = 'vingt'")]
    [TestCase("rule = 'not_a_whole_number' OR `Age` == 'vingt'")]
    public async Task A_condition_over_the_rows_columns_chooses_rows(string where)
    {
        var run = await FixAsync(where);

        run.ExitCode.Should().Be(0, run.Error);
        run.Out.Should().Contain("Would change 1 row.");
    }

    [Test]
    public async Task The_table_holds_them_as_they_came()
    {
        var run = await RunAsync("query", "SELECT count(*) AS n FROM students WHERE last_name IN (chr(27) || '[31mrouge' || chr(27) || '[2J', '=1+1', '<script>alert(1)</script>')", "-o", "csv");

        run.Out.Should().Be("n\n3\n");
    }

    private async Task<ProgramRun> FixAsync(string where)
    {
        var list = await RunAsync("quarantine", "list", "--output", "json");
        var batch = System.Text.Json.JsonDocument.Parse(list.Out.Split('\n')[0]).RootElement.GetProperty("batch_id").GetString()!;
        return await RunAsync("quarantine", "fix", batch, "--where", where, "--set", "Age=20", "--reason", "x", "--dry-run");
    }

    private static void IsShownSafely(ProgramRun run)
    {
        foreach (var text in new[] { run.Out, run.Error })
        {
            text.Where(static letter => (char.IsControl(letter) && letter != '\n') || letter == '\u202E').Should().BeEmpty(text);
            text.Split('\n').Where(static line => line.StartsWith("error: forged", StringComparison.Ordinal)).Should().BeEmpty(text);
        }
    }

    private Task<ProgramRun> RunAsync(params string[] arguments) =>
        Support.Processes.Programs.PipelineAsync([.. arguments, "--lake", folder["lake"]], new Dictionary<string, string?> { ["MASTER"] = "embedded[1]" });
}
