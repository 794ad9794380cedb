namespace Pipeline.Engine.Delta;

/// <summary>What kind of trouble a table has or a caller made; decides exit codes and retries.</summary>
public enum DeltaErrorKind
{
    /// <summary>There is no Delta table at the path.</summary>
    TableNotFound,

    /// <summary>The table exists and was to be made.</summary>
    TableExists,

    /// <summary>The table uses a feature of Delta that is not known here.</summary>
    UnsupportedFeature,

    /// <summary>The log has a gap, a cut file, or lacks what a table must have.</summary>
    CorruptLog,

    /// <summary>The version was never written, or its log or data files are gone.</summary>
    VersionNotReadable,

    /// <summary>The files do not fit the table's columns, partitions or constraints.</summary>
    SchemaMismatch,

    /// <summary>Another writer was first, and the change cannot stand after that one's.</summary>
    Conflict,

    /// <summary>A data file that the log names is not there, cannot be read, or does not lie in the table's folder.</summary>
    DataFile,

    /// <summary>The table did not keep the changes of its rows that were asked for.</summary>
    ChangesNotKept,

    /// <summary>The call makes no sense for the table: a tag that exists, a retention below zero.</summary>
    InvalidOperation,
}

/// <summary>A table could not be read or changed. The message names the table, and the file or version where there is one.</summary>
public sealed class DeltaException : Exception
{
    /// <summary>An error of a kind, with its sentence and cause.</summary>
    public DeltaException(DeltaErrorKind kind, string message, Exception? inner = null) : base(message, inner) => Kind = kind;

    /// <summary>What kind of trouble it is.</summary>
    public DeltaErrorKind Kind { get; }
}
