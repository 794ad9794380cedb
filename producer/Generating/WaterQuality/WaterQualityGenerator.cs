using Pipeline.Producer.Messages;
using Contract = Pipeline.Suite.Schemas.WaterQuality;

namespace Pipeline.Producer.Generating.WaterQuality;

/// <summary>Look-alikes of EPA's long-term monitoring: samples, methods and sites.</summary>
internal sealed class WaterQualityGenerator : IDatasetGenerator
{
    private const string SamplesStem = "LTM_Data_generated";
    private static readonly CsvLayout Layout = new(';', HasByteOrderMark: false, CsvLayout.CrLf);

    public string Dataset => Contract.Dataset.Name;

    public long UsualRows => 38_200;

    public long MostRows => SiteCatalog.Make(0).Length * SampleRows.Days * SampleRows.DepthsADay;

    public IMessageSource Messages(long rows, ulong seed) => new JsonRowMessages(Samples(rows, seed), Contract.Dataset);

    public IReadOnlyList<GeneratedFile> Files(long rows, ulong seed) =>
    [
        new(SamplesStem, Layout, () => Samples(rows, seed))
        {
            NumericColumns = Contract.Measurements.Select(measurement => measurement.SourceName).Append("SAMPLE_DEPTH").ToHashSet(),
            DateColumns = new HashSet<string> { "DATE_SMP" },
        },
        new("Methods_generated", Layout with { HasByteOrderMark = true }, () => new ListedRows("Methods_generated", Columns(Contract.Methods), MethodRows.Make(seed)))
        {
            NumericColumns = new HashSet<string> { "START_YEAR", "END_YEAR" },
        },
        new("Site_Information_generated", Layout, () => new ListedRows("Site_Information_generated", Columns(Contract.Sites), SiteRows.Make(SiteCatalog.Make(seed), seed)))
        {
            NumericColumns = Contract.Sites.Columns.Where(column => column.Rule is not Suite.Schemas.Contracts.TextRule).Select(column => column.SourceName).ToHashSet(),
            DateColumns = new HashSet<string> { "UPDATE_DATE" },
        },
    ];

    private static SampleRows Samples(long rows, ulong seed) => new(SamplesStem + ".csv", SiteCatalog.Make(seed), rows, seed);

    private static string[] Columns(Suite.Schemas.Contracts.TableContract contract) => [.. contract.Columns.Select(column => column.SourceName)];
}
