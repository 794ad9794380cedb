using System.Collections.Immutable;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Schemas;

/// <summary>The data sets of the suite, by name.</summary>
public static class Datasets
{
    /// <summary>All of them, in the order of the docs.</summary>
    public static ImmutableArray<DatasetContract> All { get; } = [WaterQuality.Dataset, Population.Dataset, Students.Dataset, StudentMessages.Dataset, DeviceEvents.Dataset];

    /// <summary>The data set of this name, or null where there is none.</summary>
    public static DatasetContract? Find(string name) => All.FirstOrDefault(dataset => dataset.Name == name);
}
