using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Inputs;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.HdfsEnrich;

/// <summary>A data set's reference files, read by their declared contracts, never by inference.</summary>
public static class ReferenceFiles
{
    /// <summary>Reads each reference of the data set from a folder.</summary>
    /// <returns>Parsed tables by reference name: the contracts' columns; small, kept by the session.</returns>
    /// <exception cref="UsageException">A file is missing, or there are several.</exception>
    /// <exception cref="DataException">A row breaks the contract, or a key stands twice.</exception>
    public static async Task<IReadOnlyDictionary<string, DataFrame>> ReadAsync(JobContext context, DatasetContract dataset, string folder, CancellationToken cancellationToken)
    {
        var tables = new Dictionary<string, DataFrame>(StringComparer.Ordinal);
        foreach (var (name, file) in dataset.References.OrderBy(reference => reference.Key, StringComparer.Ordinal))
        {
            using var step = context.Step($"read {name}");
            var found = await InputFiles.FindAsync(context, folder, file, cancellationToken).ConfigureAwait(false);
            if (found.Count != 1)
                throw new UsageException(found.Count == 0
                    ? $"There is no file '{file.Pattern}.csv' or '{file.Pattern}.xlsx' in '{folder}', which --reference names for '{name}'."
                    : $"There are {found.Count} files for '{name}' in '{folder}' ({string.Join(", ", found.Select(each => each.Name))}). Leave one.");
            var parsed = ContractParser.Parse(MessageReader.FromRecords(await InputFiles.ReadAsync(context, found[0], file, cancellationToken).ConfigureAwait(false), file.Contract, InputFiles.CorruptColumn), file.Contract).Persist();
            var good = file.QuarantinesBadRows ? QuarantineBadRows(context, parsed, file.Contract, found[0]) : parsed;
            RefuseBrokenRows(good, name, found[0].Uri);
            RefuseRepeatedKeys(good, file.Contract, found[0].Uri);
            tables[name] = good.Select([.. file.Contract.Columns.Select(column => Col(column.Name))]);
            step.Done(FormattableString.Invariant($"{good.Count():N0} rows from {found[0].Name}"));
        }
        return tables;
    }

    /// <summary>Rows that can be joined; the others, repeated keys among them, are in the quarantine of the reference's name.</summary>
    private static DataFrame QuarantineBadRows(JobContext context, DataFrame parsed, TableContract contract, InputFile file)
    {
        var (good, bad) = RepeatedKeys.Mark(parsed, contract);
        var rejected = new RejectedRows(context, contract.Name).Keep(bad, file.Uri);
        if (rejected.Count > 0)
            context.Warn(FormattableString.Invariant($"{rejected.Count} rows of the reference '{file.Uri}' break its contract, such as {string.Join("; ", rejected.Examples)}. They are in quarantine as '{contract.Name}', and the rest is joined."));
        return good.Persist();
    }

    private static void RefuseBrokenRows(DataFrame parsed, string name, string uri)
    {
        var broken = StagedRows.Broken(parsed).Select(Col(StagedColumns.Line), Explode(Col(StagedColumns.Broken)).As("broken"))
            .Select(Col(StagedColumns.Line), Col("broken").GetField("column").As("column"), Col("broken").GetField("rule").As("rule")).Collect().ToList();
        if (broken.Count == 0) return;
        var first = broken.Take(5).Select(row => $"{row.Get("column") ?? "row"}: {row.Get("rule")}{(row.Get(0) is { } line ? $" (line {line})" : "")}");
        throw new DataException(FormattableString.Invariant(
            $"The reference '{name}' in '{uri}' breaks its contract in {broken.Count} places, such as {string.Join("; ", first)}. Mend the file: rows are not joined with references that cannot be trusted."));
    }

    private static void RefuseRepeatedKeys(DataFrame parsed, TableContract contract, string uri)
    {
        if (contract.Key.Length == 0) return;
        var repeated = parsed.GroupBy([.. contract.Key.Select(name => Col(name))]).Agg(Count(Lit(1)).As("n")).Filter(Col("n") > Lit(1)).Collect().ToList();
        if (repeated.Count == 0) return;
        var first = repeated.Take(5).Select(row => $"({string.Join(", ", contract.Key.Select(name => row.Get(name)))})");
        throw new DataException(FormattableString.Invariant(
            $"'{uri}' has {repeated.Count} keys ({string.Join(", ", contract.Key)}) more than once, such as {string.Join(", ", first)}. A join with it would multiply rows; leave one row a key."));
    }
}
