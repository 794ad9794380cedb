using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Engines;

/// <summary>How one engine spells what the plan means. The meaning is Spark's; a dialect refuses by name what it cannot say.</summary>
public interface ISqlDialect
{
    /// <summary>Name for messages: <c>Spark</c> or <c>DuckDB</c>.</summary>
    string Name { get; }

    /// <summary>A name as an identifier, quoted.</summary>
    string Identifier(string name);

    /// <summary>A type as <c>CAST</c> and <c>CREATE TABLE</c> take it.</summary>
    string TypeName(DataType type);

    /// <summary>A value of .NET as a literal of the given type.</summary>
    string Literal(object? value, DataType type);
}
