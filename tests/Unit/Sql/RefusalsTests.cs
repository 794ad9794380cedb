using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using static Pipeline.Engine.Sql.Functions;
using static Pipeline.Tests.Unit.Sql.Rendering;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>What cannot be is refused where it is written, with what there is.</summary>
public sealed class RefusalsTests
{
    private readonly DataFrame t = Table(FakeEngine.Spark()).Select("s", "i", "d", "list");

    [Test]
    public void A_column_that_is_not_there_names_those_that_are() =>
        Refused(() => t.Select("anc")).Should().Be("Column 'anc' is not in the frame. It has: s, i, d, list.");

    [Test]
    public void A_name_on_both_sides_of_a_join_is_ambiguous() =>
        Refused(() => t.Join(t.Select("s"), Col("s") == "x")).Should().StartWith("Column 's' is ambiguous: 2 columns of the two sides of the join have that name.");

    [Test]
    public void A_self_join_needs_aliases()
    {
        Refused(() => t.Join(t, t["i"] == t["i"])).Should().StartWith("Column 'i' stands on both sides of this self join. Give each side an Alias");
        Refused(() => t.Join(t.Filter("i > 1"), Col("i") == 1)).Should().StartWith("Column 'i' is ambiguous: 2 columns of the two sides of the join have that name.");
    }

    [Test]
    public void A_column_made_anew_is_not_the_frames_own()
    {
        Refused(() => t.WithColumn("i", Col("i") + 1).Filter(t["i"] > 1)).Should().StartWith("Column 'i' was taken from another frame than the current one, where a column of that name was created again.");
    }

    [Test]
    public void Two_columns_of_a_name_cannot_be_written()
    {
        var joined = t.Join(t.Select(Col("i").As("k"), Col("s")), Col("k") == t["i"]);
        Refused(() => joined.Write().Format("delta").Save("/out")).Should().StartWith("Cannot write a frame with two columns named 's'. Drop or rename one");
        joined.Drop(t["s"]).Columns().Should().Equal("i", "d", "list", "k", "s");
    }

    [Test]
    public void A_column_must_be_grouped_or_aggregated() =>
        Refused(() => t.GroupBy("s").Agg(Col("i"))).Should().Be("Column 'i' is neither grouped by nor within an aggregate. Group by it, or take First(\"i\").");

    [Test]
    public void A_filter_takes_no_aggregate() => Refused(() => t.Filter(Sum("i") > 1)).Should().StartWith("'sum' cannot stand in a filter.");

    [Test]
    public void A_condition_is_boolean() => Refused(() => t.Filter(Col("i") + 1)).Should().Be("The condition of a filter is of the type int, not boolean: (i + 1).");

    [Test]
    public void Sides_of_a_union_have_as_many_columns() =>
        Refused(() => t.Union(t.Select("i"))).Should().Be("UNION ALL needs the same number of columns on both sides: the left has 4 (s, i, d, list), the right 1 (i).");

    [Test]
    public void Frames_of_two_sessions_do_not_meet() =>
        Refused(() => t.Union(Table(FakeEngine.DuckDb()).Select("s", "i", "d", "list"))).Should().StartWith("The frames belong to two sessions, and one query runs in one.");

    [Test]
    public void A_stream_is_not_collected()
    {
        var stream = SparkSession.ForEngine(FakeEngine.Spark()).ReadStream().Format("kafka").Load();
        Refused(() => stream.Filter("x > 1").Collect()).Should().StartWith("Cannot collect a frame that has no end: it reads a stream.");
        Refused(() => t.WriteStream()).Should().StartWith("Cannot write a stream of a frame that has an end.");
    }

    [Test]
    public void A_wrong_number_of_arguments_is_counted() => Refused(() => t.SelectExpr("upper(s, i)")).Should().Be("'upper' takes 1 argument, and 2 are given.");

    [Test]
    public void A_value_without_an_SQL_type_is_named() => Refused(() => Lit(new object())).Should().StartWith("A value of the type Object has no SQL type.");

    [Test]
    public void A_type_that_is_not_known_is_named() => Refused(() => Col("i").Cast("intt")).Should().StartWith("The type 'intt' in 'intt' is not known. Known are string, binary,");

    [Test]
    public void A_join_type_that_is_not_known_is_named() =>
        Refused(() => t.Join(t.Select(Col("i").As("k")), Col("k") == 1, "leftish")).Should().Be("The join type 'leftish' is not known. Known are inner, cross, left, right, full, left_semi and left_anti.");

    [Test]
    public void A_builder_without_an_engine_says_what_to_call() =>
        Refused(() => SparkSession.Builder().AppName("x").GetOrCreate()).Should().StartWith("Cannot make a SparkSession: no engine is registered.");

    [TestCase("(?=a)b")]
    [TestCase("(a)\\1")]
    [TestCase("a++")]
    public void DuckDB_refuses_a_pattern_that_only_Java_knows(string pattern) =>
        Refused(() => Table(FakeEngine.DuckDb()).Select(RegexpReplace("s", pattern, "")).ToSql()).Should().StartWith($"DuckDB cannot say 'regexp_replace' with the pattern '{pattern}': its engine (RE2) has no ");

    [Test]
    public void DuckDB_refuses_what_it_cannot_say_by_name()
    {
        var duck = Table(FakeEngine.DuckDb());
        Refused(() => duck.Select(Crc32("s")).ToSql()).Should().Be("DuckDB cannot say 'crc32': it has no such function. Use Md5 or Sha2(column, 256).");
        Refused(() => duck.Select(Decode("bin", "UTF-16")).ToSql()).Should().Be("DuckDB cannot say 'decode' for the charset 'UTF-16', only for 'UTF-8' and 'ISO-8859-1'.");
        Refused(() => duck.Select(DateFormat("at", "QQQ yyyy")).ToSql()).Should().StartWith("DuckDB cannot say the date format 'QQQ yyyy': 'QQQ' has no counterpart.");
        Refused(() => duck.Select(ToDate("s", "dd/MM/yy")).ToSql()).Should().StartWith("DuckDB cannot say the date format 'dd/MM/yy': 'yy' has no counterpart.");
    }

    [Test]
    public void There_are_no_tables_by_name_to_write() =>
        Refused(() => t.Write().SaveAsTable("x")).Should().StartWith("Cannot save as the table 'x': there is no metastore, tables live at paths.");

    [Test]
    public void A_dialect_of_ones_own_is_refused()
    {
        var dialect = NSubstitute.Substitute.For<ISqlDialect>();
        Refused(() => SparkSession.ForEngine(new FakeEngine(dialect))).Should().StartWith("The engine 'fake' has a dialect of its own making.");
    }

    private static string Refused(Func<object?> action)
    {
        try
        {
            _ = action();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or NotSupportedException or FormatException)
        {
            return error.Message;
        }
        throw new AssertionException("It was not refused.");
    }

    private static string Refused(Action action) => Refused(() =>
    {
        action();
        return null;
    });
}
