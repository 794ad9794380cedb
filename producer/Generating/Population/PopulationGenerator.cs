using Pipeline.Producer.Messages;
using Pipeline.Suite.Schemas.Contracts;
using Contract = Pipeline.Suite.Schemas.Population;

namespace Pipeline.Producer.Generating.Population;

/// <summary>Look-alikes of the survey's four files.</summary>
/// <remarks>Rows are lines of the first file; from 20 on, four of them are an unresolved merge. The references know one neighborhood more than the first file.</remarks>
internal sealed class PopulationGenerator : IDatasetGenerator
{
    private const string Stem = "total-population";
    private static readonly CsvLayout Layout = new(',', HasByteOrderMark: false, "\n");

    public string Dataset => Contract.Dataset.Name;

    public long UsualRows => 91 + PopulationRows.ConflictRows;

    public long MostRows => 100_000;

    public IMessageSource Messages(long rows, ulong seed) => new JsonRowMessages(People(rows, seed), Contract.Dataset);

    public IReadOnlyList<GeneratedFile> Files(long rows, ulong seed)
    {
        var known = Neighborhoods.Make(PopulationRows.NeighborhoodsIn(rows) + 1, seed);
        return
        [
            File(Stem, Contract.People, () => People(rows, seed)),
            File("household-income", Contract.HouseholdIncome, () => Listed(Contract.HouseholdIncome, PopulationRows.Reference(known, seed, "income", each => each.Income))),
            File("health-insurance", Contract.HealthInsurance, () => Listed(Contract.HealthInsurance, PopulationRows.Reference(known, seed, "insurance", each => each.Insured))),
            File("self-employment-income", Contract.SelfEmployment, () => Listed(Contract.SelfEmployment, PopulationRows.Reference(known, seed, "self-employment", each => each.SelfEmployed, each => each.Households))),
        ];
    }

    private static ListedRows People(long rows, ulong seed) =>
        new(Stem + ".csv", Columns(Contract.People), PopulationRows.People(Neighborhoods.Make(PopulationRows.NeighborhoodsIn(rows), seed), rows, seed));

    private static ListedRows Listed(TableContract contract, IReadOnlyList<string[]> rows) => new(contract.Name, Columns(contract), rows);

    private static GeneratedFile File(string stem, TableContract contract, Func<ListedRows> open) => new(stem, Layout, open)
    {
        NumericColumns = contract.Columns.Where(column => column.Rule is not TextRule).Select(column => column.SourceName).ToHashSet(),
    };

    private static string[] Columns(TableContract contract) => [.. contract.Columns.Select(column => column.SourceName)];
}
