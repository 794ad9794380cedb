using ScottPlot;
using SkiaSharp;

namespace Pipeline.Suite.Reports.Charts;

/// <summary>The font of all charts, shipped with them: a machine without fonts would draw boxes, and say nothing.</summary>
/// <remarks>DejaVu Sans 2.37; see Fonts/DejaVuSans-LICENSE.txt.</remarks>
internal sealed class ChartFont : IFontResolver
{
    private static readonly Lazy<SKData> File = new(static () =>
    {
        using var stream = typeof(ChartFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        return SKData.Create(stream);
    });

    private static readonly Lazy<bool> Registration = new(static () =>
    {
        Fonts.FontResolvers.Insert(0, new ChartFont());
        return true;
    });

    public const string Name = "DejaVu Sans";

    /// <summary>Makes the font known to the drawing library; once a process.</summary>
    public static void Register() => _ = Registration.Value;

    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? SKTypeface.FromData(File.Value) : null;

    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? SKTypeface.FromData(File.Value) : null;
}
