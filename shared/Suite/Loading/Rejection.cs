using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>A rule that rejected rows broke.</summary>
/// <param name="Column">Name of the column in the source; null where the row as a whole is meant.</param>
/// <param name="Rule">The rule, such as <c>not_a_number</c>.</param>
/// <param name="Count">Rows that broke it.</param>
/// <param name="Sample">The least of the values found, its first 100 characters; null where there was none, or where the column is masked.</param>
public sealed record Rejection(string? Column, string Rule, long Count, string? Sample)
{
    private const int LongestSample = 100;

    /// <summary>The rules that staged rows break, each column and rule once.</summary>
    /// <param name="rejects">Rows with <see cref="StagedColumns.Broken"/>.</param>
    /// <param name="contract">Their contract, which says what is masked.</param>
    internal static IReadOnlyList<Rejection> CountIn(DataFrame rejects, TableContract contract)
    {
        var masked = contract.Columns.Where(static column => column.IsMasked).Select(static column => column.SourceName).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. rejects.Select(Explode(Col(StagedColumns.Broken)).As("broken"))
                .Select(Col("broken").GetField("column").As("column"), Col("broken").GetField("rule").As("rule"), Substring(Col("broken").GetField("value"), 1, LongestSample).As("value"))
                .GroupBy("column", "rule").Agg(Functions.Count(Lit(1)).As("n"), Min(Col("value")).As("sample"))
                .Collect()
                .Select(row => new Rejection((string?)row.Get("column"), row.GetAs<string>("rule"), row.GetAs<long>("n"), row.Get("column") is string column && masked.Contains(column) ? null : (string?)row.Get("sample"))),
        ];
    }
}
