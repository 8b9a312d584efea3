using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Losses;

/// <summary>sum ← Σ (p − t)², gradient ← scale·(p − t)</summary>
internal readonly ref struct SquaredErrorKernel<T>(
    ReadOnlySpan<T> prediction, ReadOnlySpan<T> target, T scale, Span<T> gradient, ref T sum)
    : IKernel<T>, IElements<T>, IElementLoss<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _prediction = prediction;
    private readonly ReadOnlySpan<T> _target = target;
    private readonly T _scale = scale;
    private readonly Span<T> _gradient = gradient;
    private readonly ref T _sum = ref sum;

    public static T Sum(ReadOnlySpan<T> x, ReadOnlySpan<T> targets, T share, Span<T> gradient)
    {
        T sum = default;
        T scale = T.CreateTruncating(2) * share;
        Dispatch.Run<T, SquaredErrorKernel<T>>(new SquaredErrorKernel<T>(x, targets, scale, gradient, ref sum));
        return sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T> => _sum = ElementLoop.Sum<V, T, SquaredErrorKernel<T>>(this, _prediction.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>
    {
        V difference = V.Load(in MemoryMarshal.GetReference(_prediction), i) - V.Load(in MemoryMarshal.GetReference(_target), i);
        V.Store(V.Broadcast(_scale) * difference, ref MemoryMarshal.GetReference(_gradient), i);
        return difference * difference;
    }
}
