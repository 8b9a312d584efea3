using SpanRnn.Cells.Description;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// Scale and shift of each feature, y = s ⊙ x + t: what stays of a batch normalization after training (Ioffe and Szegedy 2015), or of the
/// mean and the deviation of the features. <see cref="FromStatistics"/> computes s and t from statistics.
/// </summary>
public sealed record AffineLayer : LayerSpec
{
    /// <summary>True if there is a scale s.</summary>
    public bool Scale { get; init; } = true;

    /// <summary>True if there is a shift t.</summary>
    public bool Shift { get; init; } = true;

    /// <summary>
    /// Computes s and t of a batch normalization with fixed statistics: s = γ / √(variance + ε) and t = β − s ⊙ mean. With a variance of
    /// deviation² and ε = 0 it is the division by a deviation. A network that trains with such a layer trains s and t; the statistics
    /// themselves are fixed.
    /// </summary>
    /// <param name="mean">[n] in.</param>
    /// <param name="variance">[n] in.</param>
    /// <param name="epsilon">ε ≥ 0, added to each variance.</param>
    /// <param name="gamma">γ, [n] in, or empty for ones.</param>
    /// <param name="beta">β, [n] in, or empty for zeros.</param>
    /// <param name="scale">s, [n] out.</param>
    /// <param name="shift">t, [n] out.</param>
    /// <exception cref="ArgumentException">
    /// A length is wrong, a variance is negative, a variance and ε add up to 0, or a number is not finite.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">ε is negative or not finite.</exception>
    /// <remarks>Computes in double and allocates nothing.</remarks>
    public static void FromStatistics(
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> variance,
        double epsilon,
        ReadOnlySpan<float> gamma,
        ReadOnlySpan<float> beta,
        Span<float> scale,
        Span<float> shift)
    {
        int size = mean.Length;
        Guard.Length(variance, size, "mean.Length");
        Guard.Length(gamma, gamma.IsEmpty ? 0 : size, "mean.Length, or 0");
        Guard.Length(beta, beta.IsEmpty ? 0 : size, "mean.Length, or 0");
        Guard.Length<float>(scale, size, "mean.Length");
        Guard.Length<float>(shift, size, "mean.Length");
        if (!(epsilon >= 0) || double.IsInfinity(epsilon))
        {
            throw new ArgumentOutOfRangeException(
                nameof(epsilon), FormattableString.Invariant($"'epsilon' is {epsilon}, expected a finite number, 0 or more."));
        }

        for (int i = 0; i < size; i++)
        {
            if (!(variance[i] >= 0) || !(variance[i] + epsilon > 0))
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"'variance' is {variance[i]} at {i} with an epsilon of {epsilon}, expected 0 or more, and more than 0 in sum."),
                    nameof(variance));
            }

            double s = (gamma.IsEmpty ? 1 : gamma[i]) / Math.Sqrt(variance[i] + epsilon);
            double t = (beta.IsEmpty ? 0 : beta[i]) - (s * mean[i]);
            if (!float.IsFinite((float)s) || !float.IsFinite((float)t))
            {
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"'mean' is {mean[i]} at {i} with a variance of {variance[i]}, expected a finite scale and shift."),
                    nameof(mean));
            }

            scale[i] = (float)s;
            shift[i] = (float)t;
        }
    }

    /// <inheritdoc/>
    internal override int OutputSizeOn(LayersBelow below) => below.InputSize;

    /// <inheritdoc/>
    internal override string? Problem(LayersBelow below) =>
        Scale || Shift ? null : "an affine layer without Scale and Shift, expected one of them at least";

    /// <inheritdoc/>
    internal override IEnumerable<(ParameterRole Role, int Rows, int Columns)> ParametersOf(Direction direction, int inputSize) =>
        ScaleAndShift(Scale, Shift, inputSize);

    /// <inheritdoc/>
    internal override IEnumerable<ActivationSpec> ActivationsOf(Direction direction) => [];

    /// <inheritdoc/>
    internal override void Initialize<T>(Span<T> parameters, Func<ParameterRole, ParameterSlot?> slot, RandomSource random) =>
        slot(ParameterRole.Scale)?.In(parameters).Fill(T.One);
}
