using System.Text;

namespace SpanRnn.Cli.Output;

/// <summary>Charts of plain text.</summary>
internal static class TextCharts
{
    private const string Heights = "▁▂▃▄▅▆▇█";

    /// <summary>Draws a curve as one line.</summary>
    /// <param name="values">At least one value; a gap where one is NaN or infinite.</param>
    /// <param name="least">The value of the lowest block.</param>
    /// <param name="most">The value of the highest block.</param>
    /// <param name="width">Most characters.</param>
    public static string Line(IReadOnlyList<double> values, double least, double most, int width)
    {
        int count = Math.Clamp(values.Count, 1, width);
        return string.Concat(Enumerable.Range(0, count).Select(i =>
        {
            double value = values[(int)((long)i * (values.Count - 1) / Math.Max(1, count - 1))];
            double height = (value - least) / Math.Max(most - least, double.Epsilon);
            return double.IsFinite(value) ? Heights[(int)Math.Clamp(height * Heights.Length, 0, Heights.Length - 1)] : ' ';
        }));
    }

    /// <summary>Draws bars from 0 with their intervals, which are the lighter parts, and the values behind them.</summary>
    /// <param name="bars">Names, values of 0 or more, the ends of their intervals, and the values as text.</param>
    /// <param name="width">Most characters of a line.</param>
    public static IEnumerable<string> Bars(IReadOnlyList<(string Name, double Value, double Low, double High, string Text)> bars, int width)
    {
        int names = Math.Min(width / 3, bars.Max(bar => bar.Name.Length));
        int texts = bars.Max(bar => bar.Text.Length);
        int room = Math.Max(1, width - names - texts - 2);
        double most = bars.Max(bar => Math.Max(End(bar.Value), End(bar.High)));
        foreach ((string name, double value, double low, double high, string text) in bars)
        {
            int Cells(double end) => most > 0 ? (int)Math.Round(room * Math.Clamp(End(end) / most, 0, 1)) : 0;
            (int full, int from, int to) = low < high ? (Cells(value), Cells(low), Cells(high)) : (Cells(value), int.MaxValue, 0);
            var line = new StringBuilder();
            for (int i = 0; i < room; i++)
            {
                line.Append(i < full ? i >= from ? '▓' : '█' : i < to ? '░' : ' ');
            }

            string shown = Display.Printable(name.Length > names ? $"{name[..(names - 1)]}…" : name);
            yield return $"{shown.PadRight(names)} {line} {text.PadLeft(texts)}".TrimEnd();
        }
    }

    private static double End(double value) => double.IsFinite(value) ? value : 0;
}
