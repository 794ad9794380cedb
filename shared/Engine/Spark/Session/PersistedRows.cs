using Pipeline.Engine.Spark.Gateway;

namespace Pipeline.Engine.Spark.Session;

/// <summary>A Dataset whose rows Spark has kept, as one that begins with those rows: its plan is a leaf, whatever plan made them.</summary>
/// <remarks>
/// Spark's cache keeps rows but not the plan short: every query over them analyses and optimizes all that went before, twice where it joins them with themselves, and a chain of such
/// queries grows beyond its memory. The leaf is what Dataset.checkpoint makes of its rows, except that here they can still be computed again where an executor is lost.
/// </remarks>
internal static class PersistedRows
{
    private const string Leaf = "org.apache.spark.sql.execution.LogicalRDD$";

    /// <summary>The leaf over a Dataset that is persisted and was read once; the Dataset itself where this Spark has no such leaf.</summary>
    /// <param name="scope">The operation, which owns what is made.</param>
    /// <param name="version">Spark's version.</param>
    /// <param name="session">The session of the Dataset.</param>
    /// <param name="dataset">The Dataset.</param>
    public static JvmObject AsLeaf(JvmScope scope, string version, JvmObject session, JvmObject dataset)
    {
        try
        {
            if (scope.StaticField(Leaf, "MODULE$") is not JvmObject leaves) return dataset;
            var rows = scope.Object(scope.Object(dataset, "queryExecution"), "toRdd");
            var plan = scope.Object(leaves, "fromDataset", rows, dataset, false);
            return scope.StaticObject(version.StartsWith("3.", StringComparison.Ordinal) ? "org.apache.spark.sql.Dataset" : "org.apache.spark.sql.classic.Dataset", "ofRows", session, plan);
        }
        catch (JvmException error) when (error.IsGatewayRefusal)
        {
            return dataset;
        }
    }
}
