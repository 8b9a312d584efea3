using System.Text;
using OxyPlot;

namespace SpanRnn.Cli.Pictures;

/// <summary>A drawing of any size, light or dark.</summary>
/// <param name="description">What it shows, in words, for those who cannot see it.</param>
/// <param name="heightOf">The height for a width, both in pixels.</param>
/// <param name="draw">Makes the content in the colors of a scheme and for a width.</param>
internal sealed class Picture(string description, Func<int, int> heightOf, Func<Scheme, int, PlotModel> draw)
{
    /// <summary>Pixels of a picture beside which there is room.</summary>
    public const int Wide = 720;

    /// <summary>Pixels of a picture for a narrow screen.</summary>
    public const int Narrow = 360;

    // Pixels of a .png for each pixel of the drawing.
    private const int Density = 2;

    // Text stays text: whoever shows the picture has a font for it.
    private const string Fonts = "Inter, Segoe UI, Roboto, Helvetica, Arial, DejaVu Sans, sans-serif";

    public string Description => description;

    /// <summary>Draws it as text, an SVG without references to anything outside.</summary>
    public string Svg(Scheme scheme, int width)
    {
        int height = heightOf(width);
        string svg = SvgExporter.ExportToString(
            Model(scheme, width), width, height, isDocument: false, new SvgRuler(), useVerticalTextAlignmentWorkaround: true);

        // With a box of its own it fits a frame of any width.
        return svg.Replace("<svg ", $"<svg viewBox=\"0 0 {width} {height}\" ", StringComparison.Ordinal).ReplaceLineEndings("\n") + "\n";
    }

    /// <summary>Draws it as pixels, in the light scheme.</summary>
    public byte[] Png() => PngCanvas.Draw(Model(Scheme.Light, Wide), Wide, heightOf(Wide), Density);

    /// <summary>Makes text of a file fit for a picture: short, without what an SVG cannot have or OxyPlot takes as a command.</summary>
    public static string Label(string text, int most = 24)
    {
        // Between "_{" and "}" is a subscript for OxyPlot, and a space without width is no "_{".
        var label = new StringBuilder();
        int runes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (++runes > most)
            {
                return label.Append('…').ToString();
            }

            string piece = Rune.IsControl(rune) || rune.Value is 0xFFFE or 0xFFFF ? "?" : rune.ToString();
            label.Append(piece == "{" && label.Length > 0 && label[^1] is '_' or '^' ? "\u200B{" : piece);
        }

        return label.ToString();
    }

    private PlotModel Model(Scheme scheme, int width)
    {
        PlotModel model = draw(scheme, width);
        model.DefaultFont = Fonts;
        model.DefaultFontSize = 13;
        model.Background = scheme.Background;
        model.TextColor = scheme.Text;
        model.TitleColor = scheme.Text;
        model.TitleFontSize = 14;
        model.TitleFontWeight = FontWeights.Bold;
        model.TitleHorizontalAlignment = TitleHorizontalAlignment.CenteredWithinView;
        model.PlotAreaBorderColor = scheme.Grid;
        model.Padding = new OxyThickness(8, 8, 16, 8);
        return model;
    }
}
