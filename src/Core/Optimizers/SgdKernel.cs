using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Optimizers;

/// <summary>Step of <see cref="Sgd{T}"/> over the flat parameters.</summary>
internal readonly ref struct SgdKernel<T>(Span<T> parameters, ReadOnlySpan<T> gradients, Span<T> velocity) : IKernel<T>, IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
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
        where V : struct, ISimd<V, T> => ElementLoop.Run<V, T, SgdKernel<T>>(this, _parameters.Length);

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
