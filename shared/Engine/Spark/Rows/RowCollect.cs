using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Spark.Rows;

/// <summary>Runs a query and answers its rows: as Arrow, or as JSON where this Spark has no Arrow to give.</summary>
internal static class RowCollect
{
    /// <summary>Runs the query now; the rows are made as they are read.</summary>
    public static IEnumerable<Row> Start(JvmScope scope, JvmObject dataset, StructType schema)
    {
        try
        {
            return ArrowCollect.Start(scope, dataset, schema);
        }
        catch (JvmException error) when (error.IsGatewayRefusal)
        {
            return JsonCollect.Start(scope, dataset, schema);
        }
    }
}
