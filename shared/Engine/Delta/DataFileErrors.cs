using System.Globalization;
using System.Text;

namespace Pipeline.Engine.Delta;

/// <summary>What is said of data files that cannot be read. Paths come from the log, so their control characters are written as codes.</summary>
internal static class DataFileErrors
{
    public static DeltaException Outside(string table, long version, AddFile file) => new(
        DeltaErrorKind.DataFile,
        string.Create(
            CultureInfo.InvariantCulture,
            $"Cannot read the table '{table}': version {version} names the data file '{Shown(file.Path)}', which is not in the table's folder. ")
        + "Only files in that folder are read. A shallow clone is read by Spark's Delta; a log that was tampered with is put back from a copy.");

    public static DeltaException Linked(string table, string path, string link) => new(
        DeltaErrorKind.DataFile,
        $"Cannot use the table '{table}': '{Shown(link)}' on the way to its data file '{Shown(path)}' is a symbolic link, and links in a table's folder are not followed. Put the files themselves in the link's place.");

    public static DeltaException Missing(Snapshot snapshot, AddFile file, Exception? cause)
    {
        var name = snapshot.Table.TrimEnd('/');
        name = name[(name.LastIndexOf('/') + 1)..];
        return new DeltaException(
            DeltaErrorKind.DataFile,
            string.Create(CultureInfo.InvariantCulture, $"Cannot read version {snapshot.Version} of the table '{snapshot.Table}': its data file '{Shown(file.FilePath)}' is not there. ")
            + $"Put the file back from a copy, or go back to a version whose files are all there: 'pipeline versions {name}' lists them, 'pipeline restore {name} --version N' restores one.",
            cause);
    }

    public static DeltaException Vector(Snapshot snapshot, AddFile file, string why, Exception? cause) => new(
        DeltaErrorKind.DataFile,
        string.Create(CultureInfo.InvariantCulture, $"Cannot read version {snapshot.Version} of the table '{snapshot.Table}': the deletion vector of its data file '{Shown(file.FilePath)}' cannot be read: {Shown(why)}. ")
        + "Without it rows that are deleted would come back. Put its file back from a copy, or restore an earlier version.",
        cause);

    private static string Shown(string path)
    {
        if (!path.Any(char.IsControl)) return path;
        var shown = new StringBuilder(path.Length + 8);
        foreach (var letter in path)
        {
            if (char.IsControl(letter)) shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}");
            else shown.Append(letter);
        }

        return shown.ToString();
    }
}
