using Pipeline.Producer.Messages;
using Contract = Pipeline.Suite.Schemas.Students;

namespace Pipeline.Producer.Generating.Students;

/// <summary>Students with French names, accents and all: a few share name, age and field, as real ones do.</summary>
internal sealed class StudentsGenerator : IDatasetGenerator
{
    private const string Stem = "etudiants";
    private static readonly CsvLayout Layout = new(',', HasByteOrderMark: false, "\n");

    public string Dataset => Contract.Dataset.Name;

    public long UsualRows => 1_000;

    public long MostRows => 10_000_000;

    public IMessageSource Messages(long rows, ulong seed) => new JsonRowMessages(Students(rows, seed), Contract.Dataset);

    public IReadOnlyList<GeneratedFile> Files(long rows, ulong seed) =>
        [new(Stem, Layout, () => Students(rows, seed)) { NumericColumns = new HashSet<string> { "Age" } }];

    private static StudentRows Students(long rows, ulong seed) => new(Stem + ".csv", rows, seed);
}
