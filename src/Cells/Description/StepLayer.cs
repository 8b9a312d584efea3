using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <summary>
/// One step of each sequence as its only row: 0 is the first. The output of a sequence that has no such step is 0. It is not for streams.
/// </summary>
/// <param name="Step">Index of the step, 0 or more.</param>
public sealed record StepLayer(int Step) : LayerSpec
{
    /// <inheritdoc/>
    internal override bool PoolsSteps => true;

    /// <inheritdoc/>
    internal override string NeedsWholeSequences => $"takes step {Step}";

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => below.InputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below) =>
        Step < 0 ? $"Step is {Step}, expected 0 or more" : below.WithoutSteps("a choice of a step");

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) => [];

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
    {
    }
}
