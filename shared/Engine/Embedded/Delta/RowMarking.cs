using Pipeline.Engine.Delta;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Rows marked as deleted in place of files that are written again without them, where the table asks for it (<c>delta.enableDeletionVectors</c>).</summary>
/// <param name="Files">Files of which some rows are marked.</param>
/// <param name="WholeFiles">Files that go, as no row of theirs is left.</param>
/// <param name="Rows">Rows that are marked, or go with their files.</param>
internal sealed record RowMarking(int Files, int WholeFiles, long Rows)
{
    /// <summary>Marks rows in a transaction; null, and nothing is done, where a file cannot be marked: its number of rows is not known, or too many of its rows would be.</summary>
    /// <param name="log">The table.</param>
    /// <param name="transaction">The change.</param>
    /// <param name="rows">Numbers of the rows by file.</param>
    /// <param name="made">Takes the file that is written, so that it goes where the change does not come to stand.</param>
    public static RowMarking? TryMark(DeltaLog log, Transaction transaction, IReadOnlyDictionary<AddFile, List<long>> rows, List<DataFile> made)
    {
        var (whole, partial) = (new List<AddFile>(), new List<(AddFile File, List<long> Rows)>());
        foreach (var (file, places) in rows)
        {
            if (file.ReadStatistics()?.NumRecords is not { } count) return null;
            var all = EngineErrors.Wait(log.ReadDeletedRowsAsync(transaction.Snapshot!, file)).Concat(places).Distinct().Order().ToList();
            if (all.Count == count) whole.Add(file);
            else if (all.Count > DeltaLog.MaxMarkedRows) return null;
            else partial.Add((file, all));
        }

        if (partial.Count > 0)
        {
            var (vectorFile, vectors) = EngineErrors.Wait(log.WriteDeletedRowsAsync(partial.Select(static entry => entry.Rows)));
            made.Add(vectorFile);
            foreach (var (entry, vector) in partial.Zip(vectors)) transaction.Mark(entry.File, vector);
        }

        transaction.Rewrite(whole, []);
        return new RowMarking(partial.Count, whole.Count, rows.Values.Sum(static places => (long)places.Count));
    }
}
