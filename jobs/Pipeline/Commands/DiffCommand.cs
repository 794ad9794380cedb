using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline diff TABLE --from N --to M</c>: rows added, removed and changed between two versions.</summary>
/// <remarks>Of a data set's main table the contract's columns are compared, not the batch that a row came with.</remarks>
internal sealed class DiffCommand : IJob
{
    private const int CellWidth = 200;
    private const string BatchId = "batch_id";

    public string Name => "diff";

    public string Purpose => "Compares two versions of a table: rows added, removed, and changed with the columns that changed; by the contract's key where the table has one.";

    public IReadOnlyList<string> Examples =>
        ["pipeline diff water_samples --from 3 --to 4", "pipeline diff water_samples --from 3", "pipeline diff water_samples_quarantine --from 0 --to 1 --limit 100 --output json"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("table", "Name of a table, as 'pipeline query' knows it"),
        new("from", "The version to start from") { Kind = OptionKind.Integer, Min = 0, IsRequired = true, ValueName = "N" },
        new("to", "The version to compare with it; without it the latest") { Kind = OptionKind.Integer, Min = 0, ValueName = "M" },
        new("limit", "Rows to show; all are counted", "20") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var table = context.Get("table");
        var log = await TableLog.OpenAsync(context, table, cancellationToken);
        var from = context.GetInt("from");
        var to = context.Find("to") is null ? (await log.LoadExistingAsync(cancellationToken)).Version : context.GetInt("to");
        await RequireReadableAsync(log, table, [from, to], cancellationToken);
        var (older, newer) = (Read(context, log.Table, from), Read(context, log.Table, to));
        // The same row taken in again after a restore is the same row.
        var diff = ContractOf(table) is null ? new TableDiff(older, newer, KeyOf(table)) : new TableDiff(older.Drop(BatchId), newer.Drop(BatchId), KeyOf(table));
        var counts = diff.Count(cancellationToken);
        long Rows(string change) => counts.GetValueOrDefault(change);
        var columns = Columns(diff);
        var first = diff.First((int)context.GetInt("limit"), cancellationToken).ToList();
        var rows = first.Select(change => new Row(columns, [change.Change, .. change.Key, diff.IsByKey ? change.Columns : change.Rows])).ToList();

        if (context.Get(CommonOptions.Output) == "json")
        {
            RowWriter.JsonLines(context.Output, [new Row(CountColumns, [from, to, Rows(TableDiff.Added), Rows(TableDiff.Removed), Rows(TableDiff.Changed)])], cancellationToken);
            RowWriter.JsonLines(context.Output, rows, cancellationToken);
            return JobOutcome.Done("Compared.");
        }
        context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"From version {from} to version {to} of '{table}', by {(diff.IsByKey ? string.Join(", ", diff.Key) : "all columns")}: {Rows(TableDiff.Added):N0} rows added, {Rows(TableDiff.Removed):N0} removed, {Rows(TableDiff.Changed):N0} changed."));
        OnlyIn(from, older.Columns().Except(newer.Columns()));
        OnlyIn(to, newer.Columns().Except(older.Columns()));
        if (rows.Count > 0) RowWriter.Table(context.Output, columns, rows, RowWriter.AllRows, CellWidth, context.Width);
        var (all, shown) = (counts.Values.Sum(), first.Sum(static change => change.Rows));
        if (all > shown) context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… {all - shown:N0} more: --limit {all} shows all."));
        return JobOutcome.Done("Compared.");

        void OnlyIn(long version, IEnumerable<string> names)
        {
            if (names.ToList() is { Count: > 0 } some) context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Columns of version {version} only, not compared: {PrintableText.OneLine(string.Join(", ", some))}."));
        }
    }

    private static StructType CountColumns { get; } = new(
        new StructField("from", new LongType()), new StructField("to", new LongType()), new StructField("added", new LongType()), new StructField("removed", new LongType()), new StructField("changed", new LongType()));

    private static StructType Columns(TableDiff diff) => new(
    [
        new StructField("change", new StringType()),
        .. diff.Key.Select(static name => new StructField(name, new StringType())),
        diff.IsByKey ? new StructField("changed_columns", new StringType()) : new StructField("rows_alike", new LongType()),
    ]);

    /// <summary>The key of a data set's main table, of a quarantine and of the batches; none for other tables.</summary>
    private static IReadOnlyList<string> KeyOf(string table)
    {
        if (ContractOf(table) is { } contract) return contract.Key;
        if (table == "batches") return [BatchId];
        return table.EndsWith("_quarantine", StringComparison.Ordinal) ? [Quarantine.RowId] : [];
    }

    private static TableContract? ContractOf(string table) => Suite.Schemas.Datasets.All.Select(static dataset => dataset.Main.Contract).FirstOrDefault(contract => contract.Name == table);

    private static DataFrame Read(JobContext context, string path, long version) =>
        context.Spark.Read().Format("delta").Option("versionAsOf", version.ToString(CultureInfo.InvariantCulture)).Load(path);

    private static async Task RequireReadableAsync(DeltaLog log, string table, IEnumerable<long> wanted, CancellationToken cancellationToken)
    {
        var versions = await TableHistory.ReadWithFilesAsync(log, cancellationToken);
        foreach (var version in wanted)
        {
            var known = versions.FirstOrDefault(each => each.Version == version);
            if (known is { IsReadable: not false }) continue;
            // A version whose files an old vacuum deleted is not to be had; the newest one needs all of its files.
            if (known is not null && versions.MaxBy(static each => each.Version) is { IsReadable: false } newest)
                throw new DataException(string.Create(CultureInfo.InvariantCulture, $"Version {version} of '{table}' ('{log.Table}') cannot be read: {known.UnreadableBecause?.TrimEnd('.')}. The newest version {newest.Version} needs a file that is gone, too. Put the file back from a copy, or go back to a version that does not need it: 'pipeline versions {table}' lists them, 'pipeline restore {table} --version N' restores one."));
            var readable = string.Join(", ", versions.Where(static each => each.IsReadable != false).Select(static each => each.Version).Order());
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"Version {version} of '{table}' cannot be read: {known?.UnreadableBecause?.TrimEnd('.') ?? "its log does not have it"}. Readable: {readable}."));
        }
    }
}
