using SpanRnn.Core;

namespace SpanRnn.Cells;

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
            if (!Enum.IsDefined(layer.Cell))
            {
                throw new ArgumentException($"Layer {i} has the cell {(int)layer.Cell}, expected one of CellKind's.", nameof(layers));
            }

            Guard.Positive(layer.HiddenSize, $"layers[{i}].HiddenSize");
            Guard.NotNegative(layer.ProjectionSize, $"layers[{i}].ProjectionSize");
            if ((long)layer.Gates * layer.HiddenSize > int.MaxValue)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(layers),
                    $"Layer {i} has {(long)layer.Gates * layer.HiddenSize} rows of weights, expected at most {int.MaxValue}.");
            }

            if (layer.ProjectionSize > 0 && layer.Cell != CellKind.Lstm)
            {
                throw new ArgumentException(
                    $"Layer {i} is {layer.Cell} with a projection to {layer.ProjectionSize}, expected 0: only LSTMs project.",
                    nameof(layers));
            }

            if (layer.Activation.Kind != Activation.Tanh && layer.Cell != CellKind.Elman)
            {
                throw new ArgumentException(
                    $"Layer {i} is {layer.Cell} with the activation {layer.Activation}, expected Tanh: only Elman layers choose one.",
                    nameof(layers));
            }

            if (!Enum.IsDefined(layer.Activation.Kind))
            {
                throw new ArgumentException(
                    $"Layer {i} has the activation {(int)layer.Activation.Kind}, expected one of Activation's.", nameof(layers));
            }
        }

        if (head is not null)
        {
            Guard.Positive(head.OutputSize, "head.OutputSize");
            if (!Enum.IsDefined(head.Position))
            {
                throw new ArgumentException(
                    $"The head has the position {(int)head.Position}, expected one of HeadPosition's.", nameof(head));
            }
        }
    }

    private static string Name(int layer, Direction direction, ParameterRole role) =>
        $"layer{layer}.{(direction == Direction.Forward ? "forward" : "reverse")}.{role switch
        {
            ParameterRole.InputWeights => "input_weights",
            ParameterRole.RecurrentWeights => "recurrent_weights",
            ParameterRole.InputBias => "input_bias",
            ParameterRole.RecurrentBias => "recurrent_bias",
            _ => "projection_weights",
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
            LayerSpec layer = _layers[i];
            int rows = layer.Gates * layer.HiddenSize;
            for (Direction d = Direction.Forward; (int)d < layer.Directions; d++)
            {
                shapes.Add((Name(i, d, ParameterRole.InputWeights), rows, LayerInputSize(i)));
                shapes.Add((Name(i, d, ParameterRole.RecurrentWeights), rows, layer.StateSize));
                if (layer.Bias)
                {
                    shapes.Add((Name(i, d, ParameterRole.InputBias), rows, 1));
                    shapes.Add((Name(i, d, ParameterRole.RecurrentBias), rows, 1));
                }

                if (layer.ProjectionSize > 0)
                {
                    shapes.Add((Name(i, d, ParameterRole.ProjectionWeights), layer.ProjectionSize, layer.HiddenSize));
                }
            }
        }

        if (Head is not null)
        {
            shapes.Add((HeadWeightsName, Head.OutputSize, _layers[^1].OutputSize));
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
            for (Direction d = Direction.Forward; (int)d < _layers[i].Directions; d++)
            {
                states.Add(new StateSlot(i, d, StateKind.Hidden, _layers[i].StateSize, offset));
                offset += _layers[i].StateSize;
                if (_layers[i].Cell == CellKind.Lstm)
                {
                    states.Add(new StateSlot(i, d, StateKind.Cell, _layers[i].HiddenSize, offset));
                    offset += _layers[i].HiddenSize;
                }
            }
        }

        return [.. states];
    }

    private ParameterSlot? Find(string name)
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
