using Pipeline.Engine.Sql;
using Pipeline.Jobs.Datasets;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Inputs;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Inspect;

/// <summary>What is in a file, column by column, and what breaks its contract.</summary>
internal sealed record FileProfile(long Rows, long Bad, IReadOnlyList<ColumnProfile> Columns, IReadOnlyList<RuleCount> Rules)
{
    private const string Masked = "***";

    /// <summary>Stages the file as a job would, and counts.</summary>
    public static async Task<FileProfile> ReadAsync(JobContext context, KnownFile known, InputFile file, CancellationToken cancellationToken)
    {
        var contract = known.Source.Contract;
        var records = await InputFiles.ReadAsync(context, file, known.Source, cancellationToken);
        var staged = known.IsMain
            ? DatasetFlows.Of(known.Dataset.Name).StageRecords(records, InputFiles.CorruptColumn)
            : ContractParser.Parse(MessageReader.FromRecords(records, contract, InputFiles.CorruptColumn), contract);
        var rows = (contract.RefusesRepeatedKeys ? Together(RepeatedKeys.Mark(staged, contract)) : staged).Persist();
        try
        {
            var totals = rows.Agg(
                Count(Lit(1)).As("rows"),
                [
                    Sum(When(StagedRows.BreaksARule, Lit(1L)).Otherwise(0L)).As("bad"),
                    .. contract.Columns.SelectMany(static column => (Column[])[Count(Col(column.Name)).As("n_" + column.Name), Min(Col(column.Name)).Cast("string").As("min_" + column.Name), Max(Col(column.Name)).Cast("string").As("max_" + column.Name)]),
                ]).Collect(cancellationToken).Single();
            var rules = CountRules(rows, contract, cancellationToken);
            var count = totals.GetAs<long>("rows");
            var columns = contract.Columns.Select(column =>
            {
                var filled = totals.GetAs<long>("n_" + column.Name);
                var broken = rules.Where(rule => rule.Column == column.SourceName && rule.Rule != "required").Sum(static rule => rule.Rows);
                return new ColumnProfile(column, filled, Math.Max(0, count - filled - broken), broken, Shown(column, totals.Get("min_" + column.Name)), Shown(column, totals.Get("max_" + column.Name)));
            });
            return new FileProfile(count, totals.Get("bad") is long bad ? bad : 0, [.. columns], rules);
        }
        finally
        {
            rows.Unpersist();
        }
    }

    private static DataFrame Together((DataFrame Good, DataFrame Bad) rows) => rows.Good.Union(rows.Bad);

    private static IReadOnlyList<RuleCount> CountRules(DataFrame rows, TableContract contract, CancellationToken cancellationToken)
    {
        var masked = contract.Columns.Where(static column => column.IsMasked).Select(static column => column.SourceName).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. StagedRows.Broken(rows)
                .Select(Explode(Col(StagedColumns.Broken)).As("broken"), Col(StagedColumns.Line))
                .GroupBy(Col("broken").GetField("column").As("column"), Col("broken").GetField("rule").As("rule"))
                .Agg(Count(Lit(1)).As("n"), Min(Col("broken").GetField("value")).As("example"), Min(Col(StagedColumns.Line)).As("line"))
                .OrderBy(Col("n").Desc(), Col("column").Asc(), Col("rule").Asc())
                .Collect(cancellationToken)
                .Select(row => new RuleCount(row.GetAs<string?>("column"), row.GetAs<string>("rule"), row.GetAs<long>("n"), row.GetAs<string?>("column") is { } column && masked.Contains(column) ? Masked : row.GetAs<string?>("example"), row.GetAs<string?>("line"))),
        ];
    }

    private static string? Shown(ColumnContract column, object? value) => value is null ? null : column.IsMasked ? Masked : (string)value;
}

/// <summary>One column of a file.</summary>
/// <param name="Contract">What it should be.</param>
/// <param name="Filled">Rows with a value that could be read.</param>
/// <param name="Empty">Rows without one.</param>
/// <param name="Broken">Rows whose text breaks the column's rule.</param>
/// <param name="Least">Least value, or null.</param>
/// <param name="Greatest">Greatest value, or null.</param>
internal sealed record ColumnProfile(ColumnContract Contract, long Filled, long Empty, long Broken, string? Least, string? Greatest);

/// <summary>A rule that rows break.</summary>
/// <param name="Column">The column's name in the file; null where the row as a whole is meant.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Example">One of the texts.</param>
/// <param name="Line">The least of the lines, as text, where lines are known.</param>
internal sealed record RuleCount(string? Column, string Rule, long Rows, string? Example, string? Line);
