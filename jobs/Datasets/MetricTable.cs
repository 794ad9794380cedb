using Pipeline.Engine.Sql;

namespace Pipeline.Jobs.Datasets;

/// <summary>A metric table to export.</summary>
/// <param name="Name">Table name, snake_case, without schema.</param>
/// <param name="Key">Columns that tell its rows apart; a null counts as a value.</param>
/// <param name="Rows">Its rows, unordered.</param>
public sealed record MetricTable(string Name, IReadOnlyList<string> Key, DataFrame Rows);
