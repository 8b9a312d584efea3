using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>
/// Stochastic gradient descent with momentum as PyTorch defines it: g = dL/dp + λ·p; v ← μ·v + g; p ← p − α·v. The velocity starts at
/// zero, so the first step has v = g.
/// </summary>
/// <remarks>Its whole state is <see cref="Velocity"/>.</remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class Sgd<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _velocity;

    /// <summary>Allocates the velocity for <paramref name="length"/> parameters.</summary>
    /// <param name="length">Length of the flat parameter buffer; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public Sgd(int length) => _velocity = new AlignedBuffer<T>(length);

    /// <summary>α, 0 or more; may change from step to step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double LearningRate
    {
        get;
        set
        {
            Guard.NotNegative(value, nameof(LearningRate));
            field = value;
        }
    } = 1e-3;

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

    /// <summary>λ, 0 or more: pulls every parameter towards 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double WeightDecay
    {
        get;
        init
        {
            Guard.NotNegative(value, nameof(WeightDecay));
            field = value;
        }
    }

    /// <summary>v, [length]. Allocates nothing.</summary>
    public Span<T> Velocity => _velocity.Span;

    /// <summary>Takes one step. Allocates nothing.</summary>
    /// <param name="parameters">[length] in and out.</param>
    /// <param name="gradients">[length] in, dL/dp; no memory shared with <paramref name="parameters"/>.</param>
    /// <exception cref="ArgumentException">A length differs or the spans overlap; nothing is written.</exception>
    public void Step(Span<T> parameters, ReadOnlySpan<T> gradients)
    {
        Guard.Length(parameters, _velocity.Length, "length of the optimiser");
        Guard.Length(gradients, _velocity.Length, "length of the optimiser");
        Guard.NoOverlap(parameters, gradients);
        Widest.Run<T, SgdKernel<T>>(new SgdKernel<T>(parameters, gradients, _velocity.Span)
        {
            LearningRate = T.CreateTruncating(LearningRate),
            Momentum = T.CreateTruncating(Momentum),
            Decay = T.CreateTruncating(WeightDecay),
        });
    }
}
