using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <summary>Activation alone, y = ν(φ(x)), where φ is <see cref="Activation"/> and ν is <see cref="Normalization"/>.</summary>
/// <param name="Activation">φ, applied to each feature on its own.</param>
public sealed record ActivationLayer(ActivationSpec Activation) : LayerSpec
{
    /// <summary>ν, applied to the features of a row together, after φ.</summary>
    public Normalization Normalization { get; init; }

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => below.InputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below) => Enum.IsDefined(Normalization)
        ? ActivationSpec.Problem(nameof(Activation), Activation)
        : $"Normalization is {(int)Normalization}, expected one of Normalization's";

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) => [];

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [Activation];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
    {
    }
}
