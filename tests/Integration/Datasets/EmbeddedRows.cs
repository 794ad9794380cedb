using System.Globalization;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Integration.Datasets;

/// <summary>Small given rows on the embedded engine, and what a flow makes of them as lines of text.</summary>
internal static class EmbeddedRows
{
    public static SparkSession Start() => SparkSession.ForEngine(EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1 }));

    public static DataFrame Given(SparkSession spark, string ddl, params object?[][] rows) => spark.CreateDataFrame(rows, Schema(ddl));

    public static IReadOnlyList<string> Lines(DataFrame frame) =>
        [.. frame.Collect().Select(row => string.Join(" | ", row.Values.Select(value => value switch
        {
            null => "null",
            double number => Math.Round(number, 9).ToString(CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        })))];

    private static StructType Schema(string ddl) => new(ddl.Split(", ").Select(column => column.Split(' ')).Select(column => new StructField(column[0], column[1] switch
    {
        "string" => new StringType(),
        "bigint" => new LongType(),
        "double" => (DataType)new DoubleType(),
        _ => throw new ArgumentException($"The type '{column[1]}' is not one of these tests'.", nameof(ddl)),
    })));
}
