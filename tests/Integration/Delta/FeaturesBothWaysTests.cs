using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Integration.Delta;

/// <summary>Tables that Spark's Delta makes with a feature, changed by the embedded engine, read by Spark again.</summary>
[TestFixture("spark", "SPARK_HOME")]
[TestFixture("spark35", "SPARK35_HOME", Category = Lane.Nightly)]
[NonParallelizable]
public class FeaturesBothWaysTests(string server, string variable)
{
    private static readonly Dictionary<string, string> None = [];
    private SparkSql spark = null!;
    private EmbeddedEngine engine = null!;
    private string folder = null!;

    [OneTimeSetUp]
    public void Start() => spark = SparkSql.Start(server, variable);

    [OneTimeTearDown]
    public void Stop() => spark?.Dispose();

    [SetUp]
    public void StartEngine()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        folder = Directory.CreateTempSubdirectory("lake-").FullName;
    }

    [TearDown]
    public void EndEngine()
    {
        engine?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void Rows_that_the_embedded_engine_marks_are_gone_for_Spark_and_their_changes_are_told()
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (id BIGINT, part BIGINT) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.enableChangeDataFeed' = 'true')",
            $"INSERT INTO delta.`{folder}` SELECT id, 0 FROM range(0, 20000, 1, 1)");
        engine.Delta.Delete(folder, "id % 2 = 0 AND id < 19000", None);
        MergeClause[] clauses =
        [
            new("matchedDelete", "s.id = 1", null),
            new("matchedUpdate", null, new Dictionary<string, string> { ["part"] = "8" }),
            new("notMatchedInsert", null, new Dictionary<string, string> { ["id"] = "s.id", ["part"] = "9" }),
        ];
        engine.Delta.Merge(new MergeSpec(folder, "t", "FROM (VALUES (1), (3), (30000)) v(id)", "s", "t.id = s.id", clauses, None));
        Value("SELECT concat_ws(' ', count(*), sum(id), sum(part)) FROM TABLE").Should().Be(Ours("SELECT concat_ws(' ', count(*), sum(id), sum(part)) FROM TABLE"));
        Value("SELECT count(*) FROM TABLE WHERE id = 2 OR id = 1").Should().Be("0");
        const string changes = "SELECT string_agg(change, ',' ORDER BY change) FROM (SELECT concat_ws(' ', _commit_version, _change_type, count(*), sum(id), sum(part)) AS change FROM TABLE GROUP BY _commit_version, _change_type)";
        var theirs = spark.Query($"SELECT concat_ws(' ', _commit_version, _change_type, count(*), sum(id), sum(part)) AS change FROM table_changes_by_path('{folder}', 0) GROUP BY _commit_version, _change_type")
            .Select(static row => row.GetProperty("change").GetString()).Order(StringComparer.Ordinal);
        string.Join(',', theirs).Should().Be(Ours(changes, ("readChangeFeed", "true"), ("startingVersion", "0")));
        spark.Run($"DELETE FROM delta.`{folder}` WHERE id = 3", $"UPDATE delta.`{folder}` SET part = 5 WHERE id = 5");
        Value("SELECT concat_ws(' ', count(*), sum(id), sum(part)) FROM TABLE").Should().Be(Ours("SELECT concat_ws(' ', count(*), sum(id), sum(part)) FROM TABLE"));
    }

    [Test]
    public void Constraints_and_generated_columns_of_Spark_hold_for_rows_of_the_embedded_engine()
    {
        spark.Run(
            $"CREATE TABLE delta.`{folder}` (at TIMESTAMP, amount INT) USING delta",
            $"ALTER TABLE delta.`{folder}` ADD CONSTRAINT positive CHECK (amount > 0)");
        Append("SELECT TIMESTAMPTZ '2024-05-06 00:00:00Z' AS at, 1 AS amount");
        foreach (var amount in new[] { "-1", "NULL::INTEGER" })
        {
            var append = () => Append($"SELECT TIMESTAMPTZ '2024-05-06 00:00:00Z' AS at, {amount} AS amount");
            append.Should().Throw<EngineException>().Which.ErrorClass.Should().Be("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES");
        }
        var theirs = () => spark.Run($"INSERT INTO delta.`{folder}` VALUES (current_timestamp(), NULL)");
        theirs.Should().Throw<Exception>("Spark refuses null too").WithMessage("*positive*");
        Value("SELECT count(*) FROM TABLE").Should().Be("1");
    }

    private string Value(string sql) => spark.Value(sql.Replace("TABLE", $"delta.`{folder}`", StringComparison.Ordinal));

    private string Ours(string sql, params (string Key, string Value)[] options)
    {
        var view = engine.OpenSource(new SourceSpec("delta", [folder], options.ToDictionary(static option => option.Key, static option => option.Value), null, false));
        var text = sql.Replace("TABLE", $"\"{view.Name}\"", StringComparison.Ordinal);
        return engine.Query(text, engine.Describe(text)).Single().Values[0]!.ToString()!;
    }

    private void Append(string sql) => engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", folder, "append", [], None));
}
