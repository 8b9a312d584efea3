using System.Text.Json;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Sequences;

/// <summary>All figures of an evaluation as members of an object of JSON; a figure of nothing is null.</summary>
internal static class EvaluationJson
{
    public static void Write(Utf8JsonWriter json, SequenceTask task, SequenceEvaluation evaluation)
    {
        json.WriteNumber("sequences", evaluation.Sequences);
        json.WriteString("score", evaluation.MainName);
        WriteEstimate(json, evaluation.Main);
        json.WriteStartArray("baselines");
        foreach (BaselineFigure baseline in evaluation.Baselines)
        {
            json.WriteStartObject();
            json.WriteString("name", baseline.Name);
            WriteEstimate(json, baseline.Figure);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (evaluation.Classification is { } classes)
        {
            WriteEstimate(json, "auc", classes.Auc);
            WriteEstimate(json, "calibration_error", classes.CalibrationError);
            WriteClasses(json, task, classes);
        }
        else if (evaluation.Likelihood is { } likelihood)
        {
            WriteEstimate(json, "perplexity", likelihood.Perplexity);
            if (evaluation.ExactAnswers is { } exact)
            {
                WriteEstimate(json, "exact_answers", exact);
            }
        }
        else if (evaluation.Regression is { } regression)
        {
            WriteEstimate(json, "mean_absolute_error", regression.MeanAbsolute);
            WriteEstimate(json, "r2", regression.Explained);
        }
    }

    private static void WriteClasses(Utf8JsonWriter json, SequenceTask task, ClassificationReport report)
    {
        json.WriteStartArray("classes");
        for (int k = 0; k < report.Classes; k++)
        {
            json.WriteStartObject();
            json.WriteString("label", task.Labels[k]);
            WriteEstimate(json, "precision", report.Precision[k]);
            WriteEstimate(json, "recall", report.Recall[k]);
            json.WriteStartArray("predicted_as");
            for (int predicted = 0; predicted < report.Classes; predicted++)
            {
                json.WriteNumberValue(report.Confusion(k, predicted));
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEstimate(Utf8JsonWriter json, string name, Estimate estimate)
    {
        json.WriteStartObject(name);
        WriteEstimate(json, estimate);
        json.WriteEndObject();
    }

    private static void WriteEstimate(Utf8JsonWriter json, Estimate estimate)
    {
        JsonLine.WriteNumber(json, "value", estimate.Value);
        JsonLine.WriteNumber(json, "low", estimate.Low);
        JsonLine.WriteNumber(json, "high", estimate.High);
    }
}
