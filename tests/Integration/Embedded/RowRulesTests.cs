using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Runtime.Errors;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>CHECK constraints, invariants and generated columns of tables that other writers made: new rows keep them or are refused.</summary>
[TestFixture]
public sealed class RowRulesTests : HandMadeTableTests
{
    private const string Broken = "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES";

    [TestCase("SELECT 3 AS id, 'x' AS text", true)]
    [TestCase("SELECT 3 AS id, NULL::VARCHAR AS text", false, Description = "a condition that is null is not met, as in Spark")]
    [TestCase("SELECT -3 AS id, 'x' AS text", false)]
    [TestCase("SELECT 3 AS id", false)]
    [TestCase("FROM (VALUES (3, 'x'), (4, 'much too long')) t(id, text)", false)]
    public void A_row_that_breaks_a_check_constraint_is_refused_and_nothing_is_written(string rows, bool isTaken)
    {
        Constrained();
        Expect(() => Write(rows), isTaken ? null : Broken);
        Rows("id").Should().Equal(isTaken ? [1, 2, 3] : [1, 2]);
        Directory.GetFiles(table.Folder, "*.parquet").Should().HaveCount(isTaken ? 2 : 1);
    }

    [Test]
    public void A_refusal_names_the_constraint_and_is_a_fault_of_the_data()
    {
        Constrained();
        var write = () => Write("SELECT -3 AS id, 'x' AS text");
        var error = write.Should().Throw<EngineException>().WithMessage($"Cannot write to the Delta table '{table.Folder}': a row breaks the CHECK constraint positive (id > 0). *").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
    }

    [TestCase("overwrite", null)]
    [TestCase("overwrite", "id < 5")]
    public void An_overwrite_checks_its_rows(string mode, string? replaceWhere)
    {
        Constrained();
        Dictionary<string, string> options = replaceWhere is null ? [] : new() { ["replaceWhere"] = replaceWhere };
        Expect(() => Write("SELECT -3 AS id, 'x' AS text", mode, options), Broken);
        Write("SELECT 4 AS id, 'x' AS text", mode, options);
        Rows("id").Should().Equal(4);
    }

    [TestCase("matchedUpdate", "t.id - 10", Broken)]
    [TestCase("matchedUpdate", "t.id + 10", null)]
    [TestCase("notMatchedInsert", "s.k - 10", Broken)]
    [TestCase("notMatchedInsert", "s.k + 10", null)]
    public void A_merge_checks_the_rows_that_it_makes(string kind, string id, string? error)
    {
        Constrained("('old', -7)");
        var clause = new MergeClause(kind, null, new Dictionary<string, string> { ["id"] = id, ["text"] = "'new'" });
        Expect(() => engine.Delta.Merge(new MergeSpec(table.Folder, "t", "FROM (VALUES (1), (9)) v(k)", "s", "t.id = s.k", [clause], None)), error);
        Rows("id").Should().Equal(error is not null ? [-7, 1, 2] : kind == "matchedUpdate" ? [-7, 2, 11] : [-7, 1, 2, 19], "rows that break a constraint from of old stay as they are");
    }

    [Test]
    public void A_merge_that_only_deletes_needs_no_rule()
    {
        Constrained(constraint: "strange_function(id)");
        engine.Delta.Merge(new MergeSpec(table.Folder, "t", "SELECT 1 AS k", "s", "t.id = s.k", [new MergeClause("matchedDelete", null, null)], None));
        Rows("id").Should().Equal(2);
    }

    [Test]
    public void A_constraint_that_came_meanwhile_is_a_conflict()
    {
        Constrained();
        var log = DeltaLog.For(table.Folder);
        var transaction = log.BeginAsync().GetAwaiter().GetResult();
        transaction.RowsMeetRules = true;
        transaction.Append([new DataFile("f.parquet", 1, DataFile.NoPartitions, null, DateTimeOffset.UtcNow)]);
        table.Commit(Columns([("id", "integer", null), ("text", "string", null)], ("positive", "id > 0"), ("short", "length(text) < 3")));
        transaction.CommitAsync(Operation.Write("Append", [])).GetAwaiter().GetResult().Should().BeOfType<Conflict>().Which.Message.Should().Contain("changed what the table asks of its rows");
    }

    [Test]
    public void A_table_with_constraints_is_restored()
    {
        Constrained();
        Write("SELECT 3 AS id, 'x' AS text");
        engine.Delta.RestoreToVersion(table.Folder, 0);
        Rows("id").Should().Equal(1, 2);
        engine.Delta.RestoreToVersion(table.Folder, 1);
        Rows("id").Should().Equal(1, 2, 3);
    }

    [Test]
    public void An_invariant_of_a_column_is_checked()
    {
        Make([("id", "integer", """{"delta.invariants":"{\"expression\":{\"expression\":\"id < 10\"}}"}"""), ("text", "string", null)]);
        Expect(() => Write("SELECT 10 AS id, 'x' AS text"), Broken);
        Write("SELECT 9 AS id, 'x' AS text");
        Rows("id").Should().Equal(1, 2, 9);
    }

    [TestCase("SELECT TIMESTAMPTZ '2024-05-06 23:30:00Z' AS at", null, "2024-05-06")]
    [TestCase("SELECT TIMESTAMPTZ '2024-05-06 23:30:00Z' AS at, DATE '2024-05-06' AS day", null, "2024-05-06")]
    [TestCase("SELECT NULL::TIMESTAMPTZ AS at, NULL::DATE AS day", null, "-")]
    [TestCase("SELECT TIMESTAMPTZ '2024-05-06 23:30:00Z' AS at, DATE '2024-05-07' AS day", Broken, null)]
    [TestCase("SELECT TIMESTAMPTZ '2024-05-06 23:30:00Z' AS at, NULL::DATE AS day", Broken, null)]
    public void A_generated_column_is_made_where_rows_lack_it_and_compared_where_they_have_it(string rows, string? error, string? day)
    {
        Generated();
        Expect(() => Write(rows), error);
        Texts("coalesce(CAST(day AS VARCHAR), '-')").Should().Equal(day is null ? [] : [day]);
    }

    [Test]
    public void A_merge_makes_generated_columns_again()
    {
        Generated();
        Write("SELECT TIMESTAMPTZ '2024-05-06 23:30:00Z' AS at");
        MergeClause[] clauses =
        [
            new("matchedUpdate", null, new Dictionary<string, string> { ["at"] = "s.next" }),
            new("notMatchedInsert", null, new Dictionary<string, string> { ["at"] = "s.next" }),
        ];
        const string source = "FROM (VALUES (TIMESTAMPTZ '2024-05-06 23:30:00Z', TIMESTAMPTZ '2025-01-01 00:00:00Z'), (TIMESTAMPTZ '2000-01-01 00:00:00Z', TIMESTAMPTZ '2000-01-02 00:00:00Z')) v(\"at\", next)";
        engine.Delta.Merge(new MergeSpec(table.Folder, "t", source, "s", "t.\"at\" = s.\"at\"", clauses, None));
        Texts("CAST(day AS VARCHAR)").Should().Equal("2000-01-02", "2025-01-01");
        var wrong = new MergeClause("matchedUpdate", null, new Dictionary<string, string> { ["day"] = "DATE '1999-01-01'" });
        Expect(() => engine.Delta.Merge(new MergeSpec(table.Folder, "t", "SELECT 1 AS k", "s", "s.k = 1", [wrong], None)), Broken);
    }

    private void Constrained(string? more = null, string constraint = "id > 0")
    {
        Make([("id", "integer", null), ("text", "string", null)], more, ("positive", constraint), ("short", "length(text) < 5"));
    }

    private void Make((string Name, string Type, string? Metadata)[] columns, string? more = null, params (string Name, string Condition)[] constraints)
    {
        table.File("f0.parquet", $"SELECT id::INTEGER AS id, text FROM (VALUES ('a', 1), ('b', 2){(more is null ? "" : $", {more}")}) t(text, id)");
        table.Commit("""{"protocol":{"minReaderVersion":1,"minWriterVersion":3}}""", Columns(columns, constraints), HandMadeTable.Add("f0.parquet"));
    }

    private void Generated() => table.Commit(
        """{"protocol":{"minReaderVersion":1,"minWriterVersion":4}}""",
        Columns([("at", "timestamp", null), ("day", "date", """{"delta.generationExpression":"CAST(at AS DATE)"}""")]));

    private static string Columns((string Name, string Type, string? Metadata)[] columns, params (string Name, string Condition)[] constraints)
    {
        var fields = columns.Select(static column => $$"""{"name":"{{column.Name}}","type":"{{column.Type}}","nullable":true,"metadata":{{column.Metadata ?? "{}"}}}""");
        return JsonSerializer.Serialize(new
        {
            metaData = new
            {
                id = "a",
                format = new { provider = "parquet", options = new { } },
                schemaString = $$"""{"type":"struct","fields":[{{string.Join(',', fields)}}]}""",
                partitionColumns = Array.Empty<string>(),
                configuration = constraints.ToDictionary(static constraint => $"delta.constraints.{constraint.Name}", static constraint => constraint.Condition),
            },
        });
    }

    private void Write(string sql, string mode = "append", Dictionary<string, string>? options = null) =>
        engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, mode, [], options ?? None));

    private static void Expect(Action act, string? errorClass)
    {
        if (errorClass is null) act();
        else act.Should().Throw<EngineException>().Which.ErrorClass.Should().Be(errorClass);
    }

    private List<int> Rows(string column) => [.. Values(column).Cast<int>()];

    private List<string> Texts(string column) => [.. Values(column).Cast<string>()];

    private List<object?> Values(string column)
    {
        var view = engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));
        var sql = $"SELECT {column} AS v FROM \"{view.Name}\" ORDER BY v";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(static row => row.Values[0])];
    }
}
