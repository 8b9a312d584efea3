using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Sequences;

/// <summary>Figures of one evaluation beyond the main one, as tables. A column named with a leading "#" holds numbers.</summary>
internal static class EvaluationTables
{
    /// <summary>A confusion matrix of more classes is wider than any terminal.</summary>
    public const int MostConfused = 25;

    /// <summary>Makes the tables of all figures and, where labels are predicted, of all classes.</summary>
    public static IEnumerable<(string[] Columns, IEnumerable<string[]> Rows)> Of(SequenceTask task, SequenceEvaluation evaluation)
    {
        yield return (["figure", "#value", "#95 % interval"], FigureRows(evaluation));
        if (evaluation.Classification is { } report)
        {
            int[] rows = new int[report.Classes];
            foreach (int label in report.Labels)
            {
                rows[label]++;
            }

            yield return (
                ["class", "#rows", "#precision", "#95 % interval", "#recall", "#95 % interval"],
                Present(report).Select(k => new[]
                {
                    task.Labels[k],
                    Amount.Of(rows[k]),
                    Figures.Share(report.Precision[k].Value),
                    Figures.ShareInterval(report.Precision[k]),
                    Figures.Share(report.Recall[k].Value),
                    Figures.ShareInterval(report.Recall[k]),
                }));
        }
    }

    /// <summary>Finds the classes that a row has or was predicted as, which have rows and columns in a confusion matrix.</summary>
    public static int[] Present(ClassificationReport report) => [.. report.Labels.Concat(report.Predicted).Distinct().Order()];

    /// <summary>Writes all tables, and the confusion matrix unless it is too wide.</summary>
    public static void Write(SequenceTask task, SequenceEvaluation evaluation, Terminal terminal)
    {
        foreach ((string[] columns, IEnumerable<string[]> rows) in Of(task, evaluation))
        {
            terminal.WriteTable(columns, rows);
        }

        if (evaluation.Classification is { } report && Present(report) is { Length: <= MostConfused } present)
        {
            terminal.WriteTable(
                ["label \\ predicted", .. present.Select(k => $"#{task.Labels[k]}")],
                present.Select(k => (string[])[task.Labels[k], .. present.Select(predicted => Amount.Of(report.Confusion(k, predicted)))]));
        }
    }

    private static List<string[]> FigureRows(SequenceEvaluation evaluation)
    {
        List<string[]> rows = [["sequences", Amount.Of(evaluation.Sequences), string.Empty]];
        if (evaluation.Classification is { } classes)
        {
            rows.Add(["AUC", double.IsNaN(classes.Auc.Value) ? "-" : Display.Fixed(classes.Auc.Value, 4), Fixed(classes.Auc)]);
            rows.Add(["calibration error", Display.Fixed(classes.CalibrationError.Value, 4), Fixed(classes.CalibrationError)]);
        }
        else if (evaluation.Likelihood is { } likelihood)
        {
            rows.Add(["perplexity", Figures.Number(likelihood.Perplexity.Value), Figures.NumberInterval(likelihood.Perplexity)]);
            if (evaluation.ExactAnswers is { } exact)
            {
                rows.Add(["answers exactly right", Figures.Share(exact.Value), Figures.ShareInterval(exact)]);
            }
        }
        else if (evaluation.Regression is { } regression)
        {
            rows.Add(
                ["mean absolute error", Figures.Number(regression.MeanAbsolute.Value), Figures.NumberInterval(regression.MeanAbsolute)]);
            rows.Add(["R²", Figures.Number(regression.Explained.Value), Figures.NumberInterval(regression.Explained)]);
        }

        return rows;
    }

    private static string Fixed(Estimate figure) =>
        !(figure.Low < figure.High) ? "-" : $"{Display.Fixed(figure.Low, 4)} to {Display.Fixed(figure.High, 4)}";
}
