using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core;
using SpanRnn.Core.Simd;

namespace SpanRnn;

/// <summary>
/// Adam (Kingma and Ba 2015) and, with decoupled weight decay, AdamW (Loshchilov and Hutter 2019), step for step as PyTorch computes them:
/// m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; p ← p − α·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
/// </summary>
/// <remarks>The scalars of a step are computed in double and rounded to <typeparamref name="T"/> once.</remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="length">Length of the flat parameter buffer; 0 is legal.</param>
/// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
public sealed class Adam<T>(int length) : Optimizer<T>(length, "first_moment", "second_moment")
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>β₁: share of the old first moment that is kept, 0 or more and below 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside this range.</exception>
    public double Beta1
    {
        get;
        init => field = Guard.Fraction(value, nameof(Beta1));
    } = 0.9;

    /// <summary>β₂: share of the old second moment that is kept, 0 or more and below 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside this range.</exception>
    public double Beta2
    {
        get;
        init => field = Guard.Fraction(value, nameof(Beta2));
    } = 0.999;

    /// <summary>ε, above 0 in <typeparamref name="T"/>: where a gradient is always zero, ε alone is the divisor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not finite or not above 0, or rounds to 0.</exception>
    public double Epsilon
    {
        get;
        init => field = Guard.Positive<T>(value, nameof(Epsilon));
    } = 1e-8;

    /// <summary>True if p ← (1 − α·λ)·p before the step (AdamW), false if λ·p is added to the gradient.</summary>
    public bool DecoupledWeightDecay { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(DecoupledWeightDecay ? "AdamW" : "Adam")}, betas {Beta1} and {Beta2}, epsilon {Epsilon}, weight decay {WeightDecay}");

    /// <inheritdoc/>
    protected override void Update(Span<T> parameters, ReadOnlySpan<T> gradients) =>
        Dispatch.Run<T, Kernel>(new Kernel(parameters, gradients, Moment(0), Moment(1))
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

    /// <summary>Step of <see cref="Adam{T}"/> over the flat parameters.</summary>
    internal readonly ref struct Kernel(
        Span<T> parameters, ReadOnlySpan<T> gradients, Span<T> firstMoment, Span<T> secondMoment) : IKernel<T>, IElements<T>
    {
        private readonly Span<T> _parameters = parameters;
        private readonly ReadOnlySpan<T> _gradients = gradients;
        private readonly Span<T> _firstMoment = firstMoment;
        private readonly Span<T> _secondMoment = secondMoment;

        /// <summary>β₁</summary>
        public required T Beta1 { get; init; }

        /// <summary>1 − β₁, rounded once.</summary>
        public required T Rest1 { get; init; }

        /// <summary>β₂</summary>
        public required T Beta2 { get; init; }

        /// <summary>1 − β₂, rounded once.</summary>
        public required T Rest2 { get; init; }

        /// <summary>α / (1 − β₁ᵗ)</summary>
        public required T StepSize { get; init; }

        /// <summary>√(1 − β₂ᵗ)</summary>
        public required T Correction { get; init; }

        /// <summary>ε</summary>
        public required T Epsilon { get; init; }

        /// <summary>λ if decay is part of the gradient, else 0.</summary>
        public required T Decay { get; init; }

        /// <summary>1 − α·λ if decay is decoupled, else 1.</summary>
        public required T Keep { get; init; }

        // g = dp + λ·p                  m ← β₁·m + (1 − β₁)·g                  v ← β₂·v + (1 − β₂)·g²
        // p ← keep·p − α / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public void Run<V>()
            where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, Kernel>(this, _parameters.Length);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Compute<V>(nuint i)
            where V : struct, ISimd<V, T>
        {
            ref T parameters = ref MemoryMarshal.GetReference(_parameters);
            ref T firstMoment = ref MemoryMarshal.GetReference(_firstMoment);
            ref T secondMoment = ref MemoryMarshal.GetReference(_secondMoment);
            V p = V.Load(in parameters, i);
            V g = V.MultiplyAdd(V.Broadcast(Decay), p, V.Load(in MemoryMarshal.GetReference(_gradients), i));
            V m = V.MultiplyAdd(V.Broadcast(Rest1), g, V.Broadcast(Beta1) * V.Load(in firstMoment, i));
            V v = V.MultiplyAdd(V.Broadcast(Rest2), g * g, V.Broadcast(Beta2) * V.Load(in secondMoment, i));
            V.Store(m, ref firstMoment, i);
            V.Store(v, ref secondMoment, i);
            V denominator = V.Sqrt(v) / V.Broadcast(Correction) + V.Broadcast(Epsilon);
            p = V.Broadcast(Keep) * p - V.Broadcast(StepSize) * (m / denominator);
            V.Store(p, ref parameters, i);
            return p;
        }
    }
}
