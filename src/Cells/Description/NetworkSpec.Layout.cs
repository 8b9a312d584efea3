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

            if (Contradiction(layer) is { } contradiction)
            {
                throw new ArgumentException($"Layer {i}: {contradiction}.", nameof(layers));
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
        while (last >= 0 && !layers[last].IsRecurrent)
        {
            last--;
        }

        return last;
    }

    // The property of a layer that its cell cannot have, or null.
    private static string? Contradiction(LayerSpec layer)
    {
        bool lstm = layer.Cell == CellKind.Lstm;
        if (ActivationContradiction(layer) is { } activation)
        {
            return activation;
        }

        if (layer.ReverseActivations is not null)
        {
            if (!layer.Bidirectional)
            {
                return "ReverseActivations in a layer of one direction, expected none: that direction has Activation and its like";
            }

            if (ActivationContradiction(layer.For(Direction.Reverse)) is { } reverse)
            {
                return $"ReverseActivations: {reverse}";
            }
        }

        if (layer.Reverse && layer.Bidirectional)
        {
            return "Reverse and Bidirectional, expected at most one: a bidirectional layer runs both ways as it is";
        }

        if (!layer.IsRecurrent)
        {
            string? property = layer.Bidirectional ? "Bidirectional"
                : layer.Reverse ? "Reverse"
                : layer.TrainableInitialState ? "TrainableInitialState"
                : !double.IsPositiveInfinity(layer.Clip) ? "Clip"
                : null;
            if (property is not null)
            {
                return $"{layer.Cell} with {property}, expected without: only recurrent layers have it";
            }
        }

        if (layer.Peepholes && !lstm)
        {
            return $"{layer.Cell} with peepholes, expected none: only LSTMs have a c to see";
        }

        if (layer.CoupledGates && !lstm)
        {
            return $"{layer.Cell} with coupled gates, expected none: only LSTMs have an input and a forget gate";
        }

        return layer.Clip > 0
            ? null
            : FormattableString.Invariant($"Clip is {layer.Clip}, expected a number above 0, or infinity for no limit");
    }

    private static string? ActivationContradiction(LayerSpec layer)
    {
        string? activation = Contradiction(nameof(layer.Activation), layer.Activation)
            ?? Contradiction(nameof(layer.GateActivation), layer.GateActivation)
            ?? Contradiction(nameof(layer.OutputActivation), layer.OutputActivation);
        if (activation is not null)
        {
            return activation;
        }

        if (layer.GateActivation != ActivationKind.Sigmoid && layer is { Cell: CellKind.Elman or CellKind.Dense })
        {
            return $"GateActivation is {layer.GateActivation.Kind}, expected Sigmoid: {layer.Cell} has no gates";
        }

        return layer.OutputActivation != ActivationKind.Tanh && layer.Cell != CellKind.Lstm
            ? $"OutputActivation is {layer.OutputActivation.Kind}, expected Tanh: only LSTMs have one, not {layer.Cell}"
            : null;
    }

    private static string? Contradiction(string role, ActivationSpec activation) =>
        activation.Problem() is { } problem ? $"{role} {problem}" : null;

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
            LayerSpec layer = _layers[i];
            int rows = layer.Gates * layer.HiddenSize;
            foreach (Direction d in layer.Directions)
            {
                shapes.Add((Name(i, d, ParameterRole.InputWeights), rows, LayerInputSize(i)));
                if (layer.IsRecurrent)
                {
                    shapes.Add((Name(i, d, ParameterRole.RecurrentWeights), rows, layer.StateSize));
                }

                if (layer.Bias)
                {
                    shapes.Add((Name(i, d, ParameterRole.InputBias), rows, 1));
                    if (layer.IsRecurrent)
                    {
                        shapes.Add((Name(i, d, ParameterRole.RecurrentBias), rows, 1));
                    }
                }

                if (layer.ProjectionSize > 0)
                {
                    shapes.Add((Name(i, d, ParameterRole.ProjectionWeights), layer.ProjectionSize, layer.HiddenSize));
                }

                if (layer.Peepholes)
                {
                    shapes.Add((Name(i, d, ParameterRole.Peepholes), layer.Gates - 1, layer.HiddenSize));
                }

                if (layer.TrainableInitialState)
                {
                    shapes.Add((Name(i, d, ParameterRole.InitialHidden), 1, layer.StateSize));
                    if (layer.Cell == CellKind.Lstm)
                    {
                        shapes.Add((Name(i, d, ParameterRole.InitialCell), 1, layer.HiddenSize));
                    }
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
            if (!_layers[i].IsRecurrent)
            {
                continue;
            }

            foreach (Direction d in _layers[i].Directions)
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
