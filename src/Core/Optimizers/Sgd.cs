using System.Globalization;
using System.Numerics;
using SpanRnn.Core;
using SpanRnn.Core.Optimizers;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <summary>
/// Stochastic gradient descent with momentum as PyTorch defines it: g = ∂L/∂p + λ·p; v ← μ·v + g; p ← p − α·v. The velocity v starts at
/// zero, so the first step has v = g.
/// </summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="length">Length of the flat parameter buffer; 0 is legal.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
public sealed class Sgd<T>(int length) : Optimizer<T>(length, "velocity")
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>μ: share of the old velocity that is kept, 0 or more and below 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside this range.</exception>
    public double Momentum
    {
        get;
        init => field = Guard.Fraction(value, nameof(Momentum));
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"SGD, momentum {Momentum}, weight decay {WeightDecay}");

    /// <inheritdoc/>
    protected override void Update(Span<T> parameters, ReadOnlySpan<T> gradients) =>
        Dispatch.Run<T, SgdKernel<T>>(new SgdKernel<T>(parameters, gradients, Moment(0))
        {
            LearningRate = T.CreateTruncating(LearningRate),
            Momentum = T.CreateTruncating(Momentum),
            Decay = T.CreateTruncating(WeightDecay),
        });
}
