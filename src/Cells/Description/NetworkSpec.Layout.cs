using System.Diagnostics;
using SpanRnn.Cells.Description;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Checks and the layout of parameters and states.</content>
public sealed partial class NetworkSpec
{
    private const string EmbeddingName = "embedding.weights";

    /// <summary>Checks the layers one by one. Returns the size of the input of each, and of what is above the last one.</summary>
    private static int[] InputSizesOf(int inputSize, ReadOnlySpan<LayerSpec> layers)
    {
        Guard.Positive(inputSize);
        if (layers.IsEmpty)
        {
            throw new ArgumentException("The network has no layers, expected at least one.", nameof(layers));
        }

        int[] sizes = new int[layers.Length + 1];
        sizes[0] = inputSize;
        for (int i = 0; i < layers.Length; i++)
        {
            LayerSpec layer = layers[i] ?? throw new ArgumentException($"Layer {i} is null.", nameof(layers));
            LayersBelow below = new(layers[..i], sizes.AsSpan(0, i + 1));
            if (layer.Problem(below) is { } problem)
            {
                throw new ArgumentException($"Layer {i}: {problem}.", nameof(layers));
            }

            try
            {
                sizes[i + 1] = layer.OutputSizeOn(below);
            }
            catch (OverflowException)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(layers), $"Layer {i} has more than {int.MaxValue} numbers in a row of its output, expected fewer.");
            }
        }

        return sizes;
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
                foreach ((StateKind kind, int size) in _layers[i].StatesOf(_inputSizes[i]))
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
        state => state.Kind switch
        {
            StateKind.Hidden => Slot(state.Layer, state.Direction, ParameterRole.InitialHidden),
            StateKind.Cell => Slot(state.Layer, state.Direction, ParameterRole.InitialCell),
            _ => null,
        });

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
