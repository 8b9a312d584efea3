using System.Globalization;
using System.Text.Json;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Cli.Sequences;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Predict;

/// <summary>
/// Predictions as lines: fields with tabs between them, or JSON. A line that is wrong gives an empty one, and a sentence.
/// </summary>
internal sealed class PredictionLines(SequenceModel model, int top, bool asJson, Terminal terminal)
{
    /// <summary>Predicts line by line.</summary>
    /// <returns>The exit code: a failure if any line was wrong.</returns>
    public int Write(string name, IEnumerable<SequenceRecord> records)
    {
        int code = ExitCode.Success;
        foreach ((string? identifier, string sequence, _, int line) in records)
        {
            string written = string.Empty;
            try
            {
                SequencePrediction prediction = model.Predict(sequence);
                written = asJson ? Json(line, identifier, prediction) : Text(prediction);
            }
            catch (ArgumentException e)
            {
                code = ExitCode.Failure;
                string sentence = Display.Sentence(e);
                terminal.WriteError($"'{name}', line {line}: {sentence}");
                written = asJson ? Error(line, sentence) : string.Empty;
            }

            terminal.Output.WriteLine(written);
        }

        return code;
    }

    private static string Probability(float p) => p.ToString("0.0000", CultureInfo.InvariantCulture);

    // A field must not have the mark between fields, nor look empty.
    private static string Field(string label) => label switch
    {
        " " => "<space>",
        "\t" => "<tab>",
        _ => Display.Printable(label),
    };

    private string Text(SequencePrediction prediction)
    {
        if (prediction.Value is { } value)
        {
            return value.ToString("G9", CultureInfo.InvariantCulture);
        }

        if (model.Task.Kind == TaskKind.Tag)
        {
            IEnumerable<string> probabilities = Enumerable.Range(0, prediction.Count)
                .Select(i => Probability(prediction.Top(1, i)[0].Probability));
            return $"{Display.Printable(prediction.Label)}\t{string.Join(' ', probabilities)}";
        }

        return string.Join('\t', prediction.Top(top).Select(label => $"{Field(label.Label)}\t{Probability(label.Probability)}"));
    }

    private string Json(int line, string? identifier, SequencePrediction prediction) => JsonLine.Of(json =>
    {
        json.WriteNumber("line", line);
        if (identifier is not null)
        {
            json.WriteString("id", identifier);
        }

        if (prediction.Value is { } value)
        {
            json.WriteNumber("value", value);
            return;
        }

        if (model.Task.Kind != TaskKind.Tag)
        {
            WriteLabels(json, prediction, 0);
            return;
        }

        json.WriteStartArray("symbols");
        for (int i = 0; i < prediction.Count; i++)
        {
            json.WriteStartObject();
            WriteLabels(json, prediction, i);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private void WriteLabels(Utf8JsonWriter json, SequencePrediction prediction, int place)
    {
        IReadOnlyList<(string Label, float Probability)> labels = prediction.Top(top, place);
        json.WriteString("label", labels[0].Label);
        json.WriteNumber("probability", labels[0].Probability);
        if (top > 1)
        {
            json.WriteStartArray("top");
            foreach ((string label, float probability) in labels)
            {
                json.WriteStartObject();
                json.WriteString("label", label);
                json.WriteNumber("probability", probability);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static string Error(int line, string sentence) => JsonLine.Of(json =>
    {
        json.WriteNumber("line", line);
        json.WriteString("error", sentence);
    });
}
