using NUnit.Framework;
using static Pipeline.Sql.Functions;
using static Pipeline.Tests.Unit.Sql.Rendering;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Frames as text, in both dialects.</summary>
public sealed class RelationsTests
{
    [Test]
    public void A_source_is_read_whole() => Rendered(t => t).Is("""SELECT * FROM "v1" AS t1""");

    [Test]
    public void Filter_and_select_are_one_query() =>
        Rendered(t => t.Filter(t["i"] > 21 & t["s"] != "x").Select("s", "i")).Is("""SELECT t1."s", t1."i" FROM "v1" AS t1 WHERE (t1."i" > 21) AND (t1."s" <> 'x')""");

    [Test]
    public void A_frames_own_columns_tell_the_sides_of_a_join_apart() => Rendered(t =>
    {
        var other = t.Select(Col("s"), Col("d").As("e"));
        return t.Join(other, t["s"] == other["s"], "left").Select(t["s"], other["e"]);
    }).Is("""SELECT t1."s", t2."d" AS "e" FROM "v1" AS t1 LEFT JOIN "v1" AS t2 ON t1."s" = t2."s" """.TrimEnd());
}
