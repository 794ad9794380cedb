using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Producer.Generating;

/// <summary>The generators, by data set.</summary>
public static class DatasetGenerators
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<IDatasetGenerator> All { get; } = [new WaterQuality.WaterQualityGenerator(), new Population.PopulationGenerator(), new Students.StudentsGenerator(), new StudentMessages.StudentMessagesGenerator(), new DeviceEvents.DeviceEventsGenerator()];

    /// <summary>The generator of a data set, checked to be able to make so many rows.</summary>
    /// <exception cref="UsageException">There is none, or it cannot make so many.</exception>
    public static IDatasetGenerator For(string dataset, long rows)
    {
        var generator = All.FirstOrDefault(one => one.Dataset == dataset)
            ?? throw new UsageException($"There is no generator for '{dataset}'.{NearestName.Suggestion(dataset, All.Select(one => one.Dataset))} There is one for: {string.Join(", ", All.Select(one => one.Dataset))}.");
        return rows >= 1 && rows <= generator.MostRows ? generator
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{rows} rows of '{dataset}' cannot be generated. Give from 1 to {generator.MostRows}."));
    }
}
