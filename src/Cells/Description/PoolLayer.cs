using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <summary>
/// Pooling over time: one row per sequence, made of the rows of all its steps. Padding is not among them. The output of a sequence
/// without steps is 0.
/// </summary>
/// <param name="Kind">What is taken from the steps.</param>
/// <remarks>
/// What there is of the steps so far is a state (<see cref="StateKind.Pooled"/>, and <see cref="StateKind.Count"/> of Mean and Maximum).
/// So pooling goes on when a sequence comes in parts, and a stream has the value so far at every step. In float, a count ends at
/// 16,777,216 steps: a mean over more is not right. The gradient of a maximum goes to the first step that has it.
/// </remarks>
public sealed record PoolLayer(Pooling Kind) : LayerSpec
{
    /// <inheritdoc/>
    internal override bool PoolsSteps => true;

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => below.InputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below) => Enum.IsDefined(Kind)
        ? below.WithoutSteps("a pooling")
        : $"Kind is {(int)Kind}, expected one of Pooling's";

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) => [];

    /// <inheritdoc/>
    internal override IEnumerable<(StateKind Kind, int Size)> StatesOf(int inputSize) => Kind is Pooling.Mean or Pooling.Maximum
        ? [(StateKind.Pooled, inputSize), (StateKind.Count, 1)]
        : [(StateKind.Pooled, inputSize)];

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
    {
    }
}
