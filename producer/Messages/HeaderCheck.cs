using Pipeline.Engine.Files;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Producer.Messages;

/// <summary>Compares a source's header with the contract before the first row is sent.</summary>
internal static class HeaderCheck
{
    /// <summary>The source's columns under the contract's spelling (blanks around and case do not matter); others as they are.</summary>
    /// <exception cref="DataException">A column of the contract is missing, or a name stands twice.</exception>
    internal static List<string> Names(IRowSource rows, TableContract contract, SourceWarnings warnings)
    {
        var names = rows.Columns.Select(column => Known(column.Trim(), contract)).ToList();
        var missing = contract.Columns.Where(column => !column.IsOptional).Select(column => column.SourceName).Except(names).ToList();
        if (missing.Count > 0)
            throw new DataException($"'{rows.Name}' lacks {(missing.Count == 1 ? "the column" : $"{missing.Count} columns")} {Quoted(missing)} of {contract.Name}. Its header has: {Quoted(names)}. Give the right file, sheet or delimiter.");
        var twice = names.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key).ToList();
        if (twice.Count > 0)
            throw new DataException($"'{rows.Name}' names the column {Quoted(twice)} more than once, so its values cannot be told apart. Rename or remove the second one.");
        var unknown = names.Except(contract.Columns.Select(column => column.SourceName)).ToList();
        if (unknown.Count > 0)
            warnings.Note($"'{rows.Name}' has columns that {contract.Name} does not know; they are sent as they are: {Quoted(unknown)}.");
        return names;
    }

    private static string Known(string column, TableContract contract) =>
        contract.Columns.FirstOrDefault(known => string.Equals(known.SourceName, column, StringComparison.OrdinalIgnoreCase))?.SourceName ?? column;

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
