using OxyPlot;

namespace SpanRnn.Cli.Pictures;

/// <summary>Sizes of text in an SVG, whose font only the viewer knows: those of Arial, with room for somewhat wider fonts.</summary>
internal sealed class SvgRuler() : PdfRenderContext(1, 1, OxyColors.Undefined)
{
    private const double PixelsPerPoint = 96.0 / 72;
    private const double Room = 1.08;

    /// <inheritdoc/>
    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
    {
        // OxyPlot measures in points, and knows no characters beyond these.
        string known = string.Concat((text ?? string.Empty).Where(c => c <= 'ÿ'));
        OxySize size = base.MeasureText(known, fontFamily, fontSize, fontWeight);
        int others = (text ?? string.Empty).Length - known.Length;
        return new OxySize((size.Width * PixelsPerPoint * Room) + (others * fontSize), size.Height);
    }
}
