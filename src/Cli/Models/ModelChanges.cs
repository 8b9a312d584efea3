using SpanRnn.Cli.Output;
using SpanRnn.Formats.Arrays;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;

namespace SpanRnn.Cli.Models;

/// <summary>Differences between a model and the file that is written of it: all that a reader of the new file cannot know.</summary>
internal static class ModelChanges
{
    /// <summary>Says in at most two sentences what is not in the new file and what is different in it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="bytes">The content of the new file.</param>
    /// <param name="path">Its name.</param>
    public static IEnumerable<string> Sentences(RecurrentModel model, byte[] bytes, string path)
    {
        RecurrentModel written;
        try
        {
            written = ModelFile.Load(bytes, path);
        }
        catch (ModelFormatException e) when (ModelNames.IsOnnx(path))
        {
            // Not every layer that is written as nodes of ONNX is found in them again.
            return [$"not compared, since this program does not read it back: {Display.Printable(e.Message)}"];
        }

        string[] lost = [.. Content(model, ModelNames.IsOnnx(path) ? [] : written.Metadata.Keys), .. Missing(model, written)];
        return new[] { Sentence("not in it", lost), Sentence("different in it", [.. Changed(model, written)]) }.OfType<string>();

        static string? Sentence(string title, string[] parts) =>
            parts.Length > 0 ? Display.Printable($"{title}: {string.Join("; ", parts)}.") : null;
    }

    // Content besides the network that no format written here has.
    private static IEnumerable<string> Content(RecurrentModel model, IEnumerable<string> kept)
    {
        string[] metadata = [.. model.Metadata.Keys.Where(key => key is not ("format" or "spanrnn") && !kept.Contains(key))];
        if (metadata.Contains("spanrnn_checkpoint"))
        {
            yield return "the optimizer's state and settings of training";
            yield break;
        }

        foreach (string part in model.Unused)
        {
            yield return part;
        }

        if (metadata.Length > 0)
        {
            yield return $"metadata {string.Join(", ", metadata)}";
        }

        if (model.FixedLengths is { } lengths)
        {
            yield return $"the lengths of the sequences, {string.Join(", ", lengths)}";
        }

        if (model.SampleRate is { } rate)
        {
            yield return FormattableString.Invariant($"the sample rate, {rate} Hz");
        }

        if (model.PrewarmSteps > 0)
        {
            yield return $"the {Amount.Of(model.PrewarmSteps, "step")} of zeros before the first step";
        }
    }

    // Inputs and outputs that the new file does not have.
    private static IEnumerable<string> Missing(RecurrentModel model, RecurrentModel written)
    {
        string[] inputs = [.. model.Inputs.Where(port => Find(port, written.Inputs).Length == 0).Select(port => port.Name)];
        if (inputs.Length > 0)
        {
            yield return $"initial states and lengths of sequences as inputs ({string.Join(", ", inputs)})";
        }

        if (!model.Outputs.Any(port => port.Kind == PortKind.Values))
        {
            yield return $"that {Ports.Principal(model.Outputs).Name} is a final state: in the new file it is hn, and y is every step";
        }
    }

    // Inputs and outputs with another name or other axes, and the results of sequences with lengths.
    private static IEnumerable<string> Changed(RecurrentModel model, RecurrentModel written)
    {
        IEnumerable<(ModelPort Old, ModelPort[] New)> pairs =
        [
            .. model.Inputs.Select(port => (port, Find(port, written.Inputs))),
            .. model.Outputs.Select(port => (port, Find(port, written.Outputs))),
        ];

        // The caller may have moved the head, and then y has the axes that were asked for.
        ModelPort? moved = model.Spec.IsManyToOne == written.Spec.IsManyToOne ? null : Ports.Principal(model.Outputs);
        foreach ((ModelPort old, ModelPort[] now) in pairs)
        {
            // A port of several states may become several, or the other way round.
            if (now.Length > 0 && (now.Length > 1 || old.Name != now[0].Name || (old.Axes != now[0].Axes && old != moved)))
            {
                yield return $"{old.Name} {old.Axes} is {string.Join(" and ", now.Select(port => $"{port.Name} {port.Axes}"))}";
            }
        }

        bool hasLengths = written.Inputs.Any(port => port.Kind == PortKind.Lengths)
            && (model.FixedLengths is not null || model.Inputs.Any(port => port.Kind == PortKind.Lengths));
        if (hasLengths && model.PaddingRow is not null && written.PaddingRow is null)
        {
            yield return "y is zero beyond the length of a sequence, and not what the layers make of zeros";
        }

        if (hasLengths && model.ZeroLengthGivesZeros != written.ZeroLengthGivesZeros)
        {
            yield return "a sequence of length 0 keeps its initial states, and does not end in zeros";
        }
    }

    private static ModelPort[] Find(ModelPort old, IReadOnlyList<ModelPort> ports)
    {
        return [.. ports.Where(port => port.Kind == old.Kind && (old.States.IsEmpty || Holds(port, old)))];

        static bool Holds(ModelPort port, ModelPort old)
        {
            foreach (StateSlot slot in old.States)
            {
                foreach (StateSlot other in port.States)
                {
                    if ((slot.Layer, slot.Direction, slot.Kind) == (other.Layer, other.Direction, other.Kind))
                    {
                        return true;
                    }
                }
            }

            return false;
        }
    }
}
