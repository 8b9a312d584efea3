using SpanRnn.Cli.Arrays;

namespace SpanRnn.Cli.Convert;

/// <summary>Differences between the arrays of a model and those in another format: names, axes, and sequences with lengths.</summary>
internal static class ConvertedPorts
{
    /// <summary>Lists the inputs and outputs that the new file does not have.</summary>
    public static IEnumerable<string> Missing(RecurrentModel model, RecurrentModel written)
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

    /// <summary>Lists the inputs and outputs with another name or other axes, and what sequences with lengths give.</summary>
    public static IEnumerable<string> Changed(RecurrentModel model, RecurrentModel written)
    {
        IEnumerable<(ModelPort Old, ModelPort[] New)> pairs =
        [
            .. model.Inputs.Select(port => (port, Find(port, written.Inputs))),
            .. model.Outputs.Select(port => (port, Find(port, written.Outputs))),
        ];
        foreach ((ModelPort old, ModelPort[] now) in pairs)
        {
            // A port of several states may become several, or the other way round.
            if (now.Length > 0 && (now.Length > 1 || old.Name != now[0].Name || old.Axes != now[0].Axes))
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
