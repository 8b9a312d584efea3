using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>
/// Adam (Kingma and Ba 2015), and with decoupled weight decay AdamW (Loshchilov and Hutter 2019), step for step as PyTorch computes them:
/// m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; p ← p − α·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
/// </summary>
/// <remarks>
/// Its whole state is <see cref="FirstMoment"/>, <see cref="SecondMoment"/> and <see cref="Steps"/>; all start at zero. The scalars of a
/// step are computed in double and rounded to <typeparamref name="T"/> once.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class Adam<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _firstMoment;
    private readonly AlignedBuffer<T> _secondMoment;

    /// <summary>Allocates both moments for <paramref name="length"/> parameters.</summary>
    /// <param name="length">Length of the flat parameter buffer; 0 is legal.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public Adam(int length)
    {
        _firstMoment = new AlignedBuffer<T>(length);
        _secondMoment = new AlignedBuffer<T>(length);
    }

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

    /// <summary>β₁: the share of the old first moment that is kept, 0 or more and below 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public double Beta1
    {
        get;
        init
        {
            Guard.Fraction(value, nameof(Beta1));
            field = value;
        }
    } = 0.9;

    /// <summary>β₂: the share of the old second moment that is kept, 0 or more and below 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is outside.</exception>
    public double Beta2
    {
        get;
        init
        {
            Guard.Fraction(value, nameof(Beta2));
            field = value;
        }
    } = 0.999;

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

    /// <summary>True: p ← (1 − α·λ)·p before the step (AdamW). False: λ·p is added to the gradient.</summary>
    public bool DecoupledWeightDecay { get; init; }

    /// <summary>t: how many steps were taken; set it with the moments to continue a saved run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long Steps
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>m, [length]. Allocates nothing.</summary>
    public Span<T> FirstMoment => _firstMoment.Span;

    /// <summary>v, [length]. Allocates nothing.</summary>
    public Span<T> SecondMoment => _secondMoment.Span;

    /// <summary>Takes one step. Allocates nothing.</summary>
    /// <param name="parameters">[length] in and out.</param>
    /// <param name="gradients">[length] in, dL/dp; no memory shared with <paramref name="parameters"/>.</param>
    /// <exception cref="ArgumentException">A length differs or the spans overlap; nothing is written.</exception>
    public void Step(Span<T> parameters, ReadOnlySpan<T> gradients)
    {
        Guard.Length(parameters, _firstMoment.Length, "length of the optimiser");
        Guard.Length(gradients, _firstMoment.Length, "length of the optimiser");
        Guard.NoOverlap(parameters, gradients);
        Steps++;
        Widest.Run<T, AdamKernel<T>>(new AdamKernel<T>(parameters, gradients, _firstMoment.Span, _secondMoment.Span)
        {
            Beta1 = T.CreateTruncating(Beta1),
            Rest1 = T.CreateTruncating(1 - Beta1),
            Beta2 = T.CreateTruncating(Beta2),
            Rest2 = T.CreateTruncating(1 - Beta2),
            StepSize = T.CreateTruncating(LearningRate / (1 - Math.Pow(Beta1, Steps))),
            Correction = T.CreateTruncating(Math.Sqrt(1 - Math.Pow(Beta2, Steps))),
            Epsilon = T.CreateTruncating(Epsilon),
            Decay = T.CreateTruncating(DecoupledWeightDecay ? 0 : WeightDecay),
            Keep = T.CreateTruncating(DecoupledWeightDecay ? 1 - (LearningRate * WeightDecay) : 1),
        });
    }
}
