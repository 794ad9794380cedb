using System.Linq.Expressions;
using System.Text;
using System.Text.Json.Nodes;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Identity;

namespace Pipeline.Tests.Unit.UserFunctions;

/// <summary>What is sent to a worker of a delegate, what is made of it there, and what is refused on either side.</summary>
public sealed class FunctionCommandTests
{
    private readonly long field = 5;

    private static long Twice(long x) => 2 * x;

    private static T Same<T>(T x) => x;

    private long PlusField(long x) => x + field;

    [Test]
    public void A_static_method_is_called_on_the_other_side() => Sent<Func<long, long>>(Twice)(21).Should().Be(42);

    [Test]
    public void A_lambda_that_captures_nothing_is_called_on_the_other_side() => Sent<Func<string, string>>(static text => text + "!")("hej").Should().Be("hej!");

    [Test]
    public void A_lambda_of_nullable_parameters_and_many_of_them_is_called_on_the_other_side() =>
        Sent<Func<long?, int, double, bool, string, DateOnly, DateTime, byte[], decimal, short, string>>((a, b, c, d, e, f, g, h, i, j) => $"{a}{b}{c}{d}{e}{f:yyyy}{g:yyyy}{h.Length}{i}{j}")
            (null, 1, 2.5, true, "x", new DateOnly(2020, 1, 1), new DateTime(2021, 1, 1), [1], 1.50m, 3).Should().Be("12.5Truex2020202111.503");

    [Test]
    public void Arrays_lists_dictionaries_and_rows_are_named_by_fixed_words_and_made_of_them_again()
    {
        Sent<Func<byte[][], List<int?[]>, Dictionary<string, List<decimal>>, Row, GenericRow[], string[]>>((a, b, c, d, e) => [$"{a.Length}{b[0][1] is null}{c["k"][0]}{d.Size()}{e.Length}"])
            ([[1], [2]], [[1, null]], new() { ["k"] = [1.5m] }, new Row(new StructType(), []), []).Should().Equal("2True1.500");
        foreach (var wrong in new[] { "List<int", "Dictionary<int>", "int[", "Uri[]", "List<Uri>", "int[]x", "" }) FunctionTypes.TryFind(wrong, out _).Should().BeFalse(wrong);
    }

    [Test]
    public void Captured_values_of_simple_types_arrive_as_they_were()
    {
        var (flag, tiny, small, number, big, wide) = (true, (sbyte)-1, (byte)2, -3, ulong.MaxValue, 'ß');
        var (real, exact, text, broken, nothing) = (double.NegativeInfinity, 1.2300m, "Größe \"x\" 😀", "\ud800", (string?)null);
        var (day, instant, span, id) = (new DateOnly(1900, 2, 3), new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc), TimeSpan.FromTicks(7), Guid.Parse("7d2f0e2c-38f6-4a5e-8b51-0a4cf3e4d1aa"));
        var (numbers, texts, maybe, none) = (new[] { 1L, 2L }, new[] { "a", null }, (int?)7, (double?)null);
        string Describe(long x) => string.Join('|', x, flag, tiny, small, number, big, wide, real, exact, text, broken.Length, (int)broken[0], nothing is null, day.DayNumber, instant.Kind, instant.Ticks, span.Ticks, id, numbers.Sum(), texts.Length, texts[1] is null, maybe, none is null);
        var sent = Sent<Func<long, string>>(x => Describe(x));
        sent(1).Should().Be(Describe(1));
    }

    [Test]
    public void A_lambda_within_a_lambda_that_captures_the_same_variable_is_called_on_the_other_side()
    {
        var offset = 100L;
        Sent<Func<long[], long>>(x => x.Where(one => one != offset).Select(one => one + offset).Sum())([1, 100, 2]).Should().Be(203);
    }

    [Test]
    public void A_value_is_captured_as_it_is_when_the_function_is_sent()
    {
        var factor = 2L;
        var sent = Sent<Func<long, long>>(x => factor * x);
        factor = 100;
        sent(1).Should().Be(2);
    }

    [Test]
    public void The_embedded_engine_copies_the_captured_values_and_refuses_what_Spark_could_not_be_sent()
    {
        using var engine = Pipeline.Engine.Embedded.EmbeddedEngine.Create(new Pipeline.Engine.Embedded.EmbeddedSettings());
        var spark = Pipeline.Engine.Sql.SparkSession.ForEngine(engine);
        var (factor, words) = (2L, new List<string> { "a" });
        var times = Pipeline.Engine.Sql.Functions.Udf<long, long>(x => factor * x);
        spark.Range(3, 4).Select(times("id")).Collect().Single().Get(0).Should().Be(6L);
        factor = 100;
        spark.Range(3, 4).Select(times("id")).Collect().Single().Get(0).Should().Be(6L);
        FluentActions.Invoking(() => spark.Range(1).Select(Pipeline.Engine.Sql.Functions.Udf<long, long>(x => x + words.Count)("id")).Collect()).Should().Throw<EngineException>().WithMessage("*it captures 'words'*");
    }

    [Test]
    public void An_error_of_a_function_on_the_embedded_engine_has_the_form_that_it_has_on_Spark()
    {
        using var engine = Pipeline.Engine.Embedded.EmbeddedEngine.Create(new Pipeline.Engine.Embedded.EmbeddedSettings());
        var spark = Pipeline.Engine.Sql.SparkSession.ForEngine(engine);
        var check = Pipeline.Engine.Sql.Functions.Udf<long, long>(x => x == 777 ? throw new FileNotFoundException("Größe\nungültig") : x, new UdfOptions { Name = "check" });
        var error = FluentActions.Invoking(() => spark.Range(1000).Select(check("id")).Collect()).Should().Throw<EngineException>().Which;
        error.Message.Should().Be("System.IO.FileNotFoundException: Größe");
        error.UserStackTrace.Should().StartWith("in the C# function 'check', row 777 of the batch\nSystem.IO.FileNotFoundException: Größe\nungültig\n   at ");
        error.IsTransient.Should().BeFalse();
        spark.Range(10).Select(check("id")).Collect().Should().HaveCount(10);
    }

    [Test]
    public void An_object_of_any_other_type_is_refused_by_the_name_of_its_variable()
    {
        var words = new List<string>();
        RefusalOf<Func<long, long>>(x => x + words.Count).Should().StartWith("Cannot send the C# function 'udf' to executors: it captures 'words' of the type 'System.Collections.Generic.List`1[System.String]'.");
    }

    [Test]
    public void What_only_another_lambda_of_the_block_captures_is_not_sent_and_not_refused()
    {
        var (words, step, start) = (new List<string> { "a" }, 2L, 3L);
        Func<long> other = () => words.Count + field;
        long Add(long x) => x + step;
        var sent = Sent<Func<long, long>>(x => Add(x) + start);
        sent(1).Should().Be(6);
        other().Should().Be(6);
    }

    [Test]
    public void A_lambda_within_the_lambda_takes_all_that_is_captured_with_it()
    {
        var (words, numbers, step) = (new List<string> { "a" }, new[] { 1L, 2L }, 10L);
        Func<int> other = () => words.Count;
        Sent<Func<long, long>>(x => numbers.Sum(n => n * 2) + x)(1).Should().Be(7);
        RefusalOf<Func<long, long>>(x => numbers.Sum(n => n * x * step)).Should().Contain("'words'").And.NotContain("'this'");
        other().Should().Be(1);
    }

    [Test]
    public void The_object_around_a_lambda_is_refused()
    {
        var local = 1L;
        RefusalOf<Func<long, long>>(x => x + field).Should().Contain("it captures 'this', an object of the type 'Pipeline.Tests.Unit.UserFunctions.FunctionCommandTests'");
        RefusalOf<Func<long, long>>(x => x + field + local).Should().Contain("it captures 'this'");
        RefusalOf<Func<long, long>>(PlusField).Should().Contain("Make the method static");
    }

    [Test]
    public void Variables_of_an_outer_block_are_refused_by_their_names()
    {
        var outer = 1L;
        Func<long, long>? both = null;
        for (var i = 0; i < 1; i++)
        {
            var inner = outer;
            both = x => x + inner + outer;
        }
        RefusalOf(both!).Should().Contain("it captures variables of an outer block ('outer')");
    }

    [Test]
    public void Code_that_no_file_of_the_program_has_is_refused()
    {
        RefusalOf<Func<long, long>>(Same<long>).Should().Contain("is generic");
        Expression<Func<long, long>> expression = x => x + 1;
        RefusalOf(expression.Compile()).Should().Contain("made at run time");
        Func<long, long> first = Twice;
        RefusalOf(first + Twice).Should().Contain("several delegates in one");
        RefusalOf<Func<double, double>>(Math.Sqrt).Should().Contain("its assembly 'System.Private.CoreLib' is not a file in the program's own folder");
    }

    [Test]
    public void Another_build_of_the_assembly_is_refused() => LoadFailure(json => json["module"] = Guid.NewGuid().ToString()).Should().Contain("is of another build of the assembly 'Pipeline.Tests.Unit'").And.Contain("ship one");

    [Test]
    public void An_assembly_that_is_not_beside_the_worker_is_refused()
    {
        LoadFailure(json => json["assembly"] = "Not.There").Should().Contain("'Not.There' of a C# function is not in the folder");
        LoadFailure(json => json["assembly"] = "../x/Evil").Should().Contain("is not the simple name of an assembly");
        LoadFailure(json => json["assembly"] = "System.Private.CoreLib").Should().Contain("'System.Private.CoreLib'");
    }

    [Test]
    public void A_method_that_is_not_what_its_token_names_is_refused()
    {
        LoadFailure(json => json["token"] = typeof(FunctionCommandTests).GetMethod(nameof(A_static_method_is_called_on_the_other_side))!.MetadataToken).Should().Contain("has another one in its place");
        LoadFailure(json => json["token"] = 0x06ffffff).Should().Contain("does not have");
        LoadFailure(json => json["method"] = "System.IO.File: Void Delete(System.String)").Should().Contain("has another one in its place");
    }

    [Test]
    public void A_command_that_names_a_type_which_no_function_has_or_that_is_damaged_is_refused()
    {
        LoadFailure(json => json["result"]!["clr"] = "System.Diagnostics.Process").Should().Contain("names the type 'System.Diagnostics.Process'");
        LoadFailure(json => json["version"] = 2).Should().Contain("version 2").And.Contain("version 1");
        LoadFailure(json => json.AsObject().Remove("token")).Should().Contain("damaged");
        FluentActions.Invoking(() => FunctionLoader.Load("{"u8.ToArray())).Should().Throw<FunctionLoadException>().WithMessage("*damaged*");
    }

    private static TDelegate Sent<TDelegate>(TDelegate function) where TDelegate : Delegate => (TDelegate)FunctionLoader.Load(FunctionCommand.Of(UserFunction.Of(function))).Body;

    private static string RefusalOf<TDelegate>(TDelegate function) where TDelegate : Delegate =>
        FluentActions.Invoking(() => FunctionCommand.Of(UserFunction.Of(function, new UdfOptions { Name = "udf" }))).Should().Throw<EngineException>().Which.Message;

    private static string LoadFailure(Action<JsonNode> change)
    {
        var json = JsonNode.Parse(FunctionCommand.Of(UserFunction.Of((Func<long, long>)Twice)))!;
        change(json);
        return FluentActions.Invoking(() => FunctionLoader.Load(Encoding.UTF8.GetBytes(json.ToJsonString()))).Should().Throw<FunctionLoadException>().Which.Message;
    }
}
