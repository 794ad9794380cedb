using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Support.Programs;

/// <summary>A query like TPC-H's third, as users of Microsoft.Spark write it: unshipped orders of one segment by what they are worth.</summary>
public static class ShippingPriority
{
    /// <summary>Out: l_orderkey (bigint), o_orderdate (date), revenue (double); the ten greatest revenues, greatest first.</summary>
    public static DataFrame Of(DataFrame customer, DataFrame orders, DataFrame lineitem)
    {
        DataFrame segment = customer.Filter(Col("c_mktsegment") == "BUILDING");
        DataFrame before = orders.Filter(Col("o_orderdate") < "1995-03-15");
        DataFrame after = lineitem.Filter(Col("l_shipdate") > "1995-03-15");
        return segment.Join(before, Col("c_custkey") == before["o_custkey"])
            .Join(after, Col("o_orderkey") == after["l_orderkey"])
            .Select(Col("l_orderkey"), (Col("l_extendedprice") * (1 - Col("l_discount"))).As("volume"), Col("o_orderdate"))
            .GroupBy(Col("l_orderkey"), Col("o_orderdate"))
            .Agg(Sum(Col("volume")).As("revenue"))
            .Sort(Col("revenue").Desc(), Col("o_orderdate"))
            .Limit(10);
    }
}
