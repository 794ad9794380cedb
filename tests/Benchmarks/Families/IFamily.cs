using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>Measurements of one kind of work.</summary>
internal interface IFamily
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>Measures, and adds its lines to the report; what cannot be measured here is named as left out.</summary>
    Task RunAsync(BenchmarkRun run);
}

/// <summary>All of them, in the order of the table.</summary>
internal static class AllFamilies
{
    public static IReadOnlyList<IFamily> List { get; } = [new StartFamily(), new EtlFamily(), new ExportFamily(), new DeltaFamily(), new LargeDeltaFamily(), new StreamFamily(), new ProduceFamily(), new CsvFamily(), new EnrichFamily(), new GrowthFamily(), new SoakFamily()];
}
