using OxyPlot;

namespace SpanRnn.Cli.Pictures;

/// <summary>Colors of a picture on a light or on a dark page.</summary>
/// <param name="Background">What is behind all.</param>
/// <param name="Text">Text and axes.</param>
/// <param name="Grid">Lines of the grid.</param>
/// <param name="Series">Curves and bars, which people with any color vision can tell apart.</param>
internal sealed record Scheme(OxyColor Background, OxyColor Text, OxyColor Grid, IReadOnlyList<OxyColor> Series)
{
    /// <summary>For a light page, and for paper.</summary>
    public static Scheme Light { get; } = Of("#FFFFFF", "#1B1F24", "#E3E6EA", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00");

    /// <summary>For a dark page.</summary>
    public static Scheme Dark { get; } = Of("#14171B", "#E6E8EA", "#30363D", "#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442");

    /// <summary>Mixes the first color of series into the background.</summary>
    /// <param name="share">Its share, from 0 to 1.</param>
    public OxyColor Tint(double share)
    {
        byte Mixed(byte background, byte color) => (byte)(background + (share * (color - background)));
        OxyColor color = Series[0];
        return OxyColor.FromRgb(Mixed(Background.R, color.R), Mixed(Background.G, color.G), Mixed(Background.B, color.B));
    }

    // The colors of series are those of Okabe and Ito 2008.
    private static Scheme Of(string background, string text, string grid, params string[] series) =>
        new(OxyColor.Parse(background), OxyColor.Parse(text), OxyColor.Parse(grid), [.. series.Select(OxyColor.Parse)]);
}
