using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <summary>Normalization over the features of each row, then scale and shift: y = s ⊙ ν(x) + t.</summary>
/// <param name="Kind">ν.</param>
public sealed record NormalizationLayer(FeatureNormalization Kind) : LayerSpec
{
    /// <summary>ε &gt; 0, added to the mean of the squares.</summary>
    public double Epsilon { get; init; } = 1e-5;

    /// <summary>True if there is a scale s.</summary>
    public bool Scale { get; init; } = true;

    /// <summary>True if there is a shift t.</summary>
    public bool Shift { get; init; } = true;

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => below.InputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below)
    {
        if (!Enum.IsDefined(Kind))
        {
            return $"Kind is {(int)Kind}, expected one of FeatureNormalization's";
        }

        // In float a smaller ε is denormal, and the square root of a row of zeros is as good as 0.
        return Epsilon >= 1e-30 && double.IsFinite(Epsilon)
            ? null
            : FormattableString.Invariant($"Epsilon is {Epsilon}, expected a finite number of 1e-30 or more");
    }

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) =>
        ScaleAndShift(Scale, Shift, inputSize);

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random) =>
        slot(ParameterRole.Scale)?.In(parameters).Fill(T.One);
}
