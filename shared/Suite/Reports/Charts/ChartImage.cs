using System.Text;
using ScottPlot;

namespace Pipeline.Suite.Reports.Charts;

/// <summary>Draws charts. Thread-safe; each call draws again.</summary>
public static class ChartImage
{
    // The drawing library keeps fonts and palettes in static state that it does not promise to guard.
    private static readonly Lock Drawing = new();

    /// <summary>Width of a chart in pixels unless one is given.</summary>
    public const int UsualWidth = 1200;

    /// <summary>Height of a chart in pixels unless one is given.</summary>
    public const int UsualHeight = 750;

    /// <summary>The chart as a PNG file.</summary>
    /// <exception cref="ArgumentException">The chart has nothing to show, or a size is below 200 pixels.</exception>
    public static byte[] ToPng(Chart chart, int width = UsualWidth, int height = UsualHeight)
    {
        lock (Drawing)
        {
            using var plot = Draw(chart, width, height);
            return plot.GetImageBytes(width, height, ImageFormat.Png);
        }
    }

    /// <summary>The chart as an SVG file, UTF-8; its text stays text.</summary>
    /// <exception cref="ArgumentException">The chart has nothing to show, or a size is below 200 pixels.</exception>
    public static byte[] ToSvg(Chart chart, int width = UsualWidth, int height = UsualHeight)
    {
        lock (Drawing)
        {
            using var plot = Draw(chart, width, height);
            return Encoding.UTF8.GetBytes(plot.GetSvgXml(width, height));
        }
    }

    private static Plot Draw(Chart chart, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(chart);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 200);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 200);
        ChartFont.Register();
        var plot = new Plot();
        plot.Title(chart.Title, 18);
        plot.XLabel(chart.XTitle, 15);
        plot.YLabel(chart.YTitle, 15);
        switch (chart)
        {
            case HistogramChart histogram: ChartPainter.Paint(plot, histogram); break;
            case TrendChart trend: ChartPainter.Paint(plot, trend); break;
            case DistributionChart distribution: ChartPainter.Paint(plot, distribution); break;
            case MapChart map: ChartPainter.Paint(plot, map); break;
            default: throw new NotSupportedException($"A chart of kind '{chart.GetType().Name}' cannot be drawn. Add it here beside the others.");
        }
        plot.Font.Set(ChartFont.Name);
        plot.Axes.Title.Label.Bold = false;
        plot.Axes.Left.Label.Bold = plot.Axes.Bottom.Label.Bold = false;
        return plot;
    }
}
