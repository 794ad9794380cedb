using System.Text;

namespace Pipeline.Suite.Schemas.Contracts;

/// <summary>A data set's contract as a page of Markdown: what the committed pages in shared/Suite/Schemas/Docs are made by.</summary>
public static class ContractPage
{
    /// <summary>The page of a data set.</summary>
    public static string Of(DatasetContract dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var page = new StringBuilder();
        page.Append($"# {dataset.Name}: {dataset.Title}\n\n");
        page.Append($"Topic `{dataset.Topic}`, {dataset.Partitions} {(dataset.Partitions == 1 ? "partition" : "partitions")}, {(dataset.MessageKey is { } key ? $"key {key}" : "no key")}; schema version {dataset.SchemaVersion}. ");
        page.Append($"{dataset.MessageForm ?? "A message is a JSON object with the source's columns as text; an empty text is no value, a column that is absent breaks `missing_field`."}\n\n");
        Append(page, dataset.Main, dataset.Main);
        foreach (var (_, file) in dataset.References.OrderBy(static reference => reference.Key, StringComparer.Ordinal)) Append(page, file, dataset.Main);
        page.Append("This page is made from the contract in code; a test fails where they differ and says how to regenerate it.\n");
        return page.ToString();
    }

    private static void Append(StringBuilder page, SourceFile file, SourceFile main)
    {
        var contract = file.Contract;
        page.Append($"## {contract.Name}\n\n");
        page.Append($"Grain: {contract.Grain}. Files `{file.Pattern}.csv` (fields separated by `{file.Delimiter}`) or `.xlsx`{(file.RowsInFile is { } rows ? $" with the columns {string.Join(", ", rows.Columns.Select(static column => $"`{column.SourceName}`"))}: messages as they are sent" : "")}.{(contract.Key.IsEmpty && file == main ? " No key: equal rows are different rows, told apart by the place they came from (`row_id`)." : contract.Key.IsEmpty ? "" : $" Key: {string.Join(", ", contract.Key)}{(contract.RefusesRepeatedKeys ? "; one that stands twice in a file breaks `repeated_key`" : "")}.")}\n\n");
        page.Append("| column | in the source | type | unit | must be there | read as | otherwise | what |\n|---|---|---|---|---|---|---|---|\n");
        foreach (var column in contract.Columns)
            page.Append($"| `{column.Name}` | `{column.SourceName}` | {column.Type.SimpleString} | {column.Unit} | {(column.IsRequired ? "yes" : column.IsOptional ? "may be absent" : "")} | {column.Rule.Expectation} | {(column.Rule is TextRule ? "" : $"`{column.Rule.BrokenName}`")} | {column.Description} |\n");
        page.Append($"\nSpark's schema: `{contract.Schema.ToDdl().Replace("`", "", StringComparison.Ordinal)}`\n\n");
    }
}
