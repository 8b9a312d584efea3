using SpanRnn.Cli.Output;
using SpanRnn.Cli.Pictures;
using SpanRnn.Cli.Reports;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Sequences;

/// <summary>Evaluations as parts of a page, as pictures, and as charts of plain text.</summary>
internal static class EvaluationPage
{
    /// <summary>Adds the figures of one evaluation: the main one beside baselines, all others, and how predictions go wrong.</summary>
    public static void Add(ReportPage page, SequenceTask task, SequenceEvaluation evaluation)
    {
        AddMain(page, [evaluation]);
        foreach ((string[] columns, IEnumerable<string[]> rows) in EvaluationTables.Of(task, evaluation))
        {
            page.Table(columns, rows);
        }

        if (evaluation.Classification is { } report)
        {
            int[] present = EvaluationTables.Present(report);
            page.Heading("Confusion matrix");
            if (present.Length > EvaluationTables.MostConfused)
            {
                page.Paragraph($"{Amount.Of(present.Length)} classes are too many for a matrix; the table above has each.");
            }
            else
            {
                page.Matrix([.. present.Select(k => task.Labels[k])], (row, column) => report.Confusion(present[row], present[column]));
            }

            page.Heading("Calibration");
            page.Paragraph(
                "Predictions by the probability of the predicted class. On the dashed line, of those with 80 % eight of ten are right; "
                + "below it the network is too sure. Larger circles have more rows.");
            page.Add(Charts.Calibration(report.CalibrationBins));
        }
    }

    /// <summary>Adds the main figure of evaluations of one task beside those of the baselines.</summary>
    public static void AddMain(ReportPage page, IReadOnlyList<SequenceEvaluation> evaluations)
    {
        page.Heading("Figures");
        page.Add(Bars(evaluations));
        (string[] columns, List<string[]> rows) = Figures.MainTable(evaluations);
        page.Table(columns, rows);
        if (evaluations[0].Baselines.Count > 0)
        {
            page.Paragraph("The baselines predict the same sequences: a network that is no better than they are has learned nothing more.");
        }
    }

    /// <summary>Makes the main picture of an evaluation: the confusion matrix of few classes, or the bars.</summary>
    public static Picture MainPicture(SequenceTask task, SequenceEvaluation evaluation) =>
        evaluation.Classification is { } report && EvaluationTables.Present(report) is { Length: <= EvaluationTables.MostConfused } present
            ? Charts.Matrix(
                [.. present.Select(k => task.Labels[k])], (row, column) => report.Confusion(present[row], present[column]))
            : Bars([evaluation]);

    /// <summary>Makes bars of the main figure of a network and the baselines: of one evaluation, or the means of several.</summary>
    public static Picture Bars(IReadOnlyList<SequenceEvaluation> evaluations)
    {
        SequenceEvaluation first = evaluations[0];
        bool isShare = first.Classification is not null;
        string better = isShare ? "more is better" : "less is better";
        string whiskers = evaluations.Count == 1 ? " and 95 % interval" : $": mean, least and most of {evaluations.Count} runs";
        return Charts.Bars(
            $"{char.ToUpperInvariant(first.MainName[0])}{first.MainName[1..]}{whiskers}",
            isShare ? $"{first.MainName} [%], {better}" : $"{first.MainName}, {better}",
            [.. Rows(evaluations)],
            isShare);
    }

    /// <summary>Writes the same bars as plain text.</summary>
    public static void WriteBars(IReadOnlyList<SequenceEvaluation> evaluations, Terminal terminal)
    {
        terminal.WriteBars(Rows(evaluations).Select(bar => (bar.Name, bar.Figure.Value, bar.Figure.Low, bar.Figure.High, bar.Text)));
    }

    private static IEnumerable<Bar> Rows(IReadOnlyList<SequenceEvaluation> evaluations)
    {
        SequenceEvaluation first = evaluations[0];
        yield return Row("network", isMain: true, evaluation => evaluation.Main);
        for (int i = 0; i < first.Baselines.Count; i++)
        {
            int baseline = i;
            yield return Row(first.Baselines[i].Name, isMain: false, evaluation => evaluation.Baselines[baseline].Figure);
        }

        Bar Row(string name, bool isMain, Func<SequenceEvaluation, Estimate> figureOf)
        {
            Estimate own = figureOf(first);
            if (evaluations.Count > 1)
            {
                double[] values = [.. evaluations.Select(evaluation => figureOf(evaluation).Value)];
                own = new Estimate(values.Average(), values.Min(), values.Max());
            }

            return new Bar(name, own, Figures.Value(first, own.Value), isMain);
        }
    }
}
