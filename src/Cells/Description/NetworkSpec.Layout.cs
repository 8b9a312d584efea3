using System.Diagnostics;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Checks and the layout of parameters and states.</content>
public sealed partial class NetworkSpec
{
    private const string EmbeddingName = "embedding.weights";
    private const string HeadWeightsName = "head.weights";
    private const string HeadBiasName = "head.bias";

    private static void Check(int inputSize, ReadOnlySpan<LayerSpec> layers, HeadSpec? head)
    {
        Guard.Positive(inputSize);
        if (layers.IsEmpty)
        {
            throw new ArgumentException("The network has no layers, expected at least one.", nameof(layers));
        }

        for (int i = 0; i < layers.Length; i++)
        {
            LayerSpec layer = layers[i] ?? throw new ArgumentException($"Layer {i} is null.", nameof(layers));
            if (layer.Problem(i == 0 ? null : layers[i - 1]) is { } problem)
            {
                throw new ArgumentException($"Layer {i}: {problem}.", nameof(layers));
            }
        }

        if (head is not null)
        {
            Guard.Positive(head.OutputSize, "head.OutputSize");
            if (Contradiction(head, inputSize, layers) is { } contradiction)
            {
                throw new ArgumentException($"The head {contradiction}.", nameof(head));
            }
        }
    }

    // The contradiction in a head, or null.
    private static string? Contradiction(HeadSpec head, int inputSize, ReadOnlySpan<LayerSpec> layers)
    {
        if (!Enum.IsDefined(head.Position))
        {
            return $"has the position {(int)head.Position}, expected one of HeadPosition's";
        }

        if (!Enum.IsDefined(head.Normalization))
        {
            return $"has the normalization {(int)head.Normalization}, expected one of Normalization's";
        }

        if (head.Activation.Problem() is { } problem)
        {
            return $"has an Activation that {problem}";
        }

        if (head.Skip < 0 || head.Skip > Math.Min(inputSize, head.OutputSize))
        {
            return $"has a skip of {head.Skip}, expected 0 to {Math.Min(inputSize, head.OutputSize)}, the smaller of inputs and outputs";
        }

        if (head.Skip > 0 && head.Position != HeadPosition.EveryStep)
        {
            return $"has the position {head.Position} and a skip of {head.Skip}, expected EveryStep or no skip: one output has many inputs";
        }

        return head.Position != HeadPosition.EveryStep && LastRecurrentOf(layers) < 0
            ? "is on the last step, expected on every step: no layer is recurrent, so there is no final state"
            : null;
    }

    // The last recurrent layer, or −1.
    private static int LastRecurrentOf(ReadOnlySpan<LayerSpec> layers)
    {
        int last = layers.Length - 1;
        while (last >= 0 && layers[last] is not RecurrentLayer)
        {
            last--;
        }

        return last;
    }

    private static string Name(int layer, Direction direction, ParameterRole role) =>
        $"layer{layer}.{(direction == Direction.Forward ? "forward" : "reverse")}.{role switch
        {
            ParameterRole.InputWeights => "input_weights",
            ParameterRole.RecurrentWeights => "recurrent_weights",
            ParameterRole.InputBias => "input_bias",
            ParameterRole.RecurrentBias => "recurrent_bias",
            ParameterRole.ProjectionWeights => "projection_weights",
            ParameterRole.Peepholes => "peepholes",
            ParameterRole.InitialHidden => "initial_hidden",
            ParameterRole.InitialCell => "initial_cell",
            ParameterRole.Scale => "scale",
            ParameterRole.Shift => "shift",
            _ => throw new UnreachableException(),
        }}";

    private ParameterLayout LayOutParameters()
    {
        var shapes = new List<(string Name, int Rows, int Columns)>();
        if (Embedding is not null)
        {
            shapes.Add((EmbeddingName, Embedding.Symbols, Embedding.Size));
        }

        for (int i = 0; i < _layers.Length; i++)
        {
            foreach (Direction d in _layers[i].Directions)
            {
                foreach ((ParameterRole role, int rows, int columns) in _layers[i].ParametersOf(d, _inputSizes[i]))
                {
                    shapes.Add((Name(i, d, role), rows, columns));
                }
            }
        }

        if (Head is not null)
        {
            shapes.Add((HeadWeightsName, Head.OutputSize, _inputSizes[^1]));
            if (Head.Bias)
            {
                shapes.Add((HeadBiasName, Head.OutputSize, 1));
            }
        }

        return new ParameterLayout([.. shapes]);
    }

    private StateSlot[] LayOutStates()
    {
        var states = new List<StateSlot>();
        int offset = 0;
        for (int i = 0; i < _layers.Length; i++)
        {
            foreach (Direction d in _layers[i].Directions)
            {
                foreach ((StateKind kind, int size) in _layers[i].States)
                {
                    states.Add(new StateSlot(i, d, kind, size, offset));
                    offset += size;
                }
            }
        }

        return [.. states];
    }

    private ParameterSlot?[] ListInitialStates() => Array.ConvertAll(
        _states,
        state => Slot(
            state.Layer, state.Direction, state.Kind == StateKind.Hidden ? ParameterRole.InitialHidden : ParameterRole.InitialCell));

    private ParameterSlot? SlotNamed(string name)
    {
        foreach (ParameterSlot slot in Parameters.Slots)
        {
            if (slot.Name == name)
            {
                return slot;
            }
        }

        return null;
    }
}
