using System.Collections.Immutable;
using Pipeline.Jobs.Datasets.DeviceEvents;
using Pipeline.Jobs.Datasets.Population;
using Pipeline.Jobs.Datasets.StudentMessages;
using Pipeline.Jobs.Datasets.Students;
using Pipeline.Jobs.Datasets.WaterQuality;

namespace Pipeline.Jobs.Datasets;

/// <summary>The data sets' flows, by name.</summary>
public static class DatasetFlows
{
    /// <summary>All of them, in the order of <see cref="Suite.Schemas.Datasets.All"/>.</summary>
    public static ImmutableArray<IDatasetFlow> All { get; } = [new WaterQualityFlow(), new PopulationFlow(), new StudentsFlow(), new StudentMessagesFlow(), new DeviceEventsFlow()];

    /// <summary>The flow of this data set.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message names those there are.</exception>
    public static IDatasetFlow Of(string dataset) => All.FirstOrDefault(flow => flow.Dataset.Name == dataset)
        ?? throw new ArgumentException($"There is no data set '{dataset}'. There are: {string.Join(", ", All.Select(flow => flow.Dataset.Name))}.", nameof(dataset));
}
