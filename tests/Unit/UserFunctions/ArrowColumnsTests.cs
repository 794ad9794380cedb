using System.Globalization;
using Apache.Arrow;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Calls;
using Pipeline.Engine.UserFunctions.Columns;

namespace Pipeline.Tests.Unit.UserFunctions;

/// <summary>Columns in, columns out: each type, nulls, widening, and what does not fit.</summary>
public sealed class ArrowColumnsTests
{
    private static IEnumerable<TestCaseData> Types()
    {
        yield return Case<bool>(true, false, true);
        yield return Case<sbyte>(sbyte.MinValue, 0, sbyte.MaxValue);
        yield return Case<short>(short.MinValue, 0, short.MaxValue);
        yield return Case<int>(int.MinValue, 0, int.MaxValue);
        yield return Case<long>(long.MinValue, 0, long.MaxValue);
        yield return Case<float>(float.NaN, -0.5f, float.MaxValue);
        yield return Case<double>(double.NegativeInfinity, 0.1, double.Epsilon);
        yield return Case<decimal>(-12345678901234567890.5m, 0.000000000000000001m, 99m);
        yield return Case<DateOnly>(DateOnly.MinValue, new(1969, 12, 31), DateOnly.MaxValue);
        yield return Case<DateTime>(new(1, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Utc).AddTicks(9999990), new DateTime(9999, 12, 31, 23, 59, 59, DateTimeKind.Utc).AddTicks(9999990));
        yield return new TestCaseData((Func<string?, string?>)(static text => text), new object?[] { "", null, "Größe 😀\0\n", new string('x', 5000) }).SetName("{m}(String)");
        yield return new TestCaseData((Func<byte[]?, byte[]?>)(static bytes => bytes), new object?[] { System.Array.Empty<byte>(), null, new byte[] { 0, 255 }, new byte[5000] }).SetName("{m}(Byte[])");
    }

    private static IEnumerable<TestCaseData> NestedTypes()
    {
        yield return new TestCaseData((Func<int?[], int?[]>)(static x => x), new object?[] { new object?[] { 1, null, -3 }, null, System.Array.Empty<object?>() }).SetName("{m}(int?[])");
        yield return new TestCaseData((Func<List<string?>, List<string?>>)(static x => x), new object?[] { new object?[] { "é", null, "" }, null }).SetName("{m}(List)");
        yield return new TestCaseData((Func<long[][], long[][]>)(static x => x), new object?[] { new object?[] { new object?[] { 1L }, System.Array.Empty<object?>() } }).SetName("{m}(long[][])");
        yield return new TestCaseData(
            (Func<Dictionary<string, decimal?>, Dictionary<string, decimal?>>)(static x => x),
            new object?[] { new Dictionary<object, object?> { ["a"] = 1.5m, ["b"] = null }, null, new Dictionary<object, object?>() }).SetName("{m}(Dictionary)");
        yield return new TestCaseData(
            (Func<Dictionary<int, DateOnly[]>, Dictionary<int, DateOnly[]>>)(static x => x),
            new object?[] { new Dictionary<object, object?> { [7] = new object?[] { new DateOnly(1969, 12, 31) } } }).SetName("{m}(Dictionary of arrays)");
    }

    [TestCaseSource(nameof(NestedTypes))]
    public void Arrays_and_maps_go_through_a_function_unchanged(Delegate same, object?[] values)
    {
        var function = UserFunction.Of(same);
        using var column = ArrowColumns.Build(function.ResultType, values, "x");
        Back(Evaluate(function, column), function.ResultType).Should().BeEquivalentTo(values, options => options.WithStrictOrdering());
    }

    [Test]
    public void A_row_has_the_fields_of_its_column_and_a_result_the_declared_ones()
    {
        var given = new StructType(new StructField("id", new LongType()), new StructField("tags", new ArrayType(new StringType())));
        var answered = new StructType(new StructField("count", new IntegerType()), new StructField("price", new DecimalType(6, 2)));
        var function = UserFunction.Of((Func<Row, GenericRow?>)(static row => row is null ? null : new GenericRow([((object?[])row.Get("tags")!).Length, row.GetAs<long>("id") / 8m])), new UdfOptions { ReturnType = answered });
        using var column = ArrowColumns.Build(given, [new Row(given, [3L, new object?[] { "x", "y" }]), null], "x");
        var rows = Back(Evaluate(function, column), answered);
        ((Row)rows[0]!).Values.Should().Equal(2, 0.38m);
        rows[1].Should().BeNull();
    }

    [Test]
    public void A_null_that_an_array_cannot_hold_and_an_answer_of_another_type_are_errors_that_name_the_place()
    {
        var length = UserFunction.Of((Func<int[], int>)(static x => x.Length), new UdfOptions { Name = "length" });
        using var holed = ArrowColumns.Build(new ArrayType(new IntegerType()), [new object?[] { 1, null }], "x");
        FluentActions.Invoking(() => Evaluate(length, holed)).Should().Throw<FunctionCallException>()
            .WithMessage("Cannot call the C# function 'length' with argument 1: an element is NULL, which Int32 cannot hold. Declare the parameter with nullable elements (Int32?).");
        var declared = new UdfOptions { Name = "pair", ReturnType = new StructType(new StructField("n", new IntegerType()), new StructField("text", new StringType(), false)) };
        using var numbers = Column(new IntegerType(), [1, 2]);
        (GenericRow Row, string Message)[] wrong =
        [
            (new GenericRow(["1", "x"]), "'n' is int, and the value is of .NET's type 'System.String'. (row 0 of the batch)"),
            (new GenericRow([1L, "x"]), "'n' is int, and the value is of .NET's type 'System.Int64'. (row 0 of the batch)"),
            (new GenericRow([1, null]), "'text' is NULL, and its column is declared without NULL. (row 0 of the batch)"),
            (new GenericRow([1]), "a row of 1 values is not one of struct<n:int,text:string>, which has 2. (row 0 of the batch)"),
        ];
        foreach (var (row, message) in wrong)
            FluentActions.Invoking(() => Evaluate(UserFunction.Of((Func<int, GenericRow>)(_ => row), declared), numbers)).Should().Throw<FunctionCallException>().WithMessage($"Cannot take a result of the C# function 'pair': {message}");
    }

    private static TestCaseData Case<T>(params ReadOnlySpan<T> values) where T : struct =>
        new TestCaseData((Func<T?, T?>)(static value => value), new object?[] { values[0], null, values[1], values[2] }).SetName($"{{m}}({typeof(T).Name})");

    [TestCaseSource(nameof(Types))]
    public void Every_type_goes_through_a_function_unchanged(Delegate same, object?[] values)
    {
        var function = UserFunction.Of(same);
        using var column = Column(function.ResultType, values);
        Back(Evaluate(function, column), function.ResultType).Should().BeEquivalentTo(values, options => options.WithStrictOrdering());
    }

    [Test]
    public void A_timestamp_without_a_zone_keeps_what_the_clock_shows()
    {
        var options = new UdfOptions { ReturnType = new TimestampNTZType(), ParameterTypes = [new TimestampNTZType()] };
        DateTimeKind? kind = null;
        var function = UserFunction.Of((Func<DateTime, DateTime>)(time =>
        {
            kind = time.Kind;
            return DateTime.SpecifyKind(time.AddHours(1), DateTimeKind.Local);
        }), options);
        using var column = Column(new TimestampNTZType(), [new DateTime(2020, 3, 4, 5, 6, 7)]);
        Back(Evaluate(function, column), new TimestampNTZType()).Should().Equal(new DateTime(2020, 3, 4, 6, 6, 7));
        kind.Should().Be(DateTimeKind.Unspecified);
    }

    [Test]
    public void Null_makes_null_without_a_call_where_the_parameter_cannot_hold_it_and_is_seen_where_it_can()
    {
        var calls = 0;
        using var numbers = Column(new LongType(), [1L, null, 3L]);
        using var texts = Column(new StringType(), ["a", "b", null]);
        var strict = UserFunction.Of((Func<long, string, string>)((number, text) =>
        {
            calls++;
            return $"{number}{text ?? "null"}";
        }));
        Back(Evaluate(strict, numbers, texts), new StringType()).Should().Equal(new object?[] { "1a", null, "3null" });
        calls.Should().Be(2);
        Back(Evaluate(UserFunction.Of((Func<long?, long>)(number => number ?? -1)), numbers), new LongType()).Should().Equal(1L, -1L, 3L);
    }

    [Test]
    public void A_narrower_number_is_widened_and_any_other_type_is_refused_with_the_cast_to_write()
    {
        using var integers = Column(new IntegerType(), [7, null]);
        Back(Evaluate(UserFunction.Of((Func<long, long>)(x => x + 1)), integers), new LongType()).Should().Equal(8L, null);
        Back(Evaluate(UserFunction.Of((Func<double, double>)(x => x / 2)), integers), new DoubleType()).Should().Equal(3.5, null);
        Back(Evaluate(UserFunction.Of((Func<decimal, decimal>)(x => x + 0.5m)), integers), new DecimalType(38, 18)).Should().Equal(7.5m, null);
        using var texts = Column(new StringType(), ["7"]);
        var refused = () => Evaluate(UserFunction.Of((Func<long, long>)(x => x), new UdfOptions { Name = "f" }), texts);
        refused.Should().Throw<FunctionCallException>().WithMessage("Cannot call the C# function 'f' with argument 1: the parameter is bigint, and the column is Arrow's utf8. In SQL text nothing is cast for a C# function: write CAST(… AS BIGINT).");
        var binary = () => Evaluate(UserFunction.Of((Func<byte[], byte[]>)(x => x)), texts);
        binary.Should().Throw<FunctionCallException>();
    }

    [TestCase("1.005", "1.01")]
    [TestCase("-1.005", "-1.01")]
    [TestCase("1.0049", "1.00")]
    [TestCase("999.994", "999.99")]
    [TestCase("999.995", null)]
    [TestCase("1000", null)]
    public void A_decimal_is_rounded_half_up_to_the_declared_scale_and_refused_where_it_does_not_fit(string number, string? expected)
    {
        var value = decimal.Parse(number, CultureInfo.InvariantCulture);
        var type = new DecimalType(5, 2);
        var function = UserFunction.Of((Func<long, decimal>)(_ => value), new UdfOptions { ReturnType = type });
        using var column = Column(new LongType(), [1L]);
        var act = () => Back(Evaluate(function, column), type);
        if (expected is null) act.Should().Throw<FunctionCallException>().WithMessage("Cannot take a result of the C# function *does not fit in decimal(5,2)*");
        else act().Should().Equal(decimal.Parse(expected, CultureInfo.InvariantCulture));
    }

    [Test]
    public void An_error_names_the_function_and_the_row_and_has_the_functions_own_stack_alone()
    {
        var function = UserFunction.Of((Func<long, long>)(x => x == 3 ? throw new InvalidOperationException("Größe\nungültig") : x), new UdfOptions { Name = "check" });
        using var column = Column(new LongType(), [1L, null, 3L]);
        var error = FluentActions.Invoking(() => Evaluate(function, column)).Should().Throw<UserFunctionException>().Which;
        (error.Function, error.Place).Should().Be(("check", "row 2 of the batch"));
        error.ToText("partition 4").Should().StartWith("System.InvalidOperationException: Größe\nungültig\nin the C# function 'check', partition 4, row 2 of the batch\n")
            .And.Contain(nameof(An_error_names_the_function_and_the_row_and_has_the_functions_own_stack_alone)).And.NotContain("Invoker");
    }

    [Test]
    public void A_function_without_arguments_is_called_for_each_row()
    {
        var next = 0;
        var batch = new FunctionBatch(UserFunction.Of((Func<int>)(() => next++)));
        batch.Reserve(3);
        batch.Run(3);
        batch.Results.Cast<int>().Take(3).Should().Equal(0, 1, 2);
    }

    private static IArrowArray Evaluate(UserFunction function, params IArrowArray[] columns) => new ArrowFunction(function, "UTC").Evaluate(columns, columns[0].Length);

    /// <summary>A column as Spark would send it.</summary>
    private static IArrowArray Column(DataType type, object?[] values)
    {
        var element = values.First(static value => value is not null)!.GetType();
        var array = System.Array.CreateInstance(element, values.Length);
        for (var i = 0; i < values.Length; i++)
            if (values[i] is not null) array.SetValue(values[i], i);
        return ArrowEncoder.Encode(array, [.. values.Select(static value => value is null)], values.Length, type, ArrowEncoder.TypeOf(type, "UTC"));
    }

    private static object?[] Back(IArrowArray column, DataType type) => [.. Enumerable.Range(0, column.Length).Select(ArrowValues.Reader(type, column, "x"))];
}
