using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <summary>
/// Leaky ReLU with a slope of its own for each feature, y = x where x ≥ 0, else s ⊙ x (He et al. 2015). dy/dx at 0 is s, as in PyTorch.
/// The slopes s start at 0.25.
/// </summary>
public sealed record PReluLayer : LayerSpec
{
    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => below.InputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below) => null;

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) =>
        ScaleAndShift(scale: true, shift: false, inputSize);

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random) =>
        slot(ParameterRole.Scale)!.In(parameters).Fill(T.CreateTruncating(0.25));
}
