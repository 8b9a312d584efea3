using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core;
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
        Dispatch.Run<T, Kernel>(new Kernel(parameters, gradients, Moment(0), Moment(1), Centered ? Moment(2) : [])
        {
            LearningRate = T.CreateTruncating(LearningRate),
            Keep = T.CreateTruncating(Decay),
            Rest = T.CreateTruncating(1 - Decay),
            Momentum = T.CreateTruncating(Momentum),
            Epsilon = T.CreateTruncating(Epsilon),
            WeightDecay = T.CreateTruncating(WeightDecay),
        });

    /// <summary>Step of <see cref="RmsProp{T}"/> over the flat parameters; centered if the mean is not empty.</summary>
    /// <remarks>Its lines resemble <see cref="Adam{T}.Kernel"/>, but the equations are others: a shared kernel would hide both.</remarks>
    internal readonly ref struct Kernel(
        Span<T> parameters, ReadOnlySpan<T> gradients, Span<T> meanSquare, Span<T> velocity, Span<T> mean) : IKernel<T>, IElements<T>
    {
        private readonly Span<T> _parameters = parameters;
        private readonly ReadOnlySpan<T> _gradients = gradients;
        private readonly Span<T> _meanSquare = meanSquare;
        private readonly Span<T> _velocity = velocity;
        private readonly Span<T> _mean = mean;

        /// <summary>α</summary>
        public required T LearningRate { get; init; }

        /// <summary>ρ</summary>
        public required T Keep { get; init; }

        /// <summary>1 − ρ, rounded once.</summary>
        public required T Rest { get; init; }

        /// <summary>μ</summary>
        public required T Momentum { get; init; }

        /// <summary>ε</summary>
        public required T Epsilon { get; init; }

        /// <summary>λ</summary>
        public required T WeightDecay { get; init; }

        // g = dp + λ·p          s ← ρ·s + (1 − ρ)·g²          centered: m ← ρ·m + (1 − ρ)·g, d = s − m²          else d = s
        // v ← μ·v + g / (√d + ε)          p ← p − α·v
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public void Run<V>()
            where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, Kernel>(this, _parameters.Length);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Compute<V>(nuint i)
            where V : struct, ISimd<V, T>
        {
            ref T parameters = ref MemoryMarshal.GetReference(_parameters);
            ref T meanSquare = ref MemoryMarshal.GetReference(_meanSquare);
            ref T velocity = ref MemoryMarshal.GetReference(_velocity);
            V p = V.Load(in parameters, i);
            V g = V.MultiplyAdd(V.Broadcast(WeightDecay), p, V.Load(in MemoryMarshal.GetReference(_gradients), i));
            V s = V.MultiplyAdd(V.Broadcast(Rest), g * g, V.Broadcast(Keep) * V.Load(in meanSquare, i));
            V.Store(s, ref meanSquare, i);
            if (!_mean.IsEmpty)
            {
                ref T mean = ref MemoryMarshal.GetReference(_mean);
                V m = V.MultiplyAdd(V.Broadcast(Rest), g, V.Broadcast(Keep) * V.Load(in mean, i));
                V.Store(m, ref mean, i);
                s = V.Max(V.Broadcast(T.Zero), V.MultiplyAdd(-m, m, s));
            }

            V v = V.MultiplyAdd(V.Broadcast(Momentum), V.Load(in velocity, i), g / (V.Sqrt(s) + V.Broadcast(Epsilon)));
            V.Store(v, ref velocity, i);
            p -= V.Broadcast(LearningRate) * v;
            V.Store(p, ref parameters, i);
            return p;
        }
    }
}
