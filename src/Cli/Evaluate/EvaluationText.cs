using SpanRnn.Cli.Output;
using SpanRnn.Cli.Sequences;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Evaluate;

/// <summary>Figures of one evaluation beyond the main one, as tables.</summary>
internal static class EvaluationText
{
    // A confusion matrix of more classes is wider than any terminal.
    private const int MostConfused = 25;

    public static void Write(SequenceTask task, SequenceEvaluation evaluation, Terminal terminal)
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

        terminal.WriteTable(["figure", "#value", "#95 % interval"], rows);
        if (evaluation.Classification is { } report)
        {
            WriteClasses(task, report, terminal);
        }
    }

    private static string Fixed(Estimate figure) =>
        !(figure.Low < figure.High) ? "-" : $"{Display.Fixed(figure.Low, 4)} to {Display.Fixed(figure.High, 4)}";

    private static void WriteClasses(SequenceTask task, ClassificationReport report, Terminal terminal)
    {
        int[] rows = new int[report.Classes];
        foreach (int label in report.Labels)
        {
            rows[label]++;
        }

        HashSet<int> predictedOnce = [.. report.Predicted];
        int[] present = [.. Enumerable.Range(0, report.Classes).Where(k => rows[k] > 0 || predictedOnce.Contains(k))];
        terminal.WriteTable(
            ["class", "#rows", "#precision", "#95 % interval", "#recall", "#95 % interval"],
            present.Select(k => new[]
            {
                task.Labels[k],
                Amount.Of(rows[k]),
                Figures.Share(report.Precision[k].Value),
                Figures.ShareInterval(report.Precision[k]),
                Figures.Share(report.Recall[k].Value),
                Figures.ShareInterval(report.Recall[k]),
            }));
        if (present.Length <= MostConfused)
        {
            terminal.WriteTable(
                ["label \\ predicted", .. present.Select(k => $"#{task.Labels[k]}")],
                present.Select(k => (string[])[task.Labels[k], .. present.Select(predicted => Amount.Of(report.Confusion(k, predicted)))]));
        }
    }
}
