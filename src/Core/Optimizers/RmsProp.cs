using System.Globalization;
using System.Numerics;
using SpanRnn.Core;
using SpanRnn.Core.Optimizers;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <summary>
/// RMSprop (Tieleman and Hinton 2012), step for step as PyTorch computes it: g = ∂L/∂p + λ·p; s ← ρ·s + (1 − ρ)·g²;
/// v ← μ·v + g / (√s + ε); p ← p − α·v. If centered (Graves 2013), m ← ρ·m + (1 − ρ)·g and √(s − m²) takes the place of √s.
/// </summary>
/// <remarks>Where rounding makes s − m² negative, the difference counts as 0; PyTorch has NaN there.</remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="length">Length of the flat parameter buffer; 0 is legal.</param>
/// <param name="centered">True if the mean gradient is subtracted: PyTorch's <c>centered</c>. Takes one more moment.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
public sealed class RmsProp<T>(int length, bool centered = false)
    : Optimizer<T>(length, centered ? ["mean_square", "velocity", "mean"] : ["mean_square", "velocity"])
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>True if the mean gradient is subtracted.</summary>
    public bool Centered { get; } = centered;

    /// <summary>ρ: share of the old means that is kept, 0 or more and below 1 (PyTorch's <c>alpha</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside this range.</exception>
    public double Decay
    {
        get;
        init => field = Guard.Fraction(value, nameof(Decay));
    } = 0.99;

    /// <summary>ε, above 0 in <typeparamref name="T"/>: where a gradient is always zero, ε alone is the divisor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not finite or not above 0, or rounds to 0.</exception>
    public double Epsilon
    {
        get;
        init => field = Guard.Positive<T>(value, nameof(Epsilon));
    } = 1e-8;

    /// <summary>μ: share of the old velocity that is kept, 0 or more and below 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside this range.</exception>
    public double Momentum
    {
        get;
        init => field = Guard.Fraction(value, nameof(Momentum));
    }

    /// <inheritdoc/>
    /// <remarks>Saved runs have this text, and go on only in an optimizer with the same: "centred" keeps its spelling.</remarks>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"RMSprop{(Centered ? " centred" : "")}, decay {Decay}, epsilon {Epsilon}, momentum {Momentum}, weight decay {WeightDecay}");

    /// <inheritdoc/>
    protected override void Update(Span<T> parameters, ReadOnlySpan<T> gradients) =>
        Dispatch.Run<T, RmsPropKernel<T>>(new RmsPropKernel<T>(parameters, gradients, Moment(0), Moment(1), Centered ? Moment(2) : [])
        {
            LearningRate = T.CreateTruncating(LearningRate),
            Keep = T.CreateTruncating(Decay),
            Rest = T.CreateTruncating(1 - Decay),
            Momentum = T.CreateTruncating(Momentum),
            Epsilon = T.CreateTruncating(Epsilon),
            WeightDecay = T.CreateTruncating(WeightDecay),
        });
}
