using System.Collections.Immutable;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>A column that a generator makes; the type is null where the argument's is not known.</summary>
internal sealed record GeneratorPart(string Name, DataType? Type);

/// <summary>The columns that generators make, named as Spark names them.</summary>
internal static class GeneratorParts
{
    public static ImmutableArray<GeneratorPart> Of(Call generator)
    {
        ImmutableArray<GeneratorPart> values = generator.Arguments[0].Type switch
        {
            MapType map => [new("key", map.KeyType), new("value", map.ValueType)],
            ArrayType array => [new("col", array.ElementType)],
            null => [new("col", null)],
            var other => throw new ArgumentException($"'{generator.Function}' takes an array or a map; {Naming.NameOf(generator.Arguments[0])} is of the type {other.SimpleString}."),
        };
        return generator.Function.StartsWith("pos", StringComparison.Ordinal) ? values.Insert(0, new("pos", new IntegerType())) : values;
    }
}
