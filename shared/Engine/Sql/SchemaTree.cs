using System.Globalization;
using System.Text;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

/// <summary>A schema as the tree that Spark's <c>printSchema</c> draws.</summary>
internal static class SchemaTree
{
    public static string Of(StructType schema)
    {
        var text = new StringBuilder("root\n");
        foreach (var field in schema) Write(text, " |", field.Name, field.DataType, $"nullable = {Flag(field.IsNullable)}");
        return text.ToString();
    }

    private static void Write(StringBuilder text, string indent, string name, DataType type, string note)
    {
        text.Append(CultureInfo.InvariantCulture, $"{indent}-- {name}: {(type is DecimalType ? type.SimpleString : type.TypeName)} ({note})\n");
        var inner = indent + "    |";
        switch (type)
        {
            case StructType fields:
                foreach (var field in fields) Write(text, inner, field.Name, field.DataType, $"nullable = {Flag(field.IsNullable)}");
                break;
            case ArrayType array:
                Write(text, inner, "element", array.ElementType, $"containsNull = {Flag(array.ContainsNull)}");
                break;
            case MapType map:
                text.Append(CultureInfo.InvariantCulture, $"{inner}-- key: {map.KeyType.TypeName}\n");
                Write(text, inner, "value", map.ValueType, $"valueContainsNull = {Flag(map.ValueContainsNull)}");
                break;
            default:
                break;
        }
    }

    private static string Flag(bool value) => value ? "true" : "false";
}
