using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Optimizers;

/// <summary>Step of <see cref="Adam{T}"/> over the flat parameters.</summary>
internal readonly ref struct AdamKernel<T>(
    Span<T> parameters, ReadOnlySpan<T> gradients, Span<T> firstMoment, Span<T> secondMoment) : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
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
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, AdamKernel<T>>(this, _parameters.Length);

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
