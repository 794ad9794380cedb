using Apache.Arrow;
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

    /// <summary>Spark's type of an Arrow type; null where there is none.</summary>
    public static SparkTypes.DataType? ToSpark(IArrowType type) => type switch
    {
        NullType => new SparkTypes.NullType(),
        StringType or LargeStringType => new SparkTypes.StringType(),
        BinaryType or LargeBinaryType => new SparkTypes.BinaryType(),
        BooleanType => new SparkTypes.BooleanType(),
        Int8Type => new SparkTypes.ByteType(),
        Int16Type => new SparkTypes.ShortType(),
        Int32Type => new SparkTypes.IntegerType(),
        Int64Type => new SparkTypes.LongType(),
        FloatType => new SparkTypes.FloatType(),
        DoubleType => new SparkTypes.DoubleType(),
        Decimal128Type number => new SparkTypes.DecimalType(number.Precision, number.Scale),
        Date32Type => new SparkTypes.DateType(),
        TimestampType { Unit: TimeUnit.Microsecond } time => time.Timezone is null ? new SparkTypes.TimestampNTZType() : new SparkTypes.TimestampType(),
        MapType map => ToSpark(map.KeyField.DataType) is { } key && ToSpark(map.ValueField.DataType) is { } value ? new SparkTypes.MapType(key, value, map.ValueField.IsNullable) : null,
        ListType list => ToSpark(list.ValueDataType) is { } element ? new SparkTypes.ArrayType(element, list.ValueField.IsNullable) : null,
        StructType fields => ToSpark(fields.Fields),
        _ => null,
    };

    /// <summary>The columns of Arrow's fields; null where one of them has no type of Spark's.</summary>
    public static SparkTypes.StructType? ToSpark(IReadOnlyList<Field> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var columns = new List<SparkTypes.StructField>(fields.Count);
        foreach (var field in fields)
        {
            if (ToSpark(field.DataType) is not { } type) return null;
            columns.Add(new SparkTypes.StructField(field.Name, type, field.IsNullable));
        }
        return new SparkTypes.StructType(columns);
    }
}
