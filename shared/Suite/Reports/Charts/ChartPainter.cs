using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Pipeline.Suite.Reports.Charts;

/// <summary>Puts each kind of chart on a plot.</summary>
internal static class ChartPainter
{
    private static readonly IPalette Palette = new ScottPlot.Palettes.Category10();

    // Shapes too, so that color is not the only thing that tells groups apart.
    private static readonly MarkerShape[] Shapes = [MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond, MarkerShape.FilledTriangleDown, MarkerShape.OpenCircle, MarkerShape.OpenSquare, MarkerShape.OpenTriangleUp];

    public static void Paint(Plot plot, HistogramChart chart)
    {
        if (chart.BinWidth <= 0) throw new ArgumentException($"The histogram '{chart.Title}' has bars of width {chart.BinWidth}; give one over 0.", nameof(chart));
        RefuseEmpty(chart, chart.Groups.Sum(group => group.Values.Count));
        var heights = new Dictionary<double, double>();
        foreach (var (index, group) in chart.Groups.Index())
        {
            var bars = group.Values.GroupBy(value => Math.Floor(value / chart.BinWidth) * chart.BinWidth).OrderBy(bin => bin.Key).Select(bin =>
            {
                var from = heights.GetValueOrDefault(bin.Key);
                heights[bin.Key] = from + bin.Count();
                return new Bar
                {
                    Position = bin.Key + chart.BinWidth / 2,
                    ValueBase = from,
                    Value = from + bin.Count(),
                    Size = chart.BinWidth * 0.94,
                    FillColor = Palette.GetColor(index),
                    LineColor = Colors.White,
                    LineWidth = 1,
                };
            }).ToList();
            plot.Add.Bars(bars).LegendText = Counted(group.Name, group.Values.Count);
        }
        plot.Axes.SetLimits(heights.Keys.Min() - chart.BinWidth / 2, heights.Keys.Max() + chart.BinWidth * 1.5, 0, heights.Values.Max() * 1.08);
        var everyBin = heights.Keys.Max() - heights.Keys.Min() <= 40 * chart.BinWidth;
        if (everyBin && chart.BinWidth == Math.Floor(chart.BinWidth))
        {
            // A bar of whole numbers one wide is labelled in its middle, a wider one at its edge.
            var middle = chart.BinWidth == 1 ? 0.5 : 0;
            var bins = Steps(heights.Keys.Min(), heights.Keys.Max(), chart.BinWidth);
            plot.Axes.Bottom.TickGenerator = new NumericManual([.. bins.Select(bin => bin + middle)], [.. bins.Select(bin => bin.ToString("0", CultureInfo.InvariantCulture))]);
        }
        plot.Axes.Left.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        plot.Grid.XAxisStyle.IsVisible = false;
        ShowLegend(plot);
    }

    public static void Paint(Plot plot, TrendChart chart)
    {
        RefuseEmpty(chart, chart.Lines.Sum(line => line.Points.Count));
        foreach (var (index, line) in chart.Lines.Index())
        {
            var scatter = plot.Add.Scatter(line.Points.Select(point => point.X).ToArray(), line.Points.Select(point => point.Y).ToArray());
            scatter.Color = Palette.GetColor(index);
            scatter.LineWidth = 2;
            scatter.MarkerShape = Shapes[index % Shapes.Length];
            scatter.MarkerSize = 6;
            scatter.LegendText = line.Name;
        }
        plot.Axes.AutoScale();
        if (chart.Mark is { } mark) plot.Add.HorizontalLine(mark, 1.5f, Colors.Black, LinePattern.Dashed);
        // Years are not thousands: no comma.
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true, LabelFormatter = static value => value.ToString("0.###", CultureInfo.InvariantCulture) };
        ShowLegend(plot);
    }

    public static void Paint(Plot plot, DistributionChart chart)
    {
        RefuseEmpty(chart, chart.Boxes.Count);
        Func<double, double> place = chart.IsSymmetricLog ? SymmetricLog : static value => value;
        foreach (var (index, box) in chart.Boxes.Index())
        {
            double y = chart.Boxes.Count - 1 - index;
            var color = Palette.GetColor(0);
            Line(plot, place(box.P05), y, place(box.P95), y, color, 1.5f);
            Line(plot, place(box.P05), y - 0.15, place(box.P05), y + 0.15, color, 1.5f);
            Line(plot, place(box.P95), y - 0.15, place(box.P95), y + 0.15, color, 1.5f);
            var body = plot.Add.Rectangle(place(box.P25), place(box.P75), y - 0.32, y + 0.32);
            body.FillColor = color.WithAlpha(110);
            body.LineColor = color;
            body.LineWidth = 1.5f;
            Line(plot, place(box.Median), y - 0.32, place(box.Median), y + 0.32, Colors.Black, 2.5f);
        }
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsY(-0.7, chart.Boxes.Count - 0.3);
        plot.Axes.Left.TickGenerator = new NumericManual(
            [.. chart.Boxes.Select((_, index) => (double)(chart.Boxes.Count - 1 - index))], [.. chart.Boxes.Select(box => Counted(box.Name, box.Count))]);
        plot.Axes.Left.TickLabelStyle.FontSize = 13;
        if (chart.IsSymmetricLog) plot.Axes.Bottom.TickGenerator = SymmetricLogTicks(chart.Boxes.Min(box => box.P05), chart.Boxes.Max(box => box.P95));
        plot.Legend.ManualItems.Add(new LegendItem { LabelText = "5th to 95th percentile", LineColor = Palette.GetColor(0), LineWidth = 1.5f });
        plot.Legend.ManualItems.Add(new LegendItem { LabelText = "1st to 3rd quartile", FillColor = Palette.GetColor(0).WithAlpha(110) });
        plot.Legend.ManualItems.Add(new LegendItem { LabelText = "median", LineColor = Colors.Black, LineWidth = 2.5f });
        ShowLegend(plot);
    }

    public static void Paint(Plot plot, MapChart chart)
    {
        RefuseEmpty(chart, chart.Places.Count);
        var (low, high) = chart.Range ?? (chart.Places.Min(site => site.Value), chart.Places.Max(site => site.Value));
        if (high <= low) high = low + 1;
        var colors = new ValueColors(low, high);
        foreach (var (index, group) in chart.Places.GroupBy(site => site.Group).OrderBy(group => group.Key, StringComparer.Ordinal).Index())
        {
            var shape = Shapes[index % Shapes.Length];
            foreach (var site in group)
            {
                var marker = plot.Add.Marker(site.Longitude, site.Latitude, shape, 11);
                marker.MarkerFillColor = marker.MarkerColor = colors.Of(site.Value);
                marker.MarkerLineColor = shape >= MarkerShape.OpenCircle && index >= 5 ? colors.Of(site.Value) : Colors.Black.WithAlpha(130);
                marker.MarkerLineWidth = index >= 5 ? 2.5f : 0.8f;
            }
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = Counted(group.Key, group.Count()), MarkerShape = shape, MarkerSize = 11, MarkerFillColor = Colors.Gray, MarkerLineColor = Colors.Gray, MarkerLineWidth = index >= 5 ? 2.5f : 0.8f });
        }
        plot.Axes.AutoScale();
        var bar = plot.Add.ColorBar(colors);
        bar.Label = chart.ValueTitle;
        bar.LabelStyle.FontSize = 15;
        bar.LabelStyle.FontName = ChartFont.Name;
        bar.Axis.TickLabelStyle.FontName = ChartFont.Name;
        ShowLegend(plot);
    }

    private static void RefuseEmpty(Chart chart, int count)
    {
        if (count == 0) throw new ArgumentException($"The chart '{chart.Title}' has no values to show.", nameof(chart));
    }

    private static void ShowLegend(Plot plot)
    {
        plot.Legend.FontSize = 14;
        plot.Legend.FontName = ChartFont.Name;
        plot.ShowLegend(Edge.Bottom);
        plot.Legend.Orientation = Orientation.Horizontal;
    }

    private static void Line(Plot plot, double x1, double y1, double x2, double y2, Color color, float width)
    {
        var line = plot.Add.Line(x1, y1, x2, y2);
        line.Color = color;
        line.LineWidth = width;
        line.MarkerSize = 0;
    }

    private static string Counted(string name, long count) => string.Create(CultureInfo.InvariantCulture, $"{name} (n = {count:N0})");

    private static List<double> Steps(double first, double last, double width) =>
        [.. Enumerable.Range(0, (int)Math.Round((last - first) / width) + 1).Select(step => first + step * width)];

    private static double SymmetricLog(double value) => Math.Sign(value) * Math.Log10(1 + Math.Abs(value));

    private static NumericManual SymmetricLogTicks(double low, double high)
    {
        var ticks = new List<double> { 0 };
        for (var decade = 1.0; decade <= high * 1.5; decade *= 10) ticks.Add(decade);
        for (var decade = -1.0; decade >= low * 1.5; decade *= 10) ticks.Insert(0, decade);
        return new NumericManual([.. ticks.Select(SymmetricLog)], [.. ticks.Select(static tick => tick.ToString("#,0", CultureInfo.InvariantCulture))]);
    }

    /// <summary>Colors from red (low) to blue (high), for marks and for the bar that tells them.</summary>
    private sealed class ValueColors(double low, double high) : IHasColorAxis
    {
        public IColormap Colormap { get; } = new ScottPlot.Colormaps.Turbo().Reversed();

        public ScottPlot.Range GetRange() => new(low, high);

        public Color Of(double value) => Colormap.GetColor(Math.Clamp((value - low) / (high - low), 0, 1));
    }
}
