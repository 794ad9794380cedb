using Apache.Arrow.Types;
using SparkTypes = Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Arrow's types as Spark has them.</summary>
/// <remarks>Source: Spark, <c>org.apache.spark.sql.util.ArrowUtils</c>.</remarks>
public static class ArrowTypes
{
    /// <summary>The Arrow type of an atomic type, or null for any other.</summary>
    /// <param name="type">The type.</param>
    /// <param name="timeZone">The session's time zone, which timestamps carry.</param>
    public static IArrowType? OfAtomic(SparkTypes.DataType type, string timeZone) => type switch
    {
        SparkTypes.StringType => StringType.Default,
        SparkTypes.BinaryType => BinaryType.Default,
        SparkTypes.BooleanType => BooleanType.Default,
        SparkTypes.ByteType => Int8Type.Default,
        SparkTypes.ShortType => Int16Type.Default,
        SparkTypes.IntegerType => Int32Type.Default,
        SparkTypes.LongType => Int64Type.Default,
        SparkTypes.FloatType => FloatType.Default,
        SparkTypes.DoubleType => DoubleType.Default,
        SparkTypes.DecimalType number => new Decimal128Type(number.Precision, number.Scale),
        SparkTypes.DateType => Date32Type.Default,
        SparkTypes.TimestampType => new TimestampType(TimeUnit.Microsecond, timeZone),
        SparkTypes.TimestampNTZType => new TimestampType(TimeUnit.Microsecond, (string?)null),
        _ => null,
    };
}
