using SpanRnn.Cells.Description;
using SpanRnn.Core.Initialization;

namespace SpanRnn;

/// <summary>
/// Dense layer, y = φ(W·x + b), which computes every row on its own: it has no recurrence and no state. φ is <see cref="Activation"/>.
/// </summary>
/// <param name="OutputSize">O, the numbers in a row of y.</param>
public sealed record DenseLayer(int OutputSize) : LayerSpec
{
    /// <summary>True if there is a bias.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>φ, applied to each output on its own.</summary>
    public ActivationSpec Activation { get; init; } = ActivationKind.Identity;

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => OutputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below) => OutputSize < 1
        ? $"OutputSize is {OutputSize}, expected 1 or more"
        : ActivationSpec.Problem(nameof(Activation), Activation);

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize)
    {
        yield return (ParameterRole.InputWeights, OutputSize, inputSize);
        if (Bias)
        {
            yield return (ParameterRole.InputBias, OutputSize, 1);
        }
    }

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [Activation];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random)
    {
        ParameterSlot weights = slot(ParameterRole.InputWeights)!;
        Initializers.GlorotUniform(weights.In(parameters), weights.Columns, weights.Rows, random);
    }
}
