using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <summary>
/// Merge of the two directions of the bidirectional layer below, or of what a pooling right above that layer takes from them. Without it
/// they are side by side. It is not for streams, as the bidirectional layer is not.
/// </summary>
/// <param name="Merge">The equation.</param>
public sealed record MergeLayer(DirectionMerge Merge) : LayerSpec
{
    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => below.InputSize / 2;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below)
    {
        if (!Enum.IsDefined(Merge))
        {
            return $"Merge is {(int)Merge}, expected one of DirectionMerge's";
        }

        // A pooling keeps the features as they are, unless it takes more than h of one layer.
        ReadOnlySpan<LayerSpec> layers = below.Last is { PoolsSteps: true } and not FinalStateLayer { AllLayers: true } and not
            FinalStateLayer { Cells: true } ? below.Layers[..^1] : below.Layers;
        return layers is [.., RecurrentLayer { Bidirectional: true }]
            ? null
            : "a merge of directions above what is not both directions of one layer, expected a bidirectional layer below, or its h "
                + "behind a pooling";
    }

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) => [];

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
    {
    }
}
