using Pipeline.Engine.Sql;
using Pipeline.Suite.Reports.Charts;

namespace Pipeline.Jobs.Datasets;

/// <summary>A picture of a data set's metrics, for people: metrics-export leaves it in its run's folder as PNG and SVG.</summary>
/// <param name="Name">The files' name without ending, snake_case.</param>
/// <param name="Rows">What it is drawn from, in an order that is total; small, for it is collected.</param>
/// <param name="Draw">The chart of these rows: a pure function.</param>
public sealed record Plot(string Name, DataFrame Rows, Func<IReadOnlyList<Row>, Chart> Draw);
