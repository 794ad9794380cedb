using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Arrays, maps, structs, lambdas and JSON.</summary>
internal sealed partial class Cases
{
    private void AddCollections()
    {
        Value("array", Array(i, j));
        Value("array mix", Array(i, d));
        Value("contains arr", ArrayContains(list, 1));
        Value("contains arr5", ArrayContains(list, 5));
        Value("size", Size(list));
        Value("asize", ArraySize(list));
        Value("element_at", ElementAt(list, 2));
        Value("element_at-", ElementAt(list, -1));
        Value("get", Get(list, Lit(1)));
        Value("getitem", list.GetItem(0));
        Value("getitem j", list.GetItem(j));
        Value("flatten", Flatten(Array(list, list2)));
        Value("join", ArrayJoin(names, ","));
        Value("sort", SortArray(list));
        Value("sort desc", SortArray(list, false));
        Value("array_sort", ArraySort(list));
        Value("slice", Slice(list, 2, 2));
        Value("slice-", Slice(list, -2, 2));
        Value("distinct", ArrayDistinct(list));
        Value("amin", ArrayMin(list));
        Value("amax", ArrayMax(list));
        Value("pos", ArrayPosition(list, 1));
        Value("remove", ArrayRemove(list, 1));
        Value("append", ArrayAppend(list, 9));
        Value("intersect", SortArray(ArrayIntersect(list, list2)));
        Value("except", SortArray(ArrayExcept(list, list2)));
        Value("aunion", SortArray(ArrayUnion(list, list2)));
        Value("overlap", ArraysOverlap(list, list2));
        Value("repeat arr", ArrayRepeat(i, 2));
        Value("sequence", Sequence(Lit(1), Lit(5)));
        Value("sequence ij", Sequence(j, Lit(3)));
        Value("sequence down", Sequence(Lit(3), Lit(1)));
        Value("transform", Functions.Transform(list, x => x * 2));
        Value("transform outer", Functions.Transform(list, x => x + j));
        Value("filter", Functions.Filter(list, x => x > 1));
        Value("exists", Exists(list, x => x == 1));
        Value("forall", ForAll(list, x => x > 0));
        Value("aggregate", Functions.Aggregate(list, Lit(0), (a, x) => a + x));
        Value("areverse", Reverse(list));
        Value("concat arrays", Concat(names, Array(tt)));
        Value("struct", Struct(i, s));
        Value("named_struct", NamedStruct(Lit("a"), i, Lit("b"), s));
        Value("struct field", Struct(i, s).GetField("s"));
        Value("map", Map(Lit("k"), i));
        Value("map get", Map(Lit("k"), i, Lit("q"), j).GetItem("q"));
        Value("map get none", Map(Lit("k"), i).GetItem("zz"));
        Value("map keys", MapKeys(Map(Lit("k"), i, Lit("q"), j)));
        Value("map values", MapValues(Map(Lit("k"), i, Lit("q"), j)));
        Value("map entries", MapEntries(Map(Lit("k"), i)));
        Value("map contains", MapContainsKey(Map(Lit("k"), i), "k"));
        Value("map arrays", MapFromArrays(Array(Lit("a")), Array(i)));
        Value("map element_at", ElementAt(Map(Lit("k"), i), "k"));
        Value("map size", Size(Map(Lit("k"), i)));
        Value("from_json", FromJson(js, "a INT, b STRING, c ARRAY<INT>, d STRUCT<e: DOUBLE>"));
        Value("from_json arr", FromJson(js, new ArrayType(new IntegerType())));
        Value("from_json bigint", FromJson(js, "a BIGINT"));
        Value("from_json double", FromJson(js, "a DOUBLE"));
        Value("get_json", GetJsonObject(js, "$.d.e"));
        Value("get_json b", GetJsonObject(js, "$.b"));
        Value("get_json c", GetJsonObject(js, "$.c[1]"));
        Value("get_json obj", GetJsonObject(js, "$.d"));
        Value("valid json", IsValidJson(js));
        Value("to_json", ToJson(Struct(i, s)));
        Value("to_json texts", ToJson(Struct(s.As("a \"b\""), i.Cast("string").As("i"), Lit("tab\t\u0001é\\/\n").As("c"), Lit(null).Cast("string").As("n"))));
        Value("to_json nulls", ToJson(Struct(Lit(null).Cast("string").As("n"))));
        Value("to_json arr", ToJson(list));
        Value("to_json of days and instants", ToJson(Struct(Col("day"), Col("at"), Col("b"))));
        Value("to_json of bytes and decimals", ToJson(Struct(Col("bin"), Col("n"), Col("l"))));
        Value("to_json of nested nulls", ToJson(Struct(Struct(s, i).As("x"), list.As("y"), Array(Struct(s, i), Lit(null)).As("z"))));
        Value("to_json of a map", ToJson(Map(Lit("a b"), Col("at"), Lit("c"), Lit(null).Cast("timestamp"))));
        Value("to_json of doubles that are no numbers", ToJson(Struct(When(Col("id") == Lit(1), Lit(double.NaN)).When(Col("id") == Lit(2), Lit(double.PositiveInfinity)).When(Col("id") == Lit(3), Lit(0.5)).As("x"))));
        Value("date_format with a zone", DateFormat(Col("at"), "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"));
    }
}
