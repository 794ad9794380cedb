using Pipeline.Producer.Messages;
using Contract = Pipeline.Suite.Schemas.StudentMessages;

namespace Pipeline.Producer.Generating.StudentMessages;

/// <summary>Students told in free-form messages, one in twenty of which cannot be read.</summary>
internal sealed class StudentMessagesGenerator : IDatasetGenerator
{
    private const string Stem = "student_messages_generated";
    private static readonly CsvLayout Layout = new(',', HasByteOrderMark: false, "\n");

    public string Dataset => Contract.Dataset.Name;

    public long UsualRows => 1_000;

    public long MostRows => 10_000_000;

    public Shares UsualShares { get; } = new(
    [
        new(StudentMessageRows.Json, 0.35), new(StudentMessageRows.Dict, 0.15), new(StudentMessageRows.Pairs, 0.2), new(StudentMessageRows.Line, 0.1), new(StudentMessageRows.Header, 0.05),
        new(StudentMessageRows.Latin1, 0.1), new(StudentMessageRows.Broken, 0.05),
    ]);

    public IMessageSource Messages(long rows, ulong seed) => Messages(rows, seed, UsualShares);

    public IMessageSource Messages(long rows, ulong seed, Shares shares) => new TextMessages(Rows(rows, seed, shares), Contract.Dataset.Main);

    public IReadOnlyList<GeneratedFile> Files(long rows, ulong seed) => Files(rows, seed, UsualShares);

    public IReadOnlyList<GeneratedFile> Files(long rows, ulong seed, Shares shares) => [new(Stem, Layout, () => Rows(rows, seed, shares))];

    private static StudentMessageRows Rows(long rows, ulong seed, Shares shares) => new(Stem + ".csv", rows, seed, shares);
}
