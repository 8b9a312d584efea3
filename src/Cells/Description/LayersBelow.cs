namespace SpanRnn.Cells.Description;

/// <summary>The part of a chain below a layer: the layers and the numbers in a row of the input of each.</summary>
/// <param name="layers">The layers, the first one first.</param>
/// <param name="inputSizes">The sizes of their inputs, then the size of the input of the layer above them.</param>
internal readonly ref struct LayersBelow(ReadOnlySpan<LayerSpec> layers, ReadOnlySpan<int> inputSizes)
{
    /// <summary>The layers, the first one first.</summary>
    public ReadOnlySpan<LayerSpec> Layers { get; } = layers;

    /// <summary>The layer directly below, or null.</summary>
    public LayerSpec? Last => Layers.IsEmpty ? null : Layers[^1];

    /// <summary>Numbers in a row of the input of the layer above.</summary>
    public int InputSize => InputSizes[^1];

    /// <summary>Numbers in a row of the input of each layer, the layer above included.</summary>
    public ReadOnlySpan<int> InputSizes { get; } = inputSizes;

    /// <summary>True if the layer above has one row per sequence: a layer below has pooled the steps.</summary>
    public bool IsPerSequence => PoolsBelow(Layers.Length);

    /// <summary>True if a layer below <paramref name="layer"/> has pooled the steps.</summary>
    public bool PoolsBelow(int layer)
    {
        foreach (LayerSpec below in Layers[..layer])
        {
            if (below.PoolsSteps)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The contradiction of a layer that needs steps, or null.</summary>
    public string? WithoutSteps(string layer) => IsPerSequence
        ? $"{layer} above a layer that leaves one row per sequence, expected it below that layer: it needs steps"
        : null;
}
