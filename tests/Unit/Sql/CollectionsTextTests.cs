using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Arrays, maps, structs and JSON.</summary>
public sealed class CollectionsTextTests
{
    private static IEnumerable<Said> All()
    {
        yield return new(Array("i", "l"),
            "array(CAST(`i` AS BIGINT), `l`)",
            """[CAST("i" AS BIGINT), "l"]""");
        yield return new(ArrayContains("list", 1),
            "array_contains(`list`, 1)",
            """CASE WHEN "list" IS NULL OR 1 IS NULL THEN NULL WHEN list_contains("list", 1) THEN true WHEN list_count("list") < len("list") THEN NULL ELSE false END""");
        yield return new(Size("list"),
            "size(`list`)",
            """CAST(coalesce(len("list"), -1) AS INTEGER)""");
        yield return new(ElementAt("list", -1),
            "element_at(`list`, -1)",
            """list_extract("list", -1)""");
        yield return new(Col("list").GetItem(0),
            "`list`[0]",
            """list_extract("list", 1)""");
        yield return new(Col("m").GetItem("k"),
            "`m`['k']",
            """map_extract_value("m", 'k')""");
        yield return new(Col("p").GetField("y"),
            "`p`.`y`",
            """struct_extract("p", 'y')""");
        yield return new(Col("p.x"),
            "`p`.`x`",
            """struct_extract("p", 'x')""");
        yield return new(SortArray("list"),
            "sort_array(`list`)",
            """list_sort("list", 'ASC', 'NULLS FIRST')""");
        yield return new(SortArray("list", false),
            "sort_array(`list`, false)",
            """list_sort("list", 'DESC', 'NULLS LAST')""");
        yield return new(Slice("list", 2, 2),
            "slice(`list`, 2, 2)",
            """list_slice("list", 2, 3)""");
        yield return new(ArrayJoin("names", ","),
            "array_join(`names`, ',')",
            """CASE WHEN "names" IS NOT NULL THEN coalesce(array_to_string("names", ','), '') END""");
        yield return new(ArrayDistinct("list"),
            "array_distinct(`list`)",
            """list_filter("list", lambda e, k: k = list_position("list", e))""");
        yield return new(Functions.Transform("list", x => x + Col("i")),
            "transform(`list`, x1 -> x1 + `i`)",
            """list_transform("list", lambda x1: x1 + "i")""");
        yield return new(Functions.Filter("list", x => x > 1),
            "filter(`list`, x1 -> x1 > 1)",
            """list_filter("list", lambda x1: x1 > 1)""");
        yield return new(Exists("list", x => x == 1),
            "exists(`list`, x1 -> x1 = 1)",
            """CASE WHEN "list" IS NULL THEN NULL WHEN list_bool_or(list_transform("list", lambda x1: x1 = 1)) = true THEN true WHEN list_count(list_transform("list", lambda x1: x1 = 1)) < len("list") THEN NULL ELSE NOT true END""");
        yield return new(Functions.Aggregate("list", Lit(0), (sum, x) => sum + x),
            "aggregate(`list`, 0, (x1, x2) -> x1 + x2)",
            """CASE WHEN "list" IS NOT NULL THEN list_reduce(list_prepend(0, "list"), lambda x1, x2: x1 + x2) END""");
        yield return new(Struct("i", "s"),
            "named_struct('i', `i`, 's', `s`)",
            """struct_pack("i" := "i", "s" := "s")""");
        yield return new(Map(Lit("a"), Col("i")),
            "map('a', `i`)",
            """MAP(['a'], ["i"])""");
        yield return new(MapKeys("m"), """map_keys("m")""");
        yield return new(FromJson("s", "a INT, b ARRAY<STRING>"),
            "from_json(`s`, '`a` int, `b` array<string>')",
            """CASE WHEN "s" IS NOT NULL THEN coalesce(TRY(json_transform("s", '{"a":"INTEGER","b":["VARCHAR"]}')), struct_pack("a" := CAST(NULL AS INTEGER), "b" := CAST(NULL AS VARCHAR[]))) END""");
        yield return new(FromJson("s", new MapType(new StringType(), new DoubleType())),
            "from_json(`s`, 'map<string,double>')",
            """TRY(json_transform("s", '"MAP(VARCHAR, DOUBLE)"'))""");
        yield return new(GetJsonObject("s", "$.a[0]"),
            "get_json_object(`s`, '$.a[0]')",
            """TRY(json_extract_string("s", '$.a[0]'))""");
        yield return new(ToJson("p"),
            "to_json(`p`)",
            """list_transform(["p"], lambda j: CASE WHEN j IS NOT NULL THEN ('{' || concat_ws(',', '"x":' || CAST(struct_extract(j, 'x') AS VARCHAR), '"y":' || CASE WHEN struct_extract(j, 'y') IS NOT NULL THEN CAST(to_json(struct_extract(j, 'y')) AS VARCHAR) END) || '}') END)[1]""");
        yield return new(ToJson(Struct(Col("s").As("it's \"s\""), Col("s"))),
            """to_json(named_struct('it\'s "s"', `s`, 's', `s`))""",
            """__json_of_texts(E'"it''s \\"s\\"":\n"s":', "s", "s")""");
        yield return new(ToJson(Struct("i", "s")),
            "to_json(named_struct('i', `i`, 's', `s`))",
            """list_transform([struct_pack("i" := "i", "s" := "s")], lambda j: CASE WHEN j IS NOT NULL THEN ('{' || concat_ws(',', '"i":' || CAST(struct_extract(j, 'i') AS VARCHAR), '"s":' || CASE WHEN struct_extract(j, 's') IS NOT NULL THEN CAST(to_json(struct_extract(j, 's')) AS VARCHAR) END) || '}') END)[1]""");
        yield return new(IsValidJson("s"),
            "get_json_object(`s`, '$') IS NOT NULL",
            """coalesce(json_valid("s"), false)""");
    }

    [TestCaseSource(nameof(All))]
    public void An_expression_is_spelled_in_both_dialects(object said) => ((Said)said).Check();
}
