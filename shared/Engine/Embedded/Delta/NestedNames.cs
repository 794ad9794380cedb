using System.Globalization;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Values whose nested fields get other names: a table with a column mapping names them one way in its schema and another way in its files.</summary>
internal static class NestedNames
{
    /// <summary>A value as SQL whose fields have the names of another type; the value itself where they have them already.</summary>
    /// <param name="value">The value as SQL.</param>
    /// <param name="from">Its type.</param>
    /// <param name="to">The same type with other names of fields.</param>
    public static string Rename(string value, DataType from, DataType to) => Rename(value, from, to, 0);

    private static string Rename(string value, DataType from, DataType to, int depth)
    {
        if (HasSameNames(from, to)) return value;
        var item = string.Create(CultureInfo.InvariantCulture, $"__item{depth}");
        switch (from, to)
        {
            case (StructType a, StructType b):
                var fields = a.Zip(b, (one, other) => $"{DuckDbTypes.Quote(other.Name)} := {Rename($"({value}).{DuckDbTypes.Quote(one.Name)}", one.DataType, other.DataType, depth)}");
                return $"CASE WHEN {value} IS NOT NULL THEN struct_pack({string.Join(", ", fields)}) END";
            case (ArrayType a, ArrayType b):
                return $"list_transform({value}, lambda {item}: {Rename(item, a.ElementType, b.ElementType, depth + 1)})";
            case (MapType a, MapType b):
                var entry = $"struct_pack(\"key\" := {Rename($"{item}.\"key\"", a.KeyType, b.KeyType, depth + 1)}, \"value\" := {Rename($"{item}.\"value\"", a.ValueType, b.ValueType, depth + 1)})";
                return $"CASE WHEN {value} IS NOT NULL THEN map_from_entries(list_transform(map_entries({value}), lambda {item}: {entry})) END";
            default:
                return value;
        }
    }

    private static bool HasSameNames(DataType a, DataType b) => (a, b) switch
    {
        (StructType x, StructType y) => x.Zip(y).All(static pair => pair.First.Name == pair.Second.Name && HasSameNames(pair.First.DataType, pair.Second.DataType)),
        (ArrayType x, ArrayType y) => HasSameNames(x.ElementType, y.ElementType),
        (MapType x, MapType y) => HasSameNames(x.KeyType, y.KeyType) && HasSameNames(x.ValueType, y.ValueType),
        _ => true,
    };
}
