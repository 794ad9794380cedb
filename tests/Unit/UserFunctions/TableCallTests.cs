using Apache.Arrow;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Calls;

namespace Pipeline.Tests.Unit.UserFunctions;

/// <summary>Functions from rows to rows: what they are given, what is held of their answers, and whose an error is.</summary>
public sealed class TableCallTests
{
    private static readonly StructType Columns = new(new StructField("id", new LongType()), new StructField("text", new StringType(), false));

    private static IEnumerable<Row> Given(int count) => Enumerable.Range(0, count).Select(static i => new Row(Columns, [(long)i, $"t{i}"]));

    [Test]
    public void Rows_and_batches_are_the_same_to_a_function_whichever_the_engine_has()
    {
        var rows = Call(TableFunctionKind.Rows, (IEnumerable<Row> given) => given.Where(static row => row.GetAs<long>(0) % 2 == 1));
        var batches = Call(TableFunctionKind.Batches, (IEnumerable<RecordBatch> given) => given.Select(static batch => batch.Slice(1, 2)));
        rows.Run(Given(5)).Select(static row => row[1]).Should().Equal("t1", "t3");
        batches.Run(Given(5)).Select(static row => row[1]).Should().Equal("t1", "t2");
        using var batch = TableCall.Batch(Columns, [.. Given(5).Select(static row => row.Values)]);
        rows.Run([batch]).SelectMany(rows.Values).Select(static row => row[1]).Should().Equal("t1", "t3");
        batches.Run([batch]).SelectMany(batches.Values).Select(static row => row[1]).Should().Equal("t1", "t2");
    }

    [Test]
    public void Rows_are_read_as_they_are_asked_for_and_answered_at_once()
    {
        var read = 0;
        var given = Given(1_000_000).Select(row =>
        {
            read++;
            return row;
        });
        Call(TableFunctionKind.Rows, (IEnumerable<Row> rows) => rows.Select(static row => row)).Run(given).Take(3).Should().HaveCount(3);
        read.Should().BeLessThan(5);
    }

    [Test]
    public void Actions_answer_how_many_rows_were_read()
    {
        Call(TableFunctionKind.EachRow, static (Row row) => { }).Run(Given(7)).Should().ContainSingle().Which.Should().Equal(7L);
        Call(TableFunctionKind.EachPartition, static (IEnumerable<Row> rows) => { _ = rows.Take(2).Count(); }).Run(Given(7)).Should().ContainSingle().Which.Should().Equal(2L);
    }

    [Test]
    public void What_is_not_of_the_declared_columns_is_an_error_with_the_place()
    {
        Failure(Call(TableFunctionKind.Rows, (IEnumerable<Row> rows) => rows.Select(static row => new GenericRow([row.Get(0), row.GetAs<long>(0) == 2 ? null : "x"]))))
            .Should().StartWith("System.InvalidCastException: 'text' is NULL, and its column is declared without NULL.\nin the C# function 'f', row 2 of the partition\n");
        Failure(Call(TableFunctionKind.Rows, (IEnumerable<Row> rows) => (IEnumerable<Row>)null!)).Should().StartWith("System.InvalidCastException: it answered null in place of rows.\nin the C# function 'f', before the first row of the partition");
        Failure(Call(TableFunctionKind.Rows, (IEnumerable<Row> rows) => rows.Select(static row => new GenericRow([row.Get(1), "x"])))).Should().StartWith("System.InvalidCastException: 'id' is bigint, and the value is of .NET's type 'System.String'.");
        Failure(Call(TableFunctionKind.Batches, (IEnumerable<RecordBatch> batches) => batches.Select(static batch => new RecordBatch(batch.Schema, [batch.Column(0), batch.Column(0)], batch.Length))))
            .Should().StartWith("System.InvalidCastException: 'text' is string, and the answered column is bigint.");
        Failure(Call(TableFunctionKind.Batches, (IEnumerable<RecordBatch> batches) => batches.Select(static batch => new RecordBatch(batch.Schema, [batch.Column(0), ((StringArray)batch.Column(1)).Slice(0, 1)], batch.Length))))
            .Should().StartWith("System.InvalidCastException: 'text' has 1 rows, and its batch 5.");
        Failure(Call(TableFunctionKind.Rows, (IEnumerable<Row> rows) => rows.Concat(rows))).Should().StartWith("System.InvalidOperationException: The rows of a partition are read once. Keep those that are needed again (ToList).");
    }

    [Test]
    public void An_error_of_the_rows_themselves_is_not_taken_for_the_functions()
    {
        var call = Call(TableFunctionKind.Rows, (IEnumerable<Row> rows) => rows.Select(static row => row));
        FluentActions.Invoking(() => call.Run(Given(3).Select(static row => row.GetAs<long>(0) == 1 ? throw new EngineException("the disk is full") : row)).Count()).Should().Throw<EngineException>().WithMessage("the disk is full");
    }

    private static string Failure(TableCall call) => FluentActions.Invoking(() => call.Run(Given(5)).Count()).Should().Throw<UserFunctionException>().Which.ToText("");

    private static TableCall Call<T, TResult>(TableFunctionKind kind, Func<T, TResult> body) => Call(kind, (Delegate)body);

    private static TableCall Call<T>(TableFunctionKind kind, Action<T> body) => Call(kind, (Delegate)body);

    private static TableCall Call(TableFunctionKind kind, Delegate body) => new(new TableFunction
    {
        Name = "f",
        Body = body,
        Kind = kind,
        Input = Columns,
        Output = kind is TableFunctionKind.EachRow or TableFunctionKind.EachPartition ? TableFunction.Counted : Columns,
    });
}
