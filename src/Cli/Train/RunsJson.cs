using SpanRnn.Cli.Sequences;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Train;

/// <summary>Result of a training on sequences as one object of JSON.</summary>
internal static class RunsJson
{
    /// <summary>Makes the line.</summary>
    /// <param name="task">The task.</param>
    /// <param name="runs">Runs that were evaluated.</param>
    /// <param name="model">File of the model; null for none.</param>
    public static string Of(SequenceTask task, IReadOnlyList<CrossValidationRun> runs, string? model) => JsonLine.Of(json =>
    {
        json.WriteString("task", task.Kind.ToString().ToLowerInvariant());
        json.WriteString("model", model);
        json.WriteStartArray("runs");
        foreach (CrossValidationRun run in runs)
        {
            json.WriteStartObject();
            json.WriteNumber("seed", run.Seed);
            if (model is null)
            {
                json.WriteNumber("fold", run.Fold + 1);
            }

            json.WriteNumber("epochs", run.Epochs);
            EvaluationJson.Write(json, task, run.Evaluation);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
