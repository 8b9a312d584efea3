using System.Text.Json;
using SpanRnn.Cli.Sequences;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Compare;

/// <summary>A comparison as one object of JSON.</summary>
internal static class CompareJson
{
    public static string Of(SequenceTask task, CellComparison comparison) => JsonLine.Of(json =>
    {
        IReadOnlyList<ComparedNetwork> alike = comparison.BestOf(comparison.Networks);
        json.WriteString("task", task.Kind.ToString().ToLowerInvariant());
        json.WriteString("score", comparison.ScoreName);
        json.WriteBoolean("lower_is_better", comparison.IsLowerBetter);
        json.WriteNumber("epochs", comparison.Epochs);
        json.WriteNumber("usual_epochs", comparison.UsualEpochs);
        json.WriteStartArray("seeds");
        foreach (ulong seed in comparison.Seeds)
        {
            json.WriteNumberValue(seed);
        }

        json.WriteEndArray();
        json.WriteStartArray("networks");
        foreach (ComparedNetwork network in comparison.Networks)
        {
            Write(json, comparison, network, alike);
        }

        json.WriteEndArray();
    });

    private static void Write(
        Utf8JsonWriter json, CellComparison comparison, ComparedNetwork network, IReadOnlyList<ComparedNetwork> alike)
    {
        Estimate worse = comparison.WorseBy(alike[0], network);
        json.WriteStartObject();
        json.WriteString("cell", CellNames.Option(network.Cell));
        json.WriteNumber("units", network.HiddenSize);
        json.WriteNumber("parameters", network.Parameters);
        json.WriteBoolean("equal_hidden_size", comparison.EqualHiddenSize.Contains(network));
        json.WriteBoolean("equal_parameters", comparison.EqualParameters.Contains(network));
        json.WriteStartArray("scores");
        foreach (double score in network.Scores)
        {
            json.WriteNumberValue(score);
        }

        json.WriteEndArray();
        JsonLine.WriteNumber(json, "mean", network.Mean);
        JsonLine.WriteNumber(json, "deviation", network.Deviation);
        json.WriteStartObject("worse_than_best");
        JsonLine.WriteNumber(json, "mean", worse.Value);
        JsonLine.WriteNumber(json, "low", worse.Low);
        JsonLine.WriteNumber(json, "high", worse.High);
        json.WriteEndObject();
        json.WriteBoolean("best", network == alike[0]);
        json.WriteBoolean("within_spread", alike.Contains(network));
        json.WriteNumber("training_seconds", network.TrainingTime.TotalSeconds);
        json.WriteNumber("step_microseconds", network.StepNanoseconds / 1e3);
        json.WriteNumber("stream_bytes", network.StreamBytes);
        json.WriteNumber("weight_bytes", network.WeightBytes);
        json.WriteEndObject();
    }
}
