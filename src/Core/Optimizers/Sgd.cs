using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core;
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
        Dispatch.Run<T, Kernel>(new Kernel(parameters, gradients, Moment(0))
        {
            LearningRate = T.CreateTruncating(LearningRate),
            Momentum = T.CreateTruncating(Momentum),
            Decay = T.CreateTruncating(WeightDecay),
        });

    /// <summary>Step of <see cref="Sgd{T}"/> over the flat parameters.</summary>
    internal readonly ref struct Kernel(Span<T> parameters, ReadOnlySpan<T> gradients, Span<T> velocity) : IKernel<T>, IElements<T>
    {
        private readonly Span<T> _parameters = parameters;
        private readonly ReadOnlySpan<T> _gradients = gradients;
        private readonly Span<T> _velocity = velocity;

        /// <summary>α</summary>
        public required T LearningRate { get; init; }

        /// <summary>μ</summary>
        public required T Momentum { get; init; }

        /// <summary>λ</summary>
        public required T Decay { get; init; }

        // g = dp + λ·p          v ← μ·v + g          p ← p − α·v
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        public void Run<V>()
            where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, Kernel>(this, _parameters.Length);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public V Compute<V>(nuint i)
            where V : struct, ISimd<V, T>
        {
            ref T parameters = ref MemoryMarshal.GetReference(_parameters);
            ref T velocity = ref MemoryMarshal.GetReference(_velocity);
            V p = V.Load(in parameters, i);
            V g = V.MultiplyAdd(V.Broadcast(Decay), p, V.Load(in MemoryMarshal.GetReference(_gradients), i));
            V v = V.MultiplyAdd(V.Broadcast(Momentum), V.Load(in velocity, i), g);
            V.Store(v, ref velocity, i);
            p -= V.Broadcast(LearningRate) * v;
            V.Store(p, ref parameters, i);
            return p;
        }
    }
}
