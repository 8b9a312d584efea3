using SpanRnn.Cells.Description;
using SpanRnn.Core.Initialization;

namespace SpanRnn;

/// <summary>
/// Attention over time: y = Σ α_t·x_t over the steps t of a sequence, with α = softmax over t of the scores w·x_t (as Yang et al. 2016,
/// without their dense layer in front). A bias of the scores would change nothing. The output of a sequence without steps is 0. It is not
/// for streams.
/// </summary>
public sealed record AttentionLayer : LayerSpec
{
    /// <inheritdoc/>
    internal override bool PoolsSteps => true;

    /// <inheritdoc/>
    internal override string NeedsWholeSequences => "weighs all steps (attention)";

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => below.InputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below) => below.WithoutSteps("attention");

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) =>
        [(ParameterRole.InputWeights, 1, inputSize)];

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
    {
        ParameterSlot weights = slot(ParameterRole.InputWeights)!;
        Initializers.GlorotUniform(weights.In(parameters), weights.Columns, weights.Rows, random);
    }
}
