using System.Globalization;
using SpanRnn.Cli.Output;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Sequences;

/// <summary>Figures of evaluations as text.</summary>
internal static class Figures
{
    /// <summary>Writes the main figure: accuracy 95.3 %, 2.123 bits per symbol, root mean square error 0.0312.</summary>
    public static string Headline(SequenceEvaluation evaluation) =>
        $"{evaluation.MainName} {Value(evaluation, evaluation.Main.Value)}";

    /// <summary>Writes a figure of the kind of the main one.</summary>
    public static string Value(SequenceEvaluation evaluation, double value) =>
        evaluation.Classification is not null ? Share(value) : Number(value);

    /// <summary>
    /// Writes the interval of a figure of the kind of the main one. Where all data sets that were drawn have the same figure, such as 40 of
    /// 40 right or a single sequence, the bootstrap knows no interval.
    /// </summary>
    public static string Interval(SequenceEvaluation evaluation, Estimate figure) => evaluation.Classification is not null
        ? ShareInterval(figure)
        : NumberInterval(figure);

    public static string Share(double value) => double.IsNaN(value) ? "-" : Display.Percent(value);

    public static string ShareInterval(Estimate figure) =>
        !(figure.Low < figure.High) ? "-" : $"{Display.Fixed(100 * figure.Low, 1)} to {Display.Fixed(100 * figure.High, 1)} %";

    public static string Number(double value) => double.IsNaN(value) ? "-" : Display.Number(value);

    public static string NumberInterval(Estimate figure) =>
        !(figure.Low < figure.High) ? "-" : $"{Display.Number(figure.Low)} to {Display.Number(figure.High)}";

    /// <summary>Writes 12.3 s, 4 min 05 s or 2 h 30 min.</summary>
    public static string Time(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{Display.Fixed(time.TotalSeconds, 1)} s",
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min"),
    };

    /// <summary>
    /// Makes the table of the main figure of evaluations beside those of the baselines: one with intervals, several with mean and standard
    /// deviation.
    /// </summary>
    /// <param name="evaluations">The evaluations of one task, at least one.</param>
    /// <returns>The columns, with a leading "#" if they hold numbers, and the rows.</returns>
    public static (string[] Columns, List<string[]> Rows) MainTable(IReadOnlyList<SequenceEvaluation> evaluations)
    {
        SequenceEvaluation first = evaluations[0];
        bool isOne = evaluations.Count == 1;
        List<string[]> rows = [Row("network", evaluation => evaluation.Main)];
        for (int i = 0; i < first.Baselines.Count; i++)
        {
            int baseline = i;
            rows.Add(Row(first.Baselines[i].Name, evaluation => evaluation.Baselines[baseline].Figure));
        }

        return (
            isOne
                ? ["model", $"#{first.MainName}", "#95 % interval"]
                : ["model", $"#{first.MainName}", "#standard deviation", "#least", "#most"],
            rows);

        string[] Row(string name, Func<SequenceEvaluation, Estimate> figure)
        {
            if (isOne)
            {
                return [name, Value(first, figure(first).Value), Interval(first, figure(first))];
            }

            double[] values = [.. evaluations.Select(evaluation => figure(evaluation).Value)];
            double mean = values.Average();
            double deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
            return
            [
                name,
                Value(first, mean),
                first.Classification is not null ? $"{Display.Fixed(100 * deviation, 1)} points" : Display.Number(deviation),
                Value(first, values.Min()),
                Value(first, values.Max()),
            ];
        }
    }

    /// <summary>Writes the same table.</summary>
    public static void WriteMain(IReadOnlyList<SequenceEvaluation> evaluations, Terminal terminal)
    {
        (string[] columns, List<string[]> rows) = MainTable(evaluations);
        terminal.WriteTable(columns, rows);
    }
}
