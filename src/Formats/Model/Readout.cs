using System.Globalization;

namespace SpanRnn.Formats.Model;

/// <summary>
/// Readouts by name: what the layers above the last recurrent one read of a sequence, every step or one row. The names are those of files
/// and of the program.
/// </summary>
internal static class Readout
{
    private const string StepMark = "step:";

    private static readonly (string Name, LayerSpec? Layer)[] _names =
    [
        ("every_step", null),
        ("last_step", new FinalStateLayer()),
        ("last_output", new PoolLayer(Pooling.Last)),
        ("mean", new PoolLayer(Pooling.Mean)),
        ("maximum", new PoolLayer(Pooling.Maximum)),
        ("sum", new PoolLayer(Pooling.Sum)),
        ("first", new StepLayer(0)),
    ];

    /// <summary>All names; the last one is of the step N.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _names.Select(entry => entry.Name), $"{StepMark}N"];

    /// <summary>Finds the readout of a name.</summary>
    /// <param name="text">One of <see cref="Names"/>, with a number instead of N.</param>
    /// <param name="layer">The layer that makes one row per sequence; null for every step.</param>
    /// <returns>False for any other text.</returns>
    public static bool TryParse(string text, out LayerSpec? layer)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach ((string name, LayerSpec? own) in _names)
        {
            if (name == text)
            {
                layer = own;
                return true;
            }
        }

        layer = text.StartsWith(StepMark, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(StepMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int step)
                ? new StepLayer(step)
                : null;
        return layer is not null;
    }

    /// <summary>Names a readout; null if it has no name.</summary>
    /// <param name="layer">The layer that makes one row per sequence; null for every step.</param>
    public static string? NameOf(LayerSpec? layer)
    {
        foreach ((string name, LayerSpec? own) in _names)
        {
            if (layer == own)
            {
                return name;
            }
        }

        return layer is StepLayer { Step: var step } ? string.Create(CultureInfo.InvariantCulture, $"{StepMark}{step}") : null;
    }

    /// <summary>Finds the layer of a network that makes one row per sequence; null if every step has a row.</summary>
    /// <param name="spec">The network.</param>
    public static LayerSpec? Of(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        foreach (LayerSpec layer in spec.Layers)
        {
            if (Is(layer))
            {
                return layer;
            }
        }

        return null;
    }

    /// <summary>True if a dense layer is above the last recurrent one.</summary>
    /// <param name="spec">The network.</param>
    public static bool HasHead(NetworkSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        List<LayerSpec> layers = [.. spec.Layers];
        int head = layers.FindLastIndex(layer => layer is DenseLayer);
        return head > 0 && head >= PlaceIn(layers);
    }

    /// <summary>
    /// Puts another readout into a network, directly above the last recurrent layer. Skips keep their ends, and parameters stay the same.
    /// </summary>
    /// <param name="spec">The network.</param>
    /// <param name="layer">The layer that makes one row per sequence; null for every step.</param>
    /// <returns>The network with that readout instead of its own.</returns>
    /// <exception cref="ArgumentException">
    /// The layer makes no such row, the old readout or the new one has parameters, or the layers would contradict each other; the message
    /// says which.
    /// </exception>
    public static NetworkSpec Put(NetworkSpec spec, LayerSpec? layer)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (layer is not null && !Is(layer))
        {
            throw new ArgumentException(
                $"'layer' is a {layer.GetType().Name}, expected one that makes one row per sequence.", nameof(layer));
        }

        if (layer is AttentionLayer || Of(spec) is AttentionLayer)
        {
            throw new ArgumentException("Attention has weights of its own, expected a readout without parameters.", nameof(layer));
        }

        List<LayerSpec> layers = [.. spec.Layers];
        int old = layers.FindIndex(Is);
        if (old >= 0)
        {
            layers.RemoveAt(old);
            Move(layers, old + 1, -1);
        }

        if (layer is not null)
        {
            int place = PlaceIn(layers);
            Move(layers, place, 1);
            layers.Insert(place, layer);
        }

        return spec.Embedding is { } table ? new(table, [.. layers]) : new(spec.InputSize, [.. layers]);
    }

    /// <summary>True for a layer that makes one row per sequence of the rows of all steps.</summary>
    internal static bool Is(LayerSpec layer) => layer is PoolLayer or StepLayer or AttentionLayer or FinalStateLayer;

    /// <summary>Index at which a readout is put into a chain without one.</summary>
    internal static int PlaceIn(List<LayerSpec> layers) => layers.FindLastIndex(layer => layer is RecurrentLayer) + 1;

    /// <summary>
    /// Takes final states instead of the last outputs of a layer that only runs forward: they are the same, and need no state of their own.
    /// </summary>
    internal static LayerSpec Preferred(LayerSpec readout, LayerSpec below) =>
        readout is PoolLayer { Kind: Pooling.Last } && below is RecurrentLayer { Bidirectional: false, Reverse: false }
            ? new FinalStateLayer()
            : readout;

    /// <summary>Moves the starts of skips from a layer of that index or a later one, once a layer is gone or has come.</summary>
    internal static void Move(List<LayerSpec> layers, int from, int by)
    {
        for (int i = 0; i < layers.Count; i++)
        {
            layers[i] = layers[i] is SkipLayer skip && skip.From >= from ? skip with { From = skip.From + by } : layers[i];
        }
    }
}
