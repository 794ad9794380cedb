using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Loading;

/// <summary>A table whose data file is gone, cut, or holds something else: each command that needs it names table, version, file and the way out, and ends with 3.</summary>
public sealed class DamagedFileTests
{
    private CrashLake folder = null!;
    private string file = null!;

    [SetUp]
    public async Task Load()
    {
        folder = new CrashLake();
        for (var i = 0; i < 2; i++)
            await CrashLake.RunAsync(folder["lake"], "batch-etl", "--dataset", "students", "--input", folder.File($"input-{i}", $"Petit,Zoé,{20 + i},IA"));
        // A version after the files that are damaged, so that a restore has somewhere to go.
        await CrashLake.RunAsync(folder["lake"], "restore", "students", "--version", "0");
        await CrashLake.RunAsync(folder["lake"], "restore", "students", "--version", "1");
        file = Directory.GetFiles(new LakeLayout(folder["lake"]).Table("students"), "*.parquet").Order(StringComparer.Ordinal).First();
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public async Task It_is_named_with_the_way_out(
        [Values("gone", "cut", "other", "empty", "flipped")] string damage,
        [Values("query", "batch-etl", "optimize", "metrics-export", "diff", "replay")] string command)
    {
        Damage(damage);
        string[] arguments = command switch
        {
            "query" => ["query", "SELECT sum(age) AS age FROM students"],
            "batch-etl" => ["batch-etl", "--dataset", "students", "--input", folder.File("more", "Petit,Zoé,22,IA")],
            "optimize" => ["optimize", "students"],
            "metrics-export" => ["metrics-export", "--dataset", "students", "--to", $"sqlite:{folder["metrics.db"]}"],
            "diff" => ["diff", "students", "--from", "2", "--to", "3"],
            _ => ["batches", "replay", "--missing", "students"],
        };

        var run = await Programs.PipelineAsync([.. arguments, "--lake", folder["lake"], "--master", "embedded[1]"]);

        run.ExitCode.Should().Be(ExitCodes.DataContract, "{0}: {1}", command, run.Error + run.Out);
        run.Error.Should().Contain("tables/students").And.Contain(Path.GetFileName(file)).And.MatchRegex("version [0-9]+").And.Contain("pipeline restore students --version");
    }

    [Test]
    public async Task A_restore_to_a_version_whose_file_is_gone_is_refused_and_a_vacuum_needs_none()
    {
        Damage("gone");

        var vacuum = await Programs.PipelineAsync(["vacuum", "students", "--lake", folder["lake"]]);
        var restore = await Programs.PipelineAsync(["restore", "students", "--version", "0", "--lake", folder["lake"], "--master", "embedded[1]"]);

        vacuum.ExitCode.Should().Be(0, vacuum.Error);
        restore.ExitCode.Should().Be(ExitCodes.DataContract, restore.Error);
        restore.Error.Should().Contain(Path.GetFileName(file)).And.Contain("pipeline versions students");
    }

    private void Damage(string damage)
    {
        var content = File.ReadAllBytes(file);
        switch (damage)
        {
            case "gone":
                File.Delete(file);
                break;
            case "cut":
                File.WriteAllBytes(file, content[..(content.Length / 2)]);
                break;
            case "other":
                File.WriteAllText(file, "This is no Parquet file, and never was one.");
                break;
            case "empty":
                File.WriteAllBytes(file, []);
                break;
            default:
                // The pages, and not the footer.
                for (var i = 4; i < content.Length / 2; i++) content[i] ^= 0xFF;
                File.WriteAllBytes(file, content);
                break;
        }
    }
}
