using System.Runtime.InteropServices;
using OxyPlot;
using SkiaSharp;

namespace SpanRnn.Cli.Pictures;

/// <summary>Pixels that OxyPlot draws on by Skia. Letters are those of <see cref="InterFont"/>, the same on every machine.</summary>
internal sealed class PngCanvas : ClippingRenderContext
{
    private readonly SKCanvas _canvas;

    private PngCanvas(SKCanvas canvas) => _canvas = canvas;

    /// <summary>Draws a picture.</summary>
    /// <param name="model">The picture.</param>
    /// <param name="width">Width of the drawing.</param>
    /// <param name="height">Height of it.</param>
    /// <param name="density">Pixels for each pixel of the drawing.</param>
    /// <returns>The file.</returns>
    public static byte[] Draw(IPlotModel model, int width, int height, int density)
    {
        using var bitmap = new SKBitmap(width * density, height * density, SKColorType.Rgba8888, SKAlphaType.Premul);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(Color(model.Background));
            canvas.Scale(density);
            model.Update(true);
            model.Render(new PngCanvas(canvas), new OxyRect(0, 0, width, height));
        }

        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    /// <summary>Refuses a .png on a system that Skia was not brought along for.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">There is no Skia.</exception>
    public static void ExpectSkia(string path)
    {
        try
        {
            using var one = new SKBitmap(1, 1);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException)
        {
            throw new IOException(
                $"'{path}' cannot be drawn on {RuntimeInformation.RuntimeIdentifier}, expected a name that ends in .svg there.", e);
        }
    }

    /// <inheritdoc/>
    public override void DrawLine(
        IList<ScreenPoint> points,
        OxyColor stroke,
        double thickness,
        EdgeRenderingMode edgeRenderingMode,
        double[] dashArray,
        LineJoin lineJoin) =>
        Paint(points, isClosed: false, OxyColors.Undefined, stroke, thickness, edgeRenderingMode, dashArray, lineJoin);

    /// <inheritdoc/>
    public override void DrawPolygon(
        IList<ScreenPoint> points,
        OxyColor fill,
        OxyColor stroke,
        double thickness,
        EdgeRenderingMode edgeRenderingMode,
        double[] dashArray,
        LineJoin lineJoin) => Paint(points, isClosed: true, fill, stroke, thickness, edgeRenderingMode, dashArray, lineJoin);

    /// <inheritdoc/>
    public override void DrawText(
        ScreenPoint p,
        string text,
        OxyColor fill,
        string fontFamily,
        double fontSize,
        double fontWeight,
        double rotation,
        HorizontalAlignment horizontalAlignment,
        VerticalAlignment verticalAlignment,
        OxySize? maxSize)
    {
        OxySize size = MeasureText(text, fontFamily, fontSize, fontWeight);
        using var paint = new SKPaint { Color = Color(fill), IsAntialias = true };
        _canvas.Save();
        _canvas.Translate((float)p.X, (float)p.Y);
        _canvas.RotateDegrees((float)rotation);
        using SKFont usual = InterFont.Of(fontSize, fontWeight);
        float x = (float)(size.Width * ((int)horizontalAlignment + 1) / -2);
        float y = (float)(size.Height * ((int)verticalAlignment + 1) / -2) - usual.Metrics.Ascent;
        foreach ((string run, SKFont font) in InterFont.Runs(text, fontSize, fontWeight))
        {
            using (font)
            {
                _canvas.DrawText(run, x, y, SKTextAlign.Left, font, paint);
                x += font.MeasureText(run);
            }
        }

        _canvas.Restore();
    }

    /// <inheritdoc/>
    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
    {
        if (string.IsNullOrEmpty(text))
        {
            return OxySize.Empty;
        }

        float width = 0;
        foreach ((string run, SKFont font) in InterFont.Runs(text, fontSize, fontWeight))
        {
            using (font)
            {
                width += font.MeasureText(run);
            }
        }

        using SKFont usual = InterFont.Of(fontSize, fontWeight);
        return new OxySize(width, usual.Metrics.Descent - usual.Metrics.Ascent);
    }

    /// <inheritdoc/>
    protected override void SetClip(OxyRect clippingRectangle)
    {
        _canvas.Save();
        _canvas.ClipRect(new SKRect(
            (float)clippingRectangle.Left,
            (float)clippingRectangle.Top,
            (float)clippingRectangle.Right,
            (float)clippingRectangle.Bottom));
    }

    /// <inheritdoc/>
    protected override void ResetClip() => _canvas.Restore();

    private static SKColor Color(OxyColor color) => new(color.R, color.G, color.B, color.A);

    private void Paint(
        IList<ScreenPoint> points,
        bool isClosed,
        OxyColor fill,
        OxyColor stroke,
        double thickness,
        EdgeRenderingMode mode,
        double[]? dashes,
        LineJoin join)
    {
        if (points.Count < 2)
        {
            return;
        }

        using var path = new SKPath();
        path.AddPoly([.. points.Select(point => new SKPoint((float)point.X, (float)point.Y))], isClosed);
        using var paint = new SKPaint { IsAntialias = mode != EdgeRenderingMode.PreferSharpness };
        if (fill.IsVisible())
        {
            paint.Color = Color(fill);
            _canvas.DrawPath(path, paint);
        }

        if (stroke.IsVisible() && thickness > 0)
        {
            (paint.Style, paint.Color, paint.StrokeWidth) = (SKPaintStyle.Stroke, Color(stroke), (float)thickness);
            paint.StrokeJoin = join switch
            {
                LineJoin.Round => SKStrokeJoin.Round,
                LineJoin.Bevel => SKStrokeJoin.Bevel,
                _ => SKStrokeJoin.Miter,
            };
            using SKPathEffect? dash = dashes is null
                ? null
                : SKPathEffect.CreateDash([.. dashes.Select(length => (float)(length * thickness))], 0);
            paint.PathEffect = dash;
            _canvas.DrawPath(path, paint);
        }
    }
}
