using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Unit.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.UserFunctions;

/// <summary>C# functions in a plan: their types, the text that calls them, and what the engine is told.</summary>
public sealed class UserFunctionTests
{
    private static long Plus(long a, double b) => a + (long)b;

    [Test]
    public void The_engine_knows_a_function_before_the_text_that_calls_it_and_gets_its_arguments_in_the_declared_types()
    {
        foreach (var engine in new[] { FakeEngine.Spark(), FakeEngine.DuckDb() })
        {
            var plus = Udf<long, double, long>(Plus);
            var sql = Rendering.Table(engine).Select(plus("i", "d").As("x")).ToSql();
            var function = engine.Functions.Should().ContainSingle().Which;
            function.Name.Should().Be("Plus");
            sql.Should().MatchRegex(engine.Dialect is Pipeline.Engine.Sql.Dialects.SparkDialect ? $@"{function.SqlName}\(CAST\(t1\.`i` AS BIGINT\), t1\.`d`\)" : $@"{function.SqlName}\((TRY_)?CAST\(t1\.""i"" AS BIGINT\), t1\.""d""\)");
        }
    }

    [Test]
    public void A_call_has_the_results_type_and_the_functions_name_in_the_columns_name()
    {
        var frame = Rendering.Table(FakeEngine.Spark()).Select(Udf<long, decimal>(x => x, new UdfOptions { Name = "price", ReturnType = new DecimalType(10, 2) })("l"));
        frame.DTypes().Should().Equal(Tuple.Create("price(l)", "decimal(10,2)"));
    }

    [Test]
    public void Two_functions_never_have_one_name_in_SQL()
    {
        var (first, second) = (UserFunction.Of((Func<long, double, long>)Plus), UserFunction.Of((Func<long, double, long>)Plus));
        first.SqlName.Should().NotBe(second.SqlName).And.MatchRegex("^pipeline_udf_plus_[0-9]+$");
    }

    [Test]
    public void A_function_that_is_not_deterministic_is_computed_once_where_its_column_is_used_twice()
    {
        var random = Udf<long, long>(x => x, new UdfOptions { Name = "roll", IsDeterministic = false });
        var sql = Rendering.Table(FakeEngine.Spark()).Select(random("l").As("x")).Filter(Col("x") > 1).ToSql();
        System.Text.RegularExpressions.Regex.Matches(sql, "pipeline_udf_roll").Should().HaveCount(1);
    }

    [Test]
    public void Types_that_no_column_has_are_refused_where_the_function_is_made()
    {
        var odd = () => Udf<Uri, long>(_ => 1);
        odd.Should().Throw<ArgumentException>().WithMessage("Parameter 1 of the function 'udf' is of .NET's type 'System.Uri', which no column has. Use bool, *");
        var wrong = () => Udf<long, long>(x => x, new UdfOptions { ReturnType = new StringType() });
        wrong.Should().Throw<ArgumentException>().WithMessage("The result of the function 'udf' is declared as string, and .NET's type 'System.Int64' holds bigint.*");
        var few = () => Udf<long, long, long>((a, b) => a, new UdfOptions { ParameterTypes = [null] });
        few.Should().Throw<ArgumentException>().WithMessage("The function 'udf' takes 2 arguments, and the options declare 1 types.*");
    }

    [Test]
    public void A_name_for_SQL_text_is_given_to_the_engine_and_has_to_be_a_name()
    {
        var engine = FakeEngine.Spark();
        var session = SparkSession.ForEngine(engine);
        _ = session.Udf().Register<long, double, long>("plus", Plus);
        engine.NamedFunctions.Should().ContainKey("plus").WhoseValue.Name.Should().Be("plus");
        foreach (var bad in new[] { "a b", "1a", "x.y", "" })
            FluentActions.Invoking(() => session.Udf().Register<long, long>(bad, x => x)).Should().Throw<ArgumentException>().WithMessage($"'{bad}' is not the name of a function*");
    }

    [Test]
    public void A_row_needs_declared_columns_as_a_result_and_none_as_an_argument()
    {
        var odd = () => Udf<long, Row>(_ => null!);
        odd.Should().Throw<ArgumentException>().WithMessage("The result of the function 'udf' is a row, and its columns are not declared. Give them: Udf(function, new StructType(*");
        var columns = new StructType(new StructField("x", new LongType()));
        var frame = Rendering.Table(FakeEngine.Spark()).Select(Udf<Row, long>((row, more) => new GenericRow([row.GetAs<long>(0) + more]), columns)(Struct(Col("l")), Col("l")).As("r"));
        frame.DTypes().Should().Equal(Tuple.Create("r", "struct<x:bigint>"));
        frame.ToSql().Should().MatchRegex(@"pipeline_udf_udf_[0-9]+\(named_struct\('l', t1\.`l`\), t1\.`l`\)");
    }

    [Test]
    public void Within_an_array_numbers_are_widened_and_nothing_else_is_cast()
    {
        var frame = Rendering.Table(FakeEngine.Spark());
        frame.Select(Udf<long?[], int>(x => x.Length)(Array(Col("i")))).ToSql().Should().Contain("AS ARRAY<BIGINT>)");
        FluentActions.Invoking(() => frame.Select(Udf<long?[], int>(x => x.Length)(Array(Col("s"))))).Should().Throw<ArgumentException>()
            .WithMessage("Argument 1 of the function 'udf' is array<string>, and the parameter is array<bigint>. Within arrays, maps and structs only numbers are widened: cast the argument.");
    }
}
