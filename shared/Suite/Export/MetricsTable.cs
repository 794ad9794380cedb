using System.Collections.Immutable;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Export;

/// <summary>A table to export: after the export the sink's table holds these rows and no others.</summary>
/// <param name="Name">The table's name.</param>
/// <param name="Columns">Its columns; plain types only (no array, map or struct).</param>
/// <param name="Key">Columns that tell a row from all others; a value of the key may be null, and null equals null.</param>
/// <param name="Rows">The rows, enumerated once for each attempt.</param>
public sealed record MetricsTable(string Name, StructType Columns, ImmutableArray<string> Key, IEnumerable<Row> Rows)
{
    /// <summary>A frame as a table to export; the frame is run once for each attempt.</summary>
    public static MetricsTable Of(string name, DataFrame frame, params ImmutableArray<string> key)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return new MetricsTable(name, frame.Schema(), key, frame.ToLocalIterator());
    }

    /// <summary>PostgreSQL's schema, and in SQLite the prefix of the table's name (<c>water_quality</c> → <c>water_quality_site_parameter_stats</c>); null is none.</summary>
    public string? Namespace { get; init; }

    /// <summary>Whether rows that are not among <see cref="Rows"/> any more stay in the sink: for histories, not for metrics.</summary>
    public bool KeepsMissingRows { get; init; }

    /// <summary>Refuses a table that no sink can hold.</summary>
    /// <exception cref="ExportException">A key column is not there, a name stands twice, or a type is not plain.</exception>
    internal void Check()
    {
        if (Key.IsDefaultOrEmpty) throw new ExportException(ExportFailure.Configuration, $"Table '{Name}' has no key: name the columns that tell its rows apart.");
        foreach (var key in Key)
            if (Columns.Find(key) is null) throw new ExportException(ExportFailure.Configuration, $"Key column '{key}' is not in table '{Name}'. It has: {string.Join(", ", Columns.FieldNames)}.");
        if (Columns.FieldNames.GroupBy(static name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(static names => names.Count() > 1) is { } twice)
            throw new ExportException(ExportFailure.Configuration, $"Column '{twice.Key}' stands twice in table '{Name}'. Give one of them another name.");
        foreach (var column in Columns)
            if (column.DataType is not AtomicType) throw new ExportException(ExportFailure.Configuration, $"Column '{column.Name}' of table '{Name}' is {column.DataType.SimpleString}, which a table of a database has no place for. Make it text (to_json) or split it into columns.");
    }

    /// <summary>A row's key for messages: <c>site_id '01'</c>.</summary>
    internal string KeyText(Row row) => string.Join(", ", Key.Select(key => $"{key} '{Convert.ToString(row.Get(key), System.Globalization.CultureInfo.InvariantCulture)}'"));

    internal IEnumerable<string> NonKey => Columns.FieldNames.Where(name => !Key.Contains(name, StringComparer.OrdinalIgnoreCase));
}
