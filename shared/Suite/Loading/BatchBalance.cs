using System.Globalization;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Loading;

/// <summary>The rule that every row of a batch has exactly one outcome, and that as many rows are in the data files as were found to be new.</summary>
internal static class BatchBalance
{
    /// <summary>How often a batch is classified again where another writer changed the table meanwhile.</summary>
    public const int Attempts = 20;

    /// <summary>Fails where rows have no outcome or several, before anything is written.</summary>
    /// <exception cref="DataException">The counts do not balance.</exception>
    public static void Require(string batchId, long read, long written, long quarantined, long duplicate)
    {
        if (read == written + quarantined + duplicate) return;
        throw new DataException(FormattableString.Invariant(
            $"Batch '{batchId}' does not balance: {read} rows read, but {written} new, {quarantined} rejected and {duplicate} duplicate. A row has no outcome or several. Nothing of the batch was written; report this with the batch's input."));
    }

    /// <summary>The error of a writer that wrote another number of rows than it was given.</summary>
    public static DataException Miscounted(string batchId, string path, long expected, AppendMiscounted found) => new(string.Create(CultureInfo.InvariantCulture,
        $"Batch '{batchId}' does not balance: {expected} rows were to be written to '{path}', but the data files have {found.Rows}. {(found.Version is { } version
            ? $"They were counted after the commit: version {version} has them, and the batch is not recorded. Take it back with 'pipeline restore {NameOf(path)} --version {version - 1}', then run again."
            : "Nothing of it was committed; run again, and report this if it stays.")}"));

    /// <summary>A table's name for commands, of its path in the lake.</summary>
    private static string NameOf(string path)
    {
        var parts = path.TrimEnd('/').Split('/');
        return parts is [.., "quarantine", var table] ? table + "_quarantine" : parts[^1];
    }
}
