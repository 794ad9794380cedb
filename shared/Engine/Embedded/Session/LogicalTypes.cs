using DuckDB.NET.Native;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>DuckDB's logical types of Spark's, as native objects.</summary>
internal static class LogicalTypes
{
    /// <summary>The type; the caller disposes it.</summary>
    public static DuckDBLogicalType Create(DataType type)
    {
        switch (type)
        {
            case DecimalType number:
                return NativeMethods.LogicalType.DuckDBCreateDecimalType((byte)number.Precision, (byte)number.Scale);
            case ArrayType array:
                {
                    using var element = Create(array.ElementType);
                    return NativeMethods.LogicalType.DuckDBCreateListType(element);
                }
            case MapType map:
                {
                    using var key = Create(map.KeyType);
                    using var value = Create(map.ValueType);
                    return NativeSession.CreateMapType(key, value);
                }
            case StructType fields:
                {
                    var types = fields.Select(field => Create(field.DataType)).ToArray();
                    try
                    {
                        return NativeSession.CreateStructType(Array.ConvertAll(types, child => child.DangerousGetHandle()), [.. fields.FieldNames], (ulong)types.Length);
                    }
                    finally
                    {
                        foreach (var child in types) child.Dispose();
                    }
                }
            default:
                return NativeMethods.LogicalType.DuckDBCreateLogicalType(type switch
                {
                    StringType => DuckDBType.Varchar,
                    BinaryType => DuckDBType.Blob,
                    BooleanType => DuckDBType.Boolean,
                    DateType => DuckDBType.Date,
                    TimestampType => DuckDBType.TimestampTz,
                    TimestampNTZType => DuckDBType.Timestamp,
                    DoubleType => DuckDBType.Double,
                    FloatType => DuckDBType.Float,
                    ByteType => DuckDBType.TinyInt,
                    ShortType => DuckDBType.SmallInt,
                    LongType => DuckDBType.BigInt,
                    _ => DuckDBType.Integer,
                });
        }
    }
}
