using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Integration.Runtime;

/// <summary>Names that would lead out of the lake, or that quotes, control characters and length make odd: each command ends with exit code 2 or 3, and nothing outside is read or written.</summary>
public class HostileNamesTests
{
    private TemporaryFolder folder = null!;

    private static readonly string[] Names =
    [
        "../canary", "../../etc/passwd", "..", ".", "/", "/etc/passwd", "//etc/passwd", "./fish", "fish/..", "fish/../../canary", "a/../fish", "..\\canary", "..%2Fcanary", "%2e%2e/canary",
        "%2e%2e%2fcanary", "..%252fcanary", "%2Fetc%2Fpasswd", "file:///etc/passwd", "file:/etc/passwd", "FILE:///etc/passwd", "file://localhost/etc/passwd", "hdfs://nn/x", "http://127.0.0.1:1/x",
        "fish\0", "\0", "../canary\0fish", "fish\n", "fish\r\nerror: forged", "\e[31mfish", "~/fish", "$HOME", "`id`", "$(id)", "fish;id", "fish|id", "fish*", "?", "{fish}", "fish'--", "fish\"", "\"; DROP TABLE fish; --",
        "' OR 1=1 --", "`fish`", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "\u202Ehsif", "ﬁsh", "fish ", " fish", "con:", ".hidden", new('a', 201), new('b', 255), new('c', 5000), "🐟",
    ];

    private static readonly string[] Commands =
    [
        "versions {}", "describe {}", "runs show {}", "tag {} --name x", "tag fish --name {}", "diff {} --from 0", "restore {} --version 0", "restore fish --batch {}", "vacuum {}", "optimize {}",
        "batches show {}", "batches replay {}", "batches replay --missing {}", "quarantine show {}", "quarantine replay {}", "quarantine discard {} --reason x",
        "report {}", "report --job {}", "config show {}", "versions fish --dataset {}", "query SELECT * FROM \"{}\"", "produce generate {} --out {out}",
    ];

    [OneTimeSetUp]
    public void WriteLake()
    {
        folder = new TemporaryFolder();
        using var engine = EngineFactory.Create(new EngineSettings("embedded[1]", "test", new Dictionary<string, string>()));
        var rows = SparkSession.ForEngine(engine).CreateDataFrame([[1L]], new StructType(new StructField("n", new LongType())));
        var lake = new LakeLayout(folder["lake"]);
        rows.Write().Format("delta").Save(lake.Table("fish"));
        rows.Write().Format("delta").Save(folder["canary"]);
    }

    [OneTimeTearDown]
    public void DeleteLake() => folder.Dispose();

    [TestCaseSource(nameof(Commands))]
    public async Task No_name_leads_out_of_the_lake(string command)
    {
        var before = Outside();
        var isQuery = command.StartsWith("query ", StringComparison.Ordinal);
        var words = command.Split(' ', isQuery ? 2 : int.MaxValue);
        string[] lake = command.StartsWith("produce ", StringComparison.Ordinal) ? [] : ["--lake", folder["lake"]];
        var step = Lane.IsFast ? 3 : 1;
        for (var i = 0; i < Names.Length; i += step)
        {
            var name = Names[i];
            // The text of a query quotes its name.
            var text = isQuery ? name.Replace("\"", "\"\"", StringComparison.Ordinal) : name;
            string[] arguments = [.. words.Select(word => word.Replace("{}", text, StringComparison.Ordinal).Replace("{out}", folder["lake/out"], StringComparison.Ordinal)), .. lake];

            var run = await Support.Processes.Programs.PipelineAsync(arguments, new Dictionary<string, string?> { ["MASTER"] = "embedded[1]" });

            run.ExitCode.Should().BeOneOf([2, 3], "'{0}' with '{1}' printed: {2}{3}", command, PrintableText.OneLine(name), run.Out, run.Error);
            run.Out.Should().BeEmpty();
            // Below the error of a query stands the query's own line with a caret.
            var told = run.Error.TrimEnd('\n');
            (isQuery && told.Split("\nLINE 1: ") is [var error, var line] ? error + line.Replace("\n", "", StringComparison.Ordinal) : told).Where(char.IsControl).Should().BeEmpty("'{0}' is one line: {1}", command, run.Error);
            run.Error.Should().NotContain("root:x:0").And.NotContain("not foreseen");
        }
        Outside().Should().Equal(before);
    }

    private List<string> Outside() =>
        [.. Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Where(path => !path.StartsWith(folder["lake/"], StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
