using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Optimizers;

/// <summary>Step of <see cref="RmsProp{T}"/> over the flat parameters; centered if the mean is not empty.</summary>
/// <remarks>Its lines resemble <see cref="AdamKernel{T}"/>, but the equations are others: a shared kernel would hide both.</remarks>
internal readonly ref struct RmsPropKernel<T>(
    Span<T> parameters, ReadOnlySpan<T> gradients, Span<T> meanSquare, Span<T> velocity, Span<T> mean) : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
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
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, RmsPropKernel<T>>(this, _parameters.Length);

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
