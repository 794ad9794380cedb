using System.Buffers.Binary;
using System.Text;
using System.Xml.Linq;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Reports.Charts;
using SkiaSharp;

namespace Pipeline.Tests.Unit.Reports;

/// <summary>Every kind of chart as PNG and SVG. PIPELINE_WRITE_CHARTS=DIR leaves the files there, to be looked at.</summary>
public sealed class ChartImageTests
{
    private static readonly Chart Histogram = new HistogramChart("Âge des étudiants par filière", "age (years)", "students", 1,
    [
        new("Biologie", [23, 23, 23, 20, 21]), new("Informatique", [22, 22, 22, 22, 19]), new("Physique", [19, 19, 19, 25]),
    ]);

    private static readonly Chart Trend = new TrendChart("Acid neutralizing capacity by programme", "year", "mean ANC (µeq/L)",
    [
        new("LTM_ALTM", [(1990, -5), (1995, 2), (2000, 11), (2010, 27), (2020, 41)]), new("LTM_VA", [(1990, 60), (2000, 58), (2020, 71)]),
    ])
    { Mark = 0 };

    private static readonly Chart Distribution = new DistributionChart("Values by parameter", "value in the unit beside the name", "parameter",
    [
        new("ANC, µeq/L", 38_100, -30, 5, 40, 120, 900), new("PH_LAB", 30_000, 4.4, 5.2, 6.1, 6.8, 7.4), new("WTEMP, °C", 1_200, 0.5, 4, 12, 18, 24),
    ])
    { IsSymmetricLog = true };

    private static readonly Chart Map = new MapChart("Sites by acidity", "mean pH",
    [
        new("LTM_ME", -68.3, 45.1, 5.1), new("LTM_ME", -69.0, 44.7, 6.4), new("LTM_VA", -78.9, 38.2, 6.9), new("LTM_PA", -77.4, 41.2, 4.8),
    ]);

    private static IEnumerable<TestCaseData> Charts =>
        new[] { Histogram, Trend, Distribution, Map }.Select(chart => new TestCaseData(chart).SetArgDisplayNames(chart.GetType().Name));

    [TestCaseSource(nameof(Charts))]
    public void A_PNG_has_the_size_that_was_asked_for_and_shows_something(Chart chart)
    {
        var png = ChartImage.ToPng(chart, 900, 600);
        Keep(chart, "png", png);
        png.Take(8).Should().Equal(0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A);
        BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)).Should().Be(900);
        BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)).Should().Be(600);
        using var bitmap = SKBitmap.Decode(png);
        bitmap.Pixels.Distinct().Count().Should().BeGreaterThan(20, "lines, text and colors are drawn");
    }

    [TestCaseSource(nameof(Charts))]
    public void An_SVG_is_XML_and_has_the_titles_as_text(Chart chart)
    {
        var svg = ChartImage.ToSvg(chart, 900, 600);
        Keep(chart, "svg", svg);
        var root = XDocument.Parse(Encoding.UTF8.GetString(svg)).Root!;
        root.Name.LocalName.Should().Be("svg");
        root.Attribute("width")!.Value.Should().Be("900");
        var texts = root.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim()).ToList();
        texts.Should().Contain([chart.Title, chart.XTitle, chart.YTitle]);
    }

    [Test]
    public void The_legend_of_a_histogram_counts_each_group()
    {
        var svg = Encoding.UTF8.GetString(ChartImage.ToSvg(Histogram));
        svg.Should().Contain("Biologie (n = 5)").And.Contain("Informatique (n = 5)").And.Contain("Physique (n = 4)");
    }

    [Test]
    public void Text_is_drawn_with_the_font_that_is_shipped()
    {
        // Boxes for missing glyphs would make both pictures alike.
        var one = ChartImage.ToPng(Histogram with { Title = "µéà" });
        var other = ChartImage.ToPng(Histogram with { Title = "°êç" });
        one.Should().NotEqual(other);
        Encoding.UTF8.GetString(ChartImage.ToSvg(Histogram)).Should().Contain("DejaVu Sans");
    }

    [Test]
    public void A_chart_without_values_is_refused_by_its_title()
    {
        var draw = () => ChartImage.ToPng(new TrendChart("Nothing at all", "x", "y", []));
        draw.Should().Throw<ArgumentException>().WithMessage("The chart 'Nothing at all' has no values to show.*");
    }

    private static void Keep(Chart chart, string ending, byte[] bytes)
    {
        if (Environment.GetEnvironmentVariable("PIPELINE_WRITE_CHARTS") is not { } folder) return;
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, $"{chart.GetType().Name}.{ending}"), bytes);
    }
}
