using System.Collections.Immutable;

namespace Pipeline.Suite.Schemas.Contracts;

/// <summary>What a column of a table means, for people who read the table and not its source.</summary>
/// <param name="Name">The column's name, snake_case.</param>
/// <param name="Description">What it is.</param>
public sealed record ColumnDescription(string Name, string Description)
{
    /// <summary>Unit as printed, such as <c>µeq/L</c>; null where the column has none.</summary>
    public string? Unit { get; init; }

    /// <summary>Whether each row has a value.</summary>
    public bool IsRequired { get; init; }
}

/// <summary>What a table of the lake means: one made by a join, the rejected rows of another, or the batches.</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Grain">What one row is.</param>
/// <param name="Columns">Its columns; those that all tables have (<see cref="LakeColumns"/>) may be left out.</param>
public sealed record TableDescription(string Name, string Grain, ImmutableArray<ColumnDescription> Columns)
{
    /// <summary>Names of the columns that tell a row from all others; empty where there are none.</summary>
    public ImmutableArray<string> Key { get; init; } = [];

    /// <summary>Where its rows come from: tables, files or a topic, in words.</summary>
    public string? Lineage { get; init; }

    /// <summary>The table that a contract is the contract of.</summary>
    public static TableDescription Of(DatasetContract dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var contract = dataset.Main.Contract;
        return new TableDescription(contract.Name, contract.Grain, [.. contract.Columns.Select(Of)])
        {
            Key = contract.Key.IsEmpty ? ["row_id"] : contract.Key,
            Lineage = $"topic '{dataset.Topic}' or files '{dataset.Main.Pattern}'",
        };
    }

    /// <summary>A column of a contract as readers of the table see it.</summary>
    public static ColumnDescription Of(ColumnContract column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return new ColumnDescription(column.Name, column.Description) { Unit = column.Unit, IsRequired = column.IsRequired };
    }
}
