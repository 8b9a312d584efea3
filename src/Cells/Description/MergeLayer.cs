namespace SpanRnn;

/// <summary>
/// Merge of the two directions of the bidirectional layer below. Without it they are side by side. It is not for streams, as the layer
/// below is not.
/// </summary>
/// <param name="Merge">The equation.</param>
public sealed record MergeLayer(DirectionMerge Merge) : LayerSpec
{
    /// <inheritdoc/>
    public override int OutputSizeOf(int inputSize) => inputSize / 2;

    /// <inheritdoc/>
    internal override string? Problem(LayerSpec? below)
    {
        if (!Enum.IsDefined(Merge))
        {
            return $"Merge is {(int)Merge}, expected one of DirectionMerge's";
        }

        return below is RecurrentLayer { Bidirectional: true }
            ? null
            : $"a merge of directions above {(below is null ? "the input" : "a layer of one direction")}, "
                + "expected a bidirectional layer below";
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
