using System.Text;
using Pipeline.Engine.Files;
using Pipeline.Producer.Messages;

namespace Pipeline.Producer.Generating;

/// <summary>Makes look-alikes of one data set: the same columns and quirks, and the same rows for the same seed, on every machine.</summary>
/// <remarks>To add a data set, write one class of this and name it in <see cref="DatasetGenerators.All"/>.</remarks>
public interface IDatasetGenerator
{
    /// <summary>The data set's name, as in the contract.</summary>
    string Dataset { get; }

    /// <summary>How many rows the real data have: what is generated when nobody says otherwise.</summary>
    long UsualRows { get; }

    /// <summary>The most rows that can be made with unique keys.</summary>
    long MostRows { get; }

    /// <summary>What the rows are mixed of, and how much of each unless told otherwise; empty where there is nothing to set.</summary>
    Shares UsualShares => Shares.None;

    /// <summary>The messages, straight to Kafka.</summary>
    IMessageSource Messages(long rows, ulong seed);

    /// <summary>As <see cref="Messages(long, ulong)"/>, mixed otherwise.</summary>
    IMessageSource Messages(long rows, ulong seed, Shares shares) => Messages(rows, seed);

    /// <summary>The files, the main one first.</summary>
    IReadOnlyList<GeneratedFile> Files(long rows, ulong seed);

    /// <summary>As <see cref="Files(long, ulong)"/>, mixed otherwise.</summary>
    IReadOnlyList<GeneratedFile> Files(long rows, ulong seed, Shares shares) => Files(rows, seed);
}

/// <summary>A file to be written.</summary>
/// <param name="Stem">Its name without ending.</param>
/// <param name="Layout">How its CSV is laid out.</param>
/// <param name="Open">Opens the rows, from the first.</param>
public sealed record GeneratedFile(string Stem, CsvLayout Layout, Func<IRowSource> Open)
{
    /// <summary>Columns that are numbers in a workbook, by name; all others are text.</summary>
    public IReadOnlySet<string> NumericColumns { get; init; } = new HashSet<string>();

    /// <summary>Columns that are dates in a workbook (<c>MM/dd/yyyy HH:mm:ss</c> in the CSV), by name.</summary>
    public IReadOnlySet<string> DateColumns { get; init; } = new HashSet<string>();
}

/// <summary>How a CSV file is written.</summary>
/// <param name="Delimiter">Between fields.</param>
/// <param name="HasByteOrderMark">Whether it begins with UTF-8's mark.</param>
/// <param name="LineBreak">After each row.</param>
public sealed record CsvLayout(char Delimiter, bool HasByteOrderMark, string LineBreak)
{
    /// <summary>Windows' line break.</summary>
    public const string CrLf = "\r\n";

    internal byte[] LineBreakBytes => Encoding.UTF8.GetBytes(LineBreak);
}
