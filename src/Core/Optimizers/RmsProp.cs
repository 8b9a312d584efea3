using System.Globalization;
using System.Numerics;
using SpanRnn.Core;
using SpanRnn.Core.Optimizers;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <summary>
/// RMSprop (Tieleman and Hinton 2012), step for step as PyTorch computes it: g = ∂L/∂p + λ·p; s ← ρ·s + (1 − ρ)·g²;
/// v ← μ·v + g / (√s + ε); p ← p − α·v. Centered (Graves 2013), m ← ρ·m + (1 − ρ)·g and √(s − m²) takes the place of √s.
/// </summary>
/// <remarks>Where rounding makes s − m² negative it counts as 0; PyTorch has NaN there.</remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="length">Length of the flat parameter buffer; 0 is legal.</param>
/// <param name="centered">Whether the mean gradient is taken off: PyTorch's <c>centered</c>. It costs one more moment.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
public sealed class RmsProp<T>(int length, bool centered = false)
    : Optimizer<T>(length, centered ? ["mean_square", "velocity", "mean"] : ["mean_square", "velocity"])
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Whether the mean gradient is taken off.</summary>
    public bool Centered { get; } = centered;

    /// <summary>ρ: the share of the old means that is kept, 0 or more and below 1 (PyTorch's <c>alpha</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public double Decay
    {
        get;
        init
        {
            Guard.Fraction(value, nameof(Decay));
            field = value;
        }
    } = 0.99;

    /// <summary>ε, above 0 in <typeparamref name="T"/>: where a gradient is always zero it is all that divides.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite or not above 0, or rounds to 0.</exception>
    public double Epsilon
    {
        get;
        init
        {
            Guard.Positive(double.CreateTruncating(T.CreateTruncating(value)), nameof(Epsilon));
            field = value;
        }
    } = 1e-8;

    /// <summary>μ: the share of the old velocity that is kept, 0 or more and below 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public double Momentum
    {
        get;
        init
        {
            Guard.Fraction(value, nameof(Momentum));
            field = value;
        }
    }

    /// <inheritdoc/>
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
