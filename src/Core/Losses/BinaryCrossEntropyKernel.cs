using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Losses;

/// <summary>sum ← Σ max(x, 0) − x·z + log(1 + e^−|x|), gradient ← scale·(σ(x) − z)</summary>
internal readonly ref struct BinaryCrossEntropyKernel<T>(
    ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, T scale, Span<T> gradient, ref T sum)
    : IKernel<T>, IElements<T>, IElementLoss<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _logits = logits;
    private readonly ReadOnlySpan<T> _targets = targets;
    private readonly T _scale = scale;
    private readonly Span<T> _gradient = gradient;
    private readonly ref T _sum = ref sum;

    public static T Sum(ReadOnlySpan<T> x, ReadOnlySpan<T> targets, T share, Span<T> gradient)
    {
        T sum = default;
        Dispatch.Run<T, BinaryCrossEntropyKernel<T>>(new BinaryCrossEntropyKernel<T>(x, targets, share, gradient, ref sum));
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T> => _sum = ElementLoop.Sum<V, T, BinaryCrossEntropyKernel<T>>(this, _logits.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V zero = V.Broadcast(T.Zero);
        V x = V.Load(in MemoryMarshal.GetReference(_logits), i);
        V z = V.Load(in MemoryMarshal.GetReference(_targets), i);
        V.Store(V.Broadcast(_scale) * (Elementary.Sigmoid<V, T>(x) - z), ref MemoryMarshal.GetReference(_gradient), i);
        V e = Elementary.ExpOfNegative<V, T>(-V.Abs(x));
        return V.SelectGreater(zero, x, zero, x) - x * z + Elementary.LogOfOnePlus<V, T>(e);
    }
}
