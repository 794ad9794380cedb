namespace Pipeline.Suite.Reports.Charts;

/// <summary>What a chart shows, without a word on how it is drawn. <see cref="ChartImage"/> draws it.</summary>
/// <param name="Title">What is seen, as a sentence without its full stop.</param>
/// <param name="XTitle">Title of the horizontal axis, with its unit.</param>
/// <param name="YTitle">Title of the vertical axis, with its unit.</param>
public abstract record Chart(string Title, string XTitle, string YTitle);

/// <summary>How often values occur, in bars of one width, a color a group; the legend has each group's count.</summary>
/// <param name="Title">What is seen.</param>
/// <param name="XTitle">What is counted, with its unit.</param>
/// <param name="YTitle">What a count is of.</param>
/// <param name="BinWidth">Width of a bar on the horizontal axis, over 0; bars begin at multiples of it.</param>
/// <param name="Groups">The values by group, in the order of the legend; stacked upon each other.</param>
public sealed record HistogramChart(string Title, string XTitle, string YTitle, double BinWidth, IReadOnlyList<ChartGroup> Groups) : Chart(Title, XTitle, YTitle);

/// <summary>A named group of values.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Values">Its values.</param>
public sealed record ChartGroup(string Name, IReadOnlyList<double> Values);

/// <summary>How something changes: a line a group.</summary>
/// <param name="Title">What is seen.</param>
/// <param name="XTitle">What runs, with its unit.</param>
/// <param name="YTitle">What changes, with its unit.</param>
/// <param name="Lines">The lines, in the order of the legend.</param>
public sealed record TrendChart(string Title, string XTitle, string YTitle, IReadOnlyList<ChartLine> Lines) : Chart(Title, XTitle, YTitle)
{
    /// <summary>A value of the vertical axis that is marked by a dashed line, such as 0; null is none.</summary>
    public double? Mark { get; init; }
}

/// <summary>A line of a trend.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points, in the order in which they are joined.</param>
public sealed record ChartLine(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>How values spread, category by category: a box from the first to the third quartile with the median in it, and whiskers from the 5th to the 95th percentile.</summary>
/// <param name="Title">What is seen.</param>
/// <param name="XTitle">What the values are, with their unit.</param>
/// <param name="YTitle">What the categories are.</param>
/// <param name="Boxes">The categories, from top to bottom.</param>
public sealed record DistributionChart(string Title, string XTitle, string YTitle, IReadOnlyList<DistributionBox> Boxes) : Chart(Title, XTitle, YTitle)
{
    /// <summary>Whether the axis is logarithmic on both sides of 0 and linear around it: for values that span decades and may be negative.</summary>
    public bool IsSymmetricLog { get; init; }
}

/// <summary>The spread of one category.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Count">How many values.</param>
/// <param name="P05">5th percentile.</param>
/// <param name="P25">First quartile.</param>
/// <param name="Median">Median.</param>
/// <param name="P75">Third quartile.</param>
/// <param name="P95">95th percentile.</param>
public sealed record DistributionBox(string Name, long Count, double P05, double P25, double Median, double P75, double P95);

/// <summary>Places by longitude and latitude, colored by a value, with a bar that tells the colors, and no map under them.</summary>
/// <param name="Title">What is seen.</param>
/// <param name="ValueTitle">What the color tells, with its unit.</param>
/// <param name="Places">The places.</param>
public sealed record MapChart(string Title, string ValueTitle, IReadOnlyList<MapPlace> Places) : Chart(Title, "longitude (°)", "latitude (°)")
{
    /// <summary>The values of the two ends of the colors; values beyond take the end's color. Null takes the least and greatest value.</summary>
    public (double Low, double High)? Range { get; init; }
}

/// <summary>A place.</summary>
/// <param name="Group">Its group: each has a shape of its own, told in the legend.</param>
/// <param name="Longitude">Degrees east.</param>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Value">The value that colors it.</param>
public sealed record MapPlace(string Group, double Longitude, double Latitude, double Value);
