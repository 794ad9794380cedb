using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Expressions as Spark's SQL text.</summary>
internal sealed partial class Cases
{
    private void AddSqlText()
    {
        Parsed("i + 1 as x");
        Parsed("upper(s) x");
        Parsed("i > 3 and not b or s is null as x");
        Parsed("case when i > 5 then 'big' when i < 0 then 'neg' else 'mid' end as x");
        Parsed("case i when 5 then 'five' end as x");
        Parsed("cast(num as int) as x");
        Parsed("CAST(d AS DECIMAL(10,2)) x");
        Parsed("coalesce(s, 'none') AS x");
        Parsed("substring(s, 2) as x");
        Parsed("s like '%o%' as x");
        Parsed("s not like '%o%' x");
        Parsed("i between 1 and 7 as x");
        Parsed("i not in (5, 7) as x");
        Parsed("round(d, 1) x");
        Parsed("-i % 3 as x");
        Parsed("- (d) as x");
        Parsed("list[0] as x");
        Parsed("transform(list, e -> e + 1L) as x");
        Parsed("aggregate(list, 0L, (acc, e) -> acc + e) as x");
        Parsed("concat(s, '-', t) as x");
        Parsed("s || '-' || t as x");
        Parsed("if(b, i, j) as x");
        Parsed("nvl(i, 0) as x");
        Parsed("date_format(at, 'yyyy') as x");
        Parsed("to_date(dt, 'MM/dd/yyyy HH:mm:ss') as x");
        Parsed("day > date '2000-01-01' as x");
        Parsed("row_number() over (partition by b order by id desc) as x");
        Parsed("sum(j) over (order by id rows between 1 preceding and current row) as x");
        Parsed("1.5 * n as x");
        Parsed("1e3 + d as x");
        Parsed("5 div 2 as x");
        Parsed("'it''s' as x");
        Parsed("\"dq\" as x");
        Parsed("i & 3 | 8 ^ 1 as x");
        Parsed("named_struct('a', i).a as x");
        Parsed("length(trim(s)) as x");
        Parsed("from_unixtime(j) as x");
        Parsed("first(i) over (order by id) as x");
        Parsed("day + interval '1' day as x");
        Parsed("extract(year from day) as x");
        Parsed("typeof(i) as x");
        Parsed("b is not true as x");
        Parsed("s rlike '^[A-Z]' as x");
        Parsed("explode(list) as x");
        Table("filter by text", t => t.Filter("i > 3 AND s LIKE '%o%'").Select("id"));
        Table("aggregates by text", t => t.GroupBy("b").Agg(Expr("count(distinct t) as n"), Expr("avg(j)")).OrderBy("b"));
        Table("select of aggregates by text", t => t.SelectExpr("count(*) as n", "max(i) as m"));
    }
}
