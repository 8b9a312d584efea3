using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>sum ← Σ (p − t)², gradient ← scale·(p − t)</summary>
internal readonly ref struct SquaredErrorKernel<T>(
    ReadOnlySpan<T> prediction, ReadOnlySpan<T> target, T scale, Span<T> gradient, ref T sum) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _prediction = prediction;
    private readonly ReadOnlySpan<T> _target = target;
    private readonly T _scale = scale;
    private readonly Span<T> _gradient = gradient;
    private readonly ref T _sum = ref sum;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        ref T prediction = ref MemoryMarshal.GetReference(_prediction);
        ref T target = ref MemoryMarshal.GetReference(_target);
        ref T gradient = ref MemoryMarshal.GetReference(_gradient);
        nuint length = (nuint)_prediction.Length;
        V sums = V.Broadcast(T.Zero);
        nuint i = 0;
        for (; i + (nuint)V.Count <= length; i += (nuint)V.Count)
        {
            sums += Term<V>(ref prediction, ref target, ref gradient, i);
        }

        T sum = V.Sum(sums);
        for (; i < length; i++)
        {
            sum += Simd1<T>.Sum(Term<Simd1<T>>(ref prediction, ref target, ref gradient, i));
        }

        _sum = sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Term<V>(ref T prediction, ref T target, ref T gradient, nuint i)
        where V : struct, ISimd<V, T>
    {
        V difference = V.Load(in prediction, i) - V.Load(in target, i);
        V.Store(V.Broadcast(_scale) * difference, ref gradient, i);
        return difference * difference;
    }
}
