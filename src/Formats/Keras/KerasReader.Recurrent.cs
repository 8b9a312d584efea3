using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Keras;

/// <content>Recurrent layers, alone and in both directions.</content>
internal sealed partial class KerasReader
{
    private void AddRecurrent(KerasLayer layer)
    {
        RecurrentLayer spec = Recurrent(layer) with { Reverse = _isReversed != GoesBackwards(layer) };
        int inputs = InputSize(layer);
        Dictionary<(Direction, ParameterRole), ParameterSource> sources = [];
        KerasWeights.Add(
            spec, spec.Reverse ? Direction.Reverse : Direction.Forward, Arrays(layer, KerasWeights.Shapes(spec, inputs)), sources);
        _isReversed = spec.Reverse;
        Add(layer, layer, spec, sources);
    }

    private void AddBidirectional(KerasLayer layer)
    {
        string mode = layer.Config.Find("merge_mode")?.Text() ?? "null";
        DirectionMerge? merge = mode switch
        {
            "concat" => null,
            "sum" => DirectionMerge.Sum,
            "ave" => DirectionMerge.Average,
            "mul" => DirectionMerge.Product,
            _ => throw layer.Fail($"merges by {ModelFormatException.Quote(mode)}, expected 'concat', 'sum', 'ave' or 'mul'"),
        };
        if (_isReversed)
        {
            throw layer.Fail("follows a layer whose steps come from the last to the first, expected them from the first to the last");
        }

        var forward = KerasLayer.Of(layer.Config.Get("layer"));
        JsonPart? own = layer.Config.Find("backward_layer");
        KerasLayer backward = own is null ? forward : KerasLayer.Of(own.Value);
        RecurrentLayer spec = Recurrent(forward);
        RecurrentLayer reverse = Recurrent(backward);
        if (GoesBackwards(forward) || (own is not null && !GoesBackwards(backward)))
        {
            throw layer.Fail("has layers that run in other directions, expected the first one forward and the second one backward");
        }

        RecurrentLayer alike = reverse with
        {
            Activation = spec.Activation,
            GateActivation = spec.GateActivation,
            OutputActivation = spec.OutputActivation,
        };
        if (alike != spec
            || ReturnsSequences(forward) != ReturnsSequences(backward))
        {
            throw layer.Fail("has two layers of different kinds or sizes, expected layers that differ in their activations only");
        }

        int inputs = InputSize(layer);
        int[][] shapes = KerasWeights.Shapes(spec, inputs);
        ParameterSource[] arrays = Arrays(layer, [.. shapes, .. shapes]);
        Dictionary<(Direction, ParameterRole), ParameterSource> sources = [];
        KerasWeights.Add(spec, Direction.Forward, arrays.AsSpan(0, shapes.Length), sources);
        KerasWeights.Add(spec, Direction.Reverse, arrays.AsSpan(shapes.Length), sources);
        LayerActivations? activations = reverse == spec ? null : new(reverse.Activation, reverse.GateActivation, reverse.OutputActivation);
        Add(layer, forward, spec with { Bidirectional = true, ReverseActivations = activations }, sources);
        if (merge is { } equation)
        {
            _builder!.Add(new MergeLayer(equation), []);
        }
    }

    private void Add(
        KerasLayer layer, KerasLayer inner, RecurrentLayer spec, Dictionary<(Direction, ParameterRole), ParameterSource> sources)
    {
        if (_builder!.IsPerSequence)
        {
            throw layer.Fail(
                "follows a layer without 'return_sequences' or a pooling, expected only layers without recurrence after it");
        }

        _builder.Add(spec, sources);
        _isRecurrent = true;
        if (!ReturnsSequences(inner))
        {
            _builder.Pool(new FinalStateLayer());
        }
    }

    private static bool GoesBackwards(KerasLayer layer) => layer.Flag("go_backwards", false);

    private static bool ReturnsSequences(KerasLayer layer) => layer.Flag("return_sequences", false);

    /// <summary>Describes the layer without its direction.</summary>
    private RecurrentLayer Recurrent(KerasLayer layer)
    {
        CellKind cell = layer.Type switch
        {
            "SimpleRNN" => CellKind.Elman,
            "LSTM" => CellKind.Lstm,
            "GRU" => layer.Flag("reset_after", false) ? CellKind.GruResetAfter : CellKind.GruResetBefore,
            _ => throw layer.Fail("is of a class that is not supported, expected SimpleRNN, LSTM or GRU"),
        };
        foreach (string name in new[] { "return_state", "time_major" })
        {
            if (layer.Flag(name, false))
            {
                throw layer.Fail($"has '{name}', expected false");
            }
        }

        string stateful = $"{layer.Title}, stateful: give the final states of one batch to the next one as its initial states";
        if (layer.Flag("stateful", false) && !_unused.Contains(stateful))
        {
            _unused.Add(stateful);
        }

        ActivationSpec activation = _activations.Of(layer, "activation");
        return new RecurrentLayer(cell, layer.Config.Get("units").Integer(1))
        {
            Bias = layer.Flag("use_bias", true),
            Activation = activation,
            GateActivation = cell == CellKind.Elman ? ActivationKind.Sigmoid : _activations.Of(layer, "recurrent_activation"),
            OutputActivation = cell == CellKind.Lstm ? activation : ActivationKind.Tanh,
        };
    }
}
