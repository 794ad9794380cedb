using System.Xml.Linq;
using Pipeline.Engine.Types;

namespace Pipeline.Jobs.Cli.Report;

/// <summary>Texts of a page of HTML.</summary>
internal static class PageText
{
    /// <summary>Writes control characters in a page's texts and attributes as codes: XML has no place for them, and a page that cannot be written tells nothing.</summary>
    public static void Escape(XElement page)
    {
        foreach (var text in page.DescendantNodes().OfType<XText>()) text.Value = PrintableText.Lines(text.Value);
        foreach (var attribute in page.DescendantsAndSelf().Attributes()) attribute.Value = PrintableText.Lines(attribute.Value);
    }
}
