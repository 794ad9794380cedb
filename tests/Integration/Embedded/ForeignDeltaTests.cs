using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Embedded;
using Pipeline.Lake.Delta;
using Pipeline.Runtime;
using Pipeline.Sql.Engine;
using Pipeline.Sql.Types;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Tables whose logs other writers made, or somebody who means harm.</summary>
[TestFixture]
public sealed class ForeignDeltaTests
{
    private static readonly Dictionary<string, string> None = [];
    private EmbeddedEngine engine = null!;
    private string folder = null!;
    private HandMadeTable table = null!;

    [SetUp]
    public void Start()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        folder = Directory.CreateTempSubdirectory("foreign-").FullName;
        table = new HandMadeTable(Path.Combine(folder, "table"), engine);
        Directory.CreateDirectory(table.Folder);
        engine.Execute($"COPY (SELECT 666 AS id) TO '{folder}/secret.parquet' (FORMAT parquet)");
    }

    [TearDown]
    public void End()
    {
        engine?.Dispose();
        Directory.Delete(folder, true);
    }

    private static readonly string[] OutsidePaths =
    [
        "../secret.parquet",
        "%2e%2e/secret.parquet",
        "%2E%2E%2Fsecret.parquet",
        ".%2e/secret.parquet",
        "a/../../secret.parquet",
        "./../secret.parquet",
        "a//..//..//secret.parquet",
        "..%2Fsecret.parquet",
        "../table/../secret.parquet",
        "../table2/../secret.parquet",
        "{folder}/secret.parquet",
        "{folder}/table/../secret.parquet",
        "{folder}/table/%2e%2e/secret.parquet",
        "/{folder}/secret.parquet",
        "//{folder}/secret.parquet",
        "%2F{folder}/secret.parquet",
        "file:{folder}/secret.parquet",
        "file://{folder}/secret.parquet",
        "FILE://{folder}/secret.parquet",
        "file://localhost{folder}/secret.parquet",
        "file://elsewhere{folder}/table/f.parquet",
        "file:///../..{folder}/secret.parquet",
        "file%3A//{folder}/secret.parquet",
        "file:%2F%2F{folder}/secret.parquet",
        "file://{folder}/table/../secret.parquet",
        "file://{folder}/table/%2e%2e/secret.parquet",
        "file://{folder}/tableau/secret.parquet",
        "hdfs://name:8020/secret.parquet",
        "s3://bucket/secret.parquet",
        "http://127.0.0.1:1/secret.parquet",
        "https://127.0.0.1:1/secret.parquet",
        "f.parquet%00/../../secret.parquet",
        "%00",
        ".",
        "..",
        "./",
        "/",
        "file:///",
        "/proc/self/environ",
        "/dev/zero",
    ];

    [TestCaseSource(nameof(OutsidePaths))]
    public void A_log_that_names_a_file_outside_the_table_is_refused_by_name(string path)
    {
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add(path.Replace("{folder}", folder, StringComparison.Ordinal)));
        var read = () => Rows();
        var error = read.Should().Throw<EngineException>().WithMessage($"Cannot read the table '{table.Folder}': version 0 names the data file '*', which is not in the table's folder. *").Which;
        error.InnerException.Should().BeOfType<DeltaException>().Which.Kind.Should().Be(DeltaErrorKind.DataFile);
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        error.Message.Should().NotMatchRegex("[\\x00-\\x1f]");
        var delete = () => engine.Delta.Delete(table.Folder, "id = 666", None);
        delete.Should().Throw<EngineException>().WithMessage("*is not in the table's folder*");
        var vacuum = () => Vacuum();
        vacuum.Should().Throw<EngineException>().WithMessage("*is not in the table's folder*");
        File.Exists($"{folder}/secret.parquet").Should().BeTrue();
    }

    [TestCase(0)]
    [TestCase(1)]
    public void A_checkpoint_that_names_a_file_outside_is_refused_too(int commits)
    {
        Directory.CreateDirectory($"{table.Folder}/_delta_log");
        engine.Execute($$$"""
            COPY (SELECT NULL AS add, NULL AS metaData, {'minReaderVersion': 1, 'minWriterVersion': 2} AS protocol
                UNION ALL SELECT NULL, {'id': 'a', 'format': {'provider': 'parquet'}, 'schemaString': '{"type":"struct","fields":[{"name":"id","type":"integer","nullable":true,"metadata":{}}]}', 'partitionColumns': []::VARCHAR[], 'configuration': MAP{}::MAP(VARCHAR, VARCHAR)}, NULL
                UNION ALL SELECT {'path': '../secret.parquet', 'partitionValues': MAP{}::MAP(VARCHAR, VARCHAR), 'size': 1, 'modificationTime': 0, 'dataChange': false}, NULL, NULL)
            TO '{{{table.Folder}}}/_delta_log/00000000000000000010.checkpoint.parquet' (FORMAT parquet)
            """);
        for (var version = 11; version < 11 + commits; version++) File.WriteAllText($"{table.Folder}/_delta_log/{version:D20}.json", HandMadeTable.Add("f.parquet"));
        var read = () => Rows();
        read.Should().Throw<EngineException>().WithMessage($"*version {10 + commits} names the data file '../secret.parquet'*");
    }

    [Test]
    public void A_file_outside_that_was_removed_again_hinders_nothing_and_no_vacuum_takes_it()
    {
        table.File("f.parquet", "SELECT 1 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f.parquet"), HandMadeTable.Add("../secret.parquet"));
        table.Commit(HandMadeTable.Remove($"file://{folder}/secret.parquet"));
        Rows().Should().Equal("1");
        Vacuum().Should().BeEmpty();
        File.Exists($"{folder}/secret.parquet").Should().BeTrue();
    }

    [TestCase("f.parquet")]
    [TestCase("./f.parquet")]
    [TestCase("f%2Eparquet")]
    [TestCase("a/../f.parquet")]
    [TestCase("../table/f.parquet")]
    [TestCase("{folder}/table/f.parquet")]
    [TestCase("{folder}/table/./f.parquet")]
    [TestCase("file:{folder}/table/f.parquet")]
    [TestCase("file://{folder}/table/f.parquet")]
    [TestCase("file://localhost{folder}/table/f.parquet")]
    [TestCase("{folder}/alias/f.parquet")]
    [TestCase("file://{folder}/above/table/f.parquet")]
    public void However_the_log_spells_a_file_of_the_table_it_is_the_same_file(string path)
    {
        path = path.Replace("{folder}", folder, StringComparison.Ordinal);
        Directory.CreateSymbolicLink($"{folder}/alias", table.Folder);
        Directory.CreateSymbolicLink($"{folder}/above", folder);
        table.File("f.parquet", "SELECT 1 AS id");
        table.File("g.parquet", "SELECT 2 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add(path), HandMadeTable.Add("./g.parquet"));
        Rows().Should().Equal("1", "2");
        Vacuum().Should().BeEmpty();
        File.Exists($"{table.Folder}/f.parquet").Should().BeTrue("a vacuum keeps the file that the table needs");
        table.Commit(HandMadeTable.Remove("f.parquet"));
        Rows().Should().Equal("2");
        table.Commit(HandMadeTable.Add("f.parquet"));
        table.Commit(HandMadeTable.Add(path));
        Rows().Should().Equal(["1", "2"], "a file that is added twice is there once");
        engine.Delta.Optimize(table.Folder, 1 << 20);
        Rows().Should().Equal("1", "2");
        engine.Delta.Delete(table.Folder, "id = 1", None);
        Rows().Should().Equal("2");
        Vacuum().Should().Contain("f.parquet");
        Rows().Should().Equal("2");
    }

    [Test]
    public void A_table_whose_folder_is_a_link_is_read_and_kept_by_either_name()
    {
        Directory.CreateSymbolicLink($"{folder}/alias", table.Folder);
        table.File("f.parquet", "SELECT 1 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add($"{table.Folder}/f.parquet"));
        Rows(at: $"{folder}/alias").Should().Equal("1");
        Vacuum($"{folder}/alias").Should().BeEmpty();
        Rows().Should().Equal("1");
    }

    [Test]
    public void A_change_conflicts_with_a_removal_of_the_same_file_by_another_spelling()
    {
        table.File("f.parquet", "SELECT 1 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f.parquet"));
        var log = DeltaLog.For(table.Folder);
        var transaction = log.BeginAsync().GetAwaiter().GetResult();
        transaction.Rewrite(transaction.Snapshot!.Files, [], dataChange: false);
        table.Commit(HandMadeTable.Remove($"file://{table.Folder}/f.parquet"));
        transaction.CommitAsync(new Operation("OPTIMIZE")).GetAwaiter().GetResult().Should().BeOfType<Conflict>().Which.Message.Should().Contain("removed the file 'f.parquet', which this change removes too");
    }

    [TestCase("p=1/f.parquet", "p=1")]
    [TestCase("file.parquet", "file.parquet")]
    public void Symbolic_links_in_the_folder_are_not_followed(string path, string link)
    {
        Directory.CreateDirectory($"{folder}/elsewhere");
        engine.Execute($"COPY (SELECT 666 AS id) TO '{folder}/elsewhere/f.parquet' (FORMAT parquet)");
        if (link == path) File.CreateSymbolicLink($"{table.Folder}/{link}", $"{folder}/elsewhere/f.parquet");
        else Directory.CreateSymbolicLink($"{table.Folder}/{link}", $"{folder}/elsewhere");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add(path));
        var read = () => Rows();
        var error = read.Should().Throw<EngineException>().WithMessage($"Cannot use the table '{table.Folder}': '{link}' on the way to its data file '{path}' is a symbolic link, *").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        var vacuum = () => Vacuum();
        vacuum.Should().Throw<EngineException>().WithMessage($"*'{link}'*is a symbolic link*");
        File.Exists($"{folder}/elsewhere/f.parquet").Should().BeTrue();
    }

    [Test]
    public void A_vacuum_takes_nothing_that_links_lead_to()
    {
        Directory.CreateDirectory($"{folder}/elsewhere/deep");
        File.WriteAllText($"{folder}/elsewhere/deep/precious", "x");
        Directory.CreateSymbolicLink($"{table.Folder}/linked", $"{folder}/elsewhere");
        Directory.CreateDirectory($"{table.Folder}/p=1");
        Directory.CreateSymbolicLink($"{table.Folder}/p=1/linked", $"{folder}/elsewhere");
        File.CreateSymbolicLink($"{table.Folder}/p=1/file", $"{folder}/secret.parquet");
        File.WriteAllText($"{table.Folder}/p=1/stray", "x");
        table.File("f.parquet", "SELECT 1 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f.parquet"));
        Vacuum().Should().Equal("p=1/stray");
        File.Exists($"{folder}/elsewhere/deep/precious").Should().BeTrue();
        File.Exists($"{folder}/secret.parquet").Should().BeTrue();
        Rows().Should().Equal("1");
    }

    [Test]
    public void A_write_does_not_leave_the_table_through_a_linked_partition()
    {
        Directory.CreateDirectory($"{folder}/elsewhere");
        engine.Write("SELECT 1 AS id, 1 AS p", engine.Describe("SELECT 1 AS id, 1 AS p"), new SinkSpec("delta", table.Folder, "append", ["p"], None));
        Directory.CreateSymbolicLink($"{table.Folder}/p=2", $"{folder}/elsewhere");
        var write = () => engine.Write("SELECT 2 AS id, 2 AS p", engine.Describe("SELECT 2 AS id, 2 AS p"), new SinkSpec("delta", table.Folder, "append", [], None));
        write.Should().Throw<EngineException>().WithMessage("*'p=2' on the way to its data file*");
        Directory.EnumerateFileSystemEntries($"{folder}/elsewhere").Should().BeEmpty();
        Rows("id").Should().Equal("1");
    }

    private IReadOnlyList<string> Vacuum(string? at = null)
    {
        engine.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        return engine.Delta.Vacuum(at ?? table.Folder, 0, dryRun: false);
    }

    /// <summary>Rows as texts: columns are separated by '|', null is '-'.</summary>
    private List<string> Rows(string columns = "*", string? at = null, params (string Key, string Value)[] options)
    {
        var view = engine.OpenSource(new SourceSpec("delta", [at ?? table.Folder], options.ToDictionary(option => option.Key, option => option.Value), null, false));
        var sql = $"SELECT {columns} FROM \"{view.Name}\" ORDER BY ALL NULLS LAST";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(row => string.Join('|', row.Values.Select(Text)))];
    }

    private static string Text(object? value) => value switch
    {
        null => "-",
        byte[] bytes => Convert.ToHexString(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
