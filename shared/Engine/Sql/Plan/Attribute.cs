using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>A column that a plan node gives out. The number follows the column through the nodes that hand it on unchanged.</summary>
internal sealed record Attribute(long Id, string Name, DataType Type, bool IsNullable, string? Qualifier = null)
{
    private static long last;

    /// <summary>A number that no other column has.</summary>
    public static long NextId() => Interlocked.Increment(ref last);

    public static Attribute New(string name, DataType type, bool isNullable) => new(NextId(), name, type, isNullable);

    public bool IsNamed(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    public StructField ToField() => new(Name, Type, IsNullable);
}
