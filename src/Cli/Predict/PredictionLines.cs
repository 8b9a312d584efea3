using System.Globalization;
using System.Text;
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
    private static readonly string[] _tables = [".csv", ".tsv", ".tab"];

    /// <summary>Opens a file or a pipe.</summary>
    public static Stream Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder, expected a file of sequences.");
        }

        return File.Exists(path)
            ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
            : throw new FileNotFoundException($"'{path}' does not exist, expected a file of sequences.");
    }

    /// <summary>True for a table, whose rows are records.</summary>
    public static bool IsTable(string path) => _tables.Contains(FileEnding.Of(path));

    /// <summary>Puts the lines of FASTA together: a record is whole when the next one begins. Lines of text stay what they are.</summary>
    public static IEnumerable<(int Line, string? Identifier, string Text)> Records(IEnumerable<(int Line, string Text)> lines)
    {
        bool isFasta = false;
        bool isFirst = true;
        (int Line, string Identifier, StringBuilder Text)? record = null;
        foreach ((int line, string text) in lines)
        {
            if (isFirst && text.Length > 0)
            {
                (isFasta, isFirst) = (text[0] == '>', false);
            }

            if (!isFasta)
            {
                yield return (line, null, text);
            }
            else if (text.StartsWith('>'))
            {
                if (record is var (start, identifier, whole))
                {
                    yield return (start, identifier, whole.ToString());
                }

                record = (line, text[1..].Trim().Split((char[]?)null, 2)[0], new StringBuilder());
            }
            else
            {
                record!.Value.Text.Append(text.Trim());
            }
        }

        if (record is var (last, name, rest))
        {
            yield return (last, name, rest.ToString());
        }
    }

    /// <summary>Predicts line by line.</summary>
    /// <returns>The exit code: a failure if any line was wrong.</returns>
    public int Write(string name, IEnumerable<(int Line, string? Identifier, string Text)> lines)
    {
        int code = ExitCode.Success;
        foreach ((int line, string? identifier, string text) in lines)
        {
            string written = string.Empty;
            try
            {
                SequencePrediction prediction = model.Predict(text);
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
