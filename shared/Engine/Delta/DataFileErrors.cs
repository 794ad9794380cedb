using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>What is said of data files that cannot be read. Paths come from the log, so their control characters are written as codes.</summary>
internal static class DataFileErrors
{
    public static DeltaException Outside(string table, long version, AddFile file) => new(
        DeltaErrorKind.DataFile,
        string.Create(
            CultureInfo.InvariantCulture,
            $"Cannot read the table '{table}': version {version} names the data file '{PrintableText.OneLine(file.Path)}', which is not in the table's folder. ")
        + "Only files in that folder are read. A shallow clone is read by Spark's Delta; a log that was tampered with is put back from a copy.");

    public static DeltaException Linked(string table, string path, string link) => new(
        DeltaErrorKind.DataFile,
        $"Cannot use the table '{table}': '{PrintableText.OneLine(link)}' on the way to its data file '{PrintableText.OneLine(path)}' is a symbolic link, and links in a table's folder are not followed. Put the files themselves in the link's place.");

    public static DeltaException Damaged(string table, long version, AddFile file, string why, Exception? cause) => new(
        DeltaErrorKind.DataFile,
        string.Create(CultureInfo.InvariantCulture, $"Cannot read version {version} of the table '{table}': its data file '{PrintableText.OneLine(file.FilePath)}' is damaged: {PrintableText.OneLine(why.TrimEnd('.'))}. ") + WayOut(table),
        cause);

    public static DeltaException Missing(Snapshot snapshot, AddFile file, Exception? cause)
    {
        return new DeltaException(
            DeltaErrorKind.DataFile,
            string.Create(CultureInfo.InvariantCulture, $"Cannot read version {snapshot.Version} of the table '{snapshot.Table}': its data file '{PrintableText.OneLine(file.FilePath)}' is not there. ")
            + WayOut(snapshot.Table),
            cause);
    }

    public static DeltaException WithoutFieldIds(Snapshot snapshot, AddFile file) => new(
        DeltaErrorKind.DataFile,
        string.Create(CultureInfo.InvariantCulture, $"Cannot read version {snapshot.Version} of the table '{snapshot.Table}': its data file '{PrintableText.OneLine(file.FilePath)}' has no field ids, and the table's columns are found by them (delta.columnMapping.mode is id). ")
        + WayOut(snapshot.Table));

    /// <summary>What to do about a file that cannot be read.</summary>
    private static string WayOut(string table)
    {
        var parts = table.TrimEnd('/').Split('/');
        var name = parts is [.., "quarantine", var kept] ? kept + "_quarantine" : parts[^1];
        return $"Put the file back from a copy, or go back to a version that does not need it: 'pipeline versions {name}' lists them, 'pipeline restore {name} --version N' restores one.";
    }

    public static DeltaException Vector(Snapshot snapshot, AddFile file, string why, Exception? cause) => new(
        DeltaErrorKind.DataFile,
        string.Create(CultureInfo.InvariantCulture, $"Cannot read version {snapshot.Version} of the table '{snapshot.Table}': the deletion vector of its data file '{PrintableText.OneLine(file.FilePath)}' cannot be read: {PrintableText.OneLine(why)}. ")
        + "Without it rows that are deleted would come back. Put its file back from a copy, or restore an earlier version.",
        cause);
}
