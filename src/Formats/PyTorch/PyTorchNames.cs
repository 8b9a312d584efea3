using System.Diagnostics;
using System.Globalization;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.PyTorch;

/// <summary>
/// Names of the tensors in modules of torch.nn: weight_ih_l0, bias_hh_l2_reverse; in a single cell without "_l0". Tensors that torch.nn
/// does not have are named alike: weight_ph (peepholes), h0 and c0 (trained initial states). An nn.Linear or nn.Embedding has weight and
/// bias.
/// </summary>
internal static class PyTorchNames
{
    private const string LayerMark = "_l";
    private const string ReverseMark = "_reverse";

    /// <summary>The module of a dense layer on top.</summary>
    public const string Head = "head";

    // By ParameterRole.
    private static readonly string[] _roles =
        ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr", "weight_ph", "h0", "c0", "weight", "bias"];

    /// <summary>Names a cell in messages.</summary>
    public static string Of(CellKind cell) => cell switch
    {
        CellKind.Elman => "an RNN",
        CellKind.Lstm => "an LSTM",
        CellKind.GruResetAfter or CellKind.GruResetBefore => "a GRU",
        _ => throw new UnreachableException(),
    };

    /// <summary>Names a tensor, without the prefix of its module.</summary>
    public static string Of(ParameterRole role) => _roles[(int)role];

    /// <inheritdoc cref="Of(ParameterRole)"/>
    public static string Of(int layer, Direction direction, ParameterRole role) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Of(role)}{LayerMark}{layer}{(direction == Direction.Reverse ? ReverseMark : string.Empty)}");

    /// <summary>True if the tensor is a bias.</summary>
    public static bool IsBias(ParameterRole role) => role is ParameterRole.InputBias or ParameterRole.RecurrentBias or ParameterRole.Shift;

    /// <summary>True if the tensor is an initial state.</summary>
    public static bool IsStart(ParameterRole role) => role is ParameterRole.InitialHidden or ParameterRole.InitialCell;

    /// <summary>Shape of a tensor: biases and states are vectors, all others are matrices.</summary>
    public static int[] Shape(ParameterRole role, ParameterSlot slot) =>
        IsBias(role) || IsStart(role) || role == ParameterRole.Scale ? [slot.Length] : [slot.Rows, slot.Columns];

    /// <summary>Lists the slots of the layers, in their order.</summary>
    public static IEnumerable<(int Layer, Direction Direction, ParameterRole Role, ParameterSlot Slot)> Slots(NetworkSpec spec)
    {
        for (int layer = 0; layer < spec.Layers.Length; layer++)
        {
            for (Direction direction = Direction.Forward; direction <= Direction.Reverse; direction++)
            {
                foreach (ParameterRole role in Enum.GetValues<ParameterRole>())
                {
                    if (spec.Slot(layer, direction, role) is { } slot)
                    {
                        yield return (layer, direction, role, slot);
                    }
                }
            }
        }
    }

    /// <summary>Makes the tensor the parameter of a slot, number for number.</summary>
    public static ParameterSource Source(ParameterSource tensor, ParameterSlot slot) =>
        tensor.Window(0, slot.Rows, slot.Columns, slot.Columns, 1);

    /// <summary>Refuses a tensor that does not have the shape of its slot.</summary>
    public static void CheckShape(
        string file, ParameterSource tensor, ParameterRole role, ParameterSlot slot, RecurrentLayer layer, int inputSize)
    {
        int[] expected = Shape(role, slot);
        if (!tensor.Shape.SequenceEqual(expected))
        {
            string projection = layer.ProjectionSize > 0 ? $" projected to {layer.ProjectionSize}" : string.Empty;
            throw new ModelFormatException(
                file,
                $"tensor {ModelFormatException.Quote(tensor.Name)} has shape {TensorShape.Text(tensor.Shape)}, expected "
                + $"{TensorShape.Text(expected)} in {Of(layer.Cell)} of input size {inputSize} and hidden size "
                + $"{layer.HiddenSize}{projection}.");
        }
    }

    /// <summary>
    /// Names the modules in which a network is written: the embedding, if there is one, and each layer that has parameters. The last of
    /// several is "head" if it is dense. One recurrent module holds all recurrent layers if PyTorch allows it; else the layers are in a
    /// ModuleList.
    /// </summary>
    public static string[] Modules(NetworkSpec spec)
    {
        bool isOne = IsOneModule(spec);
        List<string> names = spec.Embedding is null ? [] : ["embed"];
        int[] layers = LayersWithParameters(spec);
        for (int i = 0; i < layers.Length; i++)
        {
            bool isHead = i > 0 && i == layers.Length - 1 && spec.Layers[layers[i]] is DenseLayer;
            names.Add(
                isHead ? Head
                : !isOne ? InList(i)
                : spec.Embedding is null && spec.Layers[^1] is RecurrentLayer ? string.Empty
                : "rnn");
        }

        return [.. names];
    }

    /// <summary>Names a module of the ModuleList.</summary>
    /// <param name="index">Its index among the layers that have parameters.</param>
    public static string InList(int index) => string.Create(CultureInfo.InvariantCulture, $"layers.{index}");

    /// <summary>
    /// True if the recurrent layers can be one module of PyTorch, with nothing on top, or a plain linear head that reads every step or a
    /// readout that has a name.
    /// </summary>
    public static bool IsOneModule(NetworkSpec spec)
    {
        ReadOnlySpan<LayerSpec> layers = spec.Layers;
        LayerSpec first = layers[0];
        while (!layers.IsEmpty && layers[0] == first)
        {
            layers = layers[1..];
        }

        return first is RecurrentLayer { Reverse: false, ReverseActivations: null } && layers switch
        {
            [] => true,
            [DenseLayer head] => IsPlain(head),
            [var readout, DenseLayer head] =>
                IsPlain(head) && Readout.NameOf(readout) is not null && Readout.Preferred(readout, first) == readout,
            _ => false,
        };

        static bool IsPlain(DenseLayer head) => head.Activation.Kind == ActivationKind.Identity;
    }

    /// <summary>Names the tensor of each parameter of a network, in the order of its slots.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="modules">In the order of <see cref="Modules"/>. Layers with one name are the layers of one module.</param>
    public static IEnumerable<Place> Places(NetworkSpec spec, IReadOnlyList<string> modules)
    {
        int first = spec.Embedding is null ? 0 : 1;
        if (spec.EmbeddingWeights is { } table)
        {
            yield return new(table, -1, modules[0], Join(modules[0], "weight"), null, [table.Rows, table.Columns]);
        }

        // The module of each layer, and the index of the layer in it.
        Dictionary<int, (string Module, int Index)> places = [];
        Dictionary<string, int> counts = [];
        foreach (int layer in LayersWithParameters(spec))
        {
            string name = modules[first + places.Count];
            int index = counts.GetValueOrDefault(name);
            places.Add(layer, (name, index));
            counts[name] = index + 1;
        }

        foreach ((int layer, Direction direction, ParameterRole role, ParameterSlot slot) in Slots(spec))
        {
            (string module, int index) = places[layer];
            if (spec.Layers[layer] is not RecurrentLayer recurrent)
            {
                yield return new(slot, layer, module, Join(module, IsBias(role) ? "bias" : "weight"), null, Shape(role, slot));
                continue;
            }

            // A layer that only runs in reverse is an nn.LSTM whose input comes from the end.
            Direction suffix = recurrent.Bidirectional ? direction : Direction.Forward;
            string? cell = index == 0 && suffix == Direction.Forward ? Join(module, Of(role)) : null;
            yield return new(slot, layer, module, Join(module, Of(index, suffix, role)), cell, Shape(role, slot));
        }
    }

    /// <summary>Parses a name; null if it is no name in a recurrent module.</summary>
    public static Parts? Parse(string name)
    {
        int start = name.LastIndexOf('.') + 1;
        ReadOnlySpan<char> leaf = name.AsSpan(start);
        for (ParameterRole role = ParameterRole.InputWeights; role <= ParameterRole.InitialCell; role++)
        {
            if (!leaf.StartsWith(Of(role)))
            {
                continue;
            }

            string prefix = name[..start];
            ReadOnlySpan<char> suffix = leaf[Of(role).Length..];
            if (suffix.IsEmpty)
            {
                return new Parts(prefix, role, 0, Direction.Forward, IsCell: true);
            }

            Direction direction = suffix.EndsWith(ReverseMark) ? Direction.Reverse : Direction.Forward;
            ReadOnlySpan<char> digits = direction == Direction.Reverse ? suffix[..^ReverseMark.Length] : suffix;

            // The name is written again and compared: "_l01" or "_l+1" is no second name of layer 1.
            return digits.StartsWith(LayerMark)
                && int.TryParse(digits[LayerMark.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int layer)
                && leaf.SequenceEqual(Of(layer, direction, role))
                ? new Parts(prefix, role, layer, direction, IsCell: false)
                : null;
        }

        return null;
    }

    /// <summary>Names a tensor of a module.</summary>
    public static string Join(string module, string leaf) => module.Length == 0 ? leaf : $"{module}.{leaf}";

    private static int[] LayersWithParameters(NetworkSpec spec) => [.. Slots(spec).Select(place => place.Layer).Distinct()];

    /// <summary>A parameter of a network and its tensor.</summary>
    /// <param name="Slot">The parameter.</param>
    /// <param name="Layer">Index of its layer; −1 of the embedding.</param>
    /// <param name="Module">The module of the tensor.</param>
    /// <param name="Name">The tensor.</param>
    /// <param name="CellName">Its name if the module is a single cell, or null.</param>
    /// <param name="Shape">Its shape.</param>
    public readonly record struct Place(ParameterSlot Slot, int Layer, string Module, string Name, string? CellName, int[] Shape);

    /// <summary>Parts of a name.</summary>
    /// <param name="Prefix">The path of the module with its last full stop, or nothing.</param>
    /// <param name="Role">Which tensor.</param>
    /// <param name="Layer">Index of the layer.</param>
    /// <param name="Direction">Its direction.</param>
    /// <param name="IsCell">True if the name is of a single cell, without a layer.</param>
    public readonly record struct Parts(string Prefix, ParameterRole Role, int Layer, Direction Direction, bool IsCell);
}
