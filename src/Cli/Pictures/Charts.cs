using System.Globalization;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Pictures;

/// <summary>The kinds of pictures: curves, bars with intervals, a confusion matrix, a calibration diagram.</summary>
internal static class Charts
{
    // Shares of color: most of a cell, so that letters are readable on it, and that of a bar beside the main one.
    private const double Strongest = 0.7;
    private const double Beside = 0.45;

    // With the room beside the plot.
    private const int PixelsPerLetter = 13;

    private const int LongestClass = 14;

    // Pixels of a cell of a matrix with room for a count.
    private const int NarrowestCount = 24;

    /// <summary>Draws curves over steps or epochs.</summary>
    /// <param name="title">The title.</param>
    /// <param name="horizontal">Title of the horizontal axis.</param>
    /// <param name="vertical">Title of the vertical axis.</param>
    /// <param name="curves">The curves.</param>
    /// <param name="isLog">True for a vertical axis of powers of ten; values of 0 are gaps.</param>
    public static Picture Curves(string title, string horizontal, string vertical, IReadOnlyList<Curve> curves, bool isLog = false) => new(
        $"{title}: {string.Join(", ", curves.Select(curve => curve.Name).Distinct())}, by {horizontal}",
        width => Math.Max(300, width * 11 / 20),
        (scheme, _) =>
        {
            PlotModel model = Model(title);
            Axis y = isLog
                ? new LogarithmicAxis { UseSuperExponentialFormat = false, StringFormat = "0e0" }
                : new LinearAxis { MinimumPadding = 0.05 };
            int steps = curves.Select(curve => curve.Values.Count - 1).DefaultIfEmpty(0).Max();
            model.Axes.Add(Styled(
                new LinearAxis { MinimumPadding = 0.01, MaximumPadding = 0.01, MinimumMajorStep = 1, MinimumRange = Math.Max(1, steps) },
                AxisPosition.Bottom,
                horizontal,
                scheme));
            model.Axes.Add(Styled(y, AxisPosition.Left, vertical, scheme));
            model.Legends.Add(Legend(scheme));
            HashSet<string> named = [];
            foreach (Curve curve in curves)
            {
                bool isSingle = curve.Values.Count == 1;
                var series = new LineSeries
                {
                    Title = Picture.Label(curve.Name),
                    Color = scheme.Series[curve.Color],
                    StrokeThickness = curve.IsDashed ? 1.5 : 2,
                    LineStyle = curve.IsDashed ? LineStyle.Dash : LineStyle.Solid,
                    LineJoin = LineJoin.Round,
                    MarkerType = isSingle ? MarkerType.Circle : MarkerType.None,
                    MarkerFill = scheme.Series[curve.Color],
                    RenderInLegend = !curve.IsDashed && named.Add(curve.Name),
                };
                for (int i = 0; i < curve.Values.Count; i++)
                {
                    double value = curve.Values[i];
                    series.Points.Add(
                        double.IsFinite(value) && (value > 0 || !isLog) ? new DataPoint(curve.First + i, value) : DataPoint.Undefined);
                }

                model.Series.Add(series);
            }

            return model;
        });

    /// <summary>Draws bars from 0, each with its interval and its figure beside it.</summary>
    /// <param name="title">The title.</param>
    /// <param name="axis">Title of the axis.</param>
    /// <param name="bars">The bars, from above.</param>
    /// <param name="isShare">True for shares, which the axis has in percent.</param>
    public static Picture Bars(string title, string axis, IReadOnlyList<Bar> bars, bool isShare) => new(
        $"{title}: {string.Join("; ", bars.Select(bar => $"{bar.Name} {bar.Text}"))}",
        _ => 110 + (30 * bars.Count),
        (scheme, _) =>
        {
            PlotModel model = Model(title);
            double scale = isShare ? 100 : 1;
            double most = bars.Max(bar => Most(bar.Figure));
            var names = new CategoryAxis { StartPosition = 1, EndPosition = 0, GapWidth = 0.5 };
            names.Labels.AddRange(bars.Select(bar => Picture.Label(bar.Name, 18)));
            model.Axes.Add(Styled(names, AxisPosition.Left, string.Empty, scheme));
            names.MajorGridlineStyle = LineStyle.None;
            model.Axes.Add(Styled(
                new LinearAxis
                {
                    Minimum = Math.Min(0, scale * bars.Min(bar => Least(bar.Figure))),
                    Maximum = most > 0 ? scale * most * 1.35 : 1,

                    // Room for the figures, but no share above all.
                    LabelFormatter = isShare ? value => value > 100 ? string.Empty : $"{value:0.##}" : null,
                },
                AxisPosition.Bottom,
                axis,
                scheme));
            var lengths = new BarSeries();
            var whiskers = new LineSeries { Color = scheme.Text, StrokeThickness = 1.5 };
            const double Half = 0.12;
            for (int i = 0; i < bars.Count; i++)
            {
                Estimate figure = bars[i].Figure;
                double value = double.IsFinite(figure.Value) ? scale * figure.Value : 0;
                lengths.Items.Add(new BarItem(value) { Color = scheme.Tint(bars[i].IsMain ? 1 : Beside) });
                if (figure.Low < figure.High)
                {
                    (double low, double high) = (scale * figure.Low, scale * figure.High);
                    foreach ((double fromX, double fromY, double toX, double toY) in new[]
                    {
                        (low, 0, high, 0), (low, -Half, low, Half), (high, -Half, high, Half),
                    })
                    {
                        whiskers.Points.AddRange([new DataPoint(fromX, i + fromY), new DataPoint(toX, i + toY), DataPoint.Undefined]);
                    }
                }

                model.Annotations.Add(new TextAnnotation
                {
                    Text = bars[i].Text,
                    TextPosition = new DataPoint(scale * Math.Max(0, Most(figure)), i),
                    TextHorizontalAlignment = HorizontalAlignment.Left,
                    TextVerticalAlignment = VerticalAlignment.Middle,
                    Offset = new ScreenVector(4, 0),
                    Stroke = OxyColors.Undefined,
                    TextColor = scheme.Text,
                });
            }

            model.Series.Add(lengths);
            model.Series.Add(whiskers);
            return model;
        });

    /// <summary>Draws a confusion matrix; a cell is the darker the larger its share of its row is.</summary>
    /// <param name="labels">Names of the classes.</param>
    /// <param name="count">Rows of a label that were predicted as a class.</param>
    public static Picture Matrix(IReadOnlyList<string> labels, Func<int, int, int> count) => new(
        $"Confusion matrix of {labels.Count} classes",
        width => Math.Min(width, 130 + (Math.Max(2, labels.Count) * 44)),
        (scheme, width) =>
        {
            PlotModel model = Model("Confusion matrix");
            bool isTight = labels.Max(label => Math.Min(label.Length, LongestClass)) * labels.Count > width / PixelsPerLetter;
            model.Axes.Add(Styled(Classes(labels, isVertical: false, isTight), AxisPosition.Bottom, "predicted", scheme));
            model.Axes.Add(Styled(Classes(labels, isVertical: true, isTight), AxisPosition.Left, "label", scheme));
            foreach (Axis axis in model.Axes)
            {
                axis.MajorGridlineStyle = LineStyle.None;
            }

            for (int row = 0; row < labels.Count; row++)
            {
                double all = Enumerable.Range(0, labels.Count).Sum(column => (double)count(row, column));
                for (int column = 0; column < labels.Count; column++)
                {
                    int own = count(row, column);
                    double share = all > 0 ? own / all : 0;
                    model.Annotations.Add(new RectangleAnnotation
                    {
                        MinimumX = column - 0.5,
                        MaximumX = column + 0.5,
                        MinimumY = row - 0.5,
                        MaximumY = row + 0.5,
                        Fill = scheme.Tint(Strongest * share),
                        Stroke = scheme.Grid,
                        StrokeThickness = 1,
                        Text = width / labels.Count >= NarrowestCount ? own.ToString(CultureInfo.InvariantCulture) : null,
                        TextColor = scheme.Text,
                    });
                }
            }

            return model;
        });

    /// <summary>Draws how often predictions are right by how sure they are; the larger a circle, the more rows it has.</summary>
    public static Picture Calibration(IReadOnlyList<CalibrationBin> bins) => new(
        "Calibration: share of right predictions by their probability",
        width => Math.Min(width, 400),
        (scheme, _) =>
        {
            PlotModel model = Model("Calibration");
            foreach ((AxisPosition position, string of) in new[]
            {
                (AxisPosition.Bottom, "probability of the predicted class"), (AxisPosition.Left, "share of right predictions"),
            })
            {
                model.Axes.Add(Styled(new LinearAxis { Minimum = -0.05, Maximum = 1.05, MajorStep = 0.2 }, position, of, scheme));
            }

            var ideal = new LineSeries { Color = scheme.Text, LineStyle = LineStyle.Dash, StrokeThickness = 1 };
            ideal.Points.AddRange([new DataPoint(0, 0), new DataPoint(1, 1)]);
            model.Series.Add(ideal);
            var circles = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerFill = OxyColor.FromAColor(200, scheme.Series[0]) };
            double most = bins.Max(bin => bin.Rows);
            circles.Points.AddRange(bins
                .Where(bin => bin.Rows > 0)
                .Select(bin => new ScatterPoint(bin.Probability, bin.Accuracy, 3 + (9 * Math.Sqrt(bin.Rows / most)))));
            model.Series.Add(circles);
            return model;
        });

    private static double Most(Estimate figure) =>
        new[] { figure.Value, figure.High }.Where(double.IsFinite).DefaultIfEmpty(0).Max();

    private static double Least(Estimate figure) =>
        new[] { figure.Value, figure.Low }.Where(double.IsFinite).DefaultIfEmpty(0).Min();

    private static PlotModel Model(string title) => new() { Title = Picture.Label(title, 60), Culture = CultureInfo.InvariantCulture };

    private static CategoryAxis Classes(IReadOnlyList<string> labels, bool isVertical, bool isTight)
    {
        var axis = new CategoryAxis { GapWidth = 0, Angle = !isVertical && isTight ? -45 : 0 };
        (axis.StartPosition, axis.EndPosition) = isVertical ? (1, 0) : (0, 1);
        (axis.Minimum, axis.Maximum) = (-0.5, labels.Count - 0.5);
        axis.Labels.AddRange(labels.Select(label => Picture.Label(label, LongestClass)));
        return axis;
    }

    private static Axis Styled(Axis axis, AxisPosition position, string title, Scheme scheme)
    {
        axis.Position = position;
        axis.Title = title;
        axis.AxisTitleDistance = 8;
        axis.TextColor = scheme.Text;
        axis.TitleColor = scheme.Text;
        axis.TicklineColor = scheme.Grid;
        axis.IntervalLength = 45;
        axis.MinorTickSize = 0;
        axis.MajorTickSize = 4;
        axis.MajorGridlineStyle = LineStyle.Solid;
        axis.MajorGridlineColor = scheme.Grid;
        return axis;
    }

    private static Legend Legend(Scheme scheme) => new()
    {
        LegendPlacement = LegendPlacement.Outside,
        LegendPosition = LegendPosition.TopLeft,
        LegendOrientation = LegendOrientation.Horizontal,
        LegendTextColor = scheme.Text,
        LegendPadding = 4, // what hangs below the line of letters
        LegendMargin = 4,
        LegendItemSpacing = 16,
        LegendLineSpacing = 6,
    };
}
