using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Casts, with texts that fit and texts that do not.</summary>
internal sealed partial class Cases
{
    private void AddCasts()
    {
        foreach (var ty in new[] { "int", "bigint", "smallint", "double", "float", "boolean", "date", "timestamp", "decimal(8,2)", "binary" })
            Value($"cast num {ty}", num.Cast(ty));
        foreach (var ty in new[] { "int", "bigint", "smallint", "string", "boolean", "decimal(20,3)", "float" })
            Value($"cast d {ty}", d.Cast(ty));
        foreach (var ty in new[] { "int", "bigint", "string", "double" })
            Value($"cast n {ty}", n.Cast(ty));
        Value("cast n dec", n.Cast("decimal(6,1)"));
        foreach (var ty in new[] { "string", "date", "bigint", "double" })
            Value($"cast at {ty}", at.Cast(ty));
        Value("cast day ts", day.Cast("timestamp"));
        Value("cast day s", day.Cast("string"));
        Value("cast l ts", i.Cast("timestamp"));
        Value("cast b int", b.Cast("int"));
        Value("cast b s", b.Cast("string"));
        Value("cast i s", i.Cast("string"));
        Value("cast i b", i.Cast("boolean"));
        Value("cast i tiny", j.Cast("tinyint"));
        Value("cast bin s", bin.Cast("string"));
        Value("cast s bin", s.Cast("binary"));
        Value("cast dates", When(Col("id") == 1, "2020-1-5").When(Col("id") == 2, "2020")
            .When(Col("id") == 3, "2020-02-30").When(Col("id") == 5, " 2020-03-04 ")
            .When(Col("id") == 6, "2020-03-04T10:00:00").When(Col("id") == 7, "04/03/2020").Otherwise("20200304").Cast("date"));
        Value("cast tss", When(Col("id") == 1, "2020-1-5 1:2:3").When(Col("id") == 2, "2020-01-02 03:04:05.678")
            .When(Col("id") == 3, "2020-02-30 00:00:00").When(Col("id") == 5, " 2020-03-04 ")
            .When(Col("id") == 6, "2020-03-04T10:00:00Z").When(Col("id") == 7, "2020-03-04T10:00:00+02:00").Otherwise("2020-03-04 10:00").Cast("timestamp"));
        Value("cast dbls", When(Col("id") == 1, "1_000").When(Col("id") == 2, " 1.5 ")
            .When(Col("id") == 3, "NaN").When(Col("id") == 5, "Infinity")
            .When(Col("id") == 6, "-inf").When(Col("id") == 7, "1,5").When(Col("id") == 8, ".5").Otherwise("5.").Cast("double"));
    }
}
