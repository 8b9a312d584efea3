using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>sum ← Σ max(x, 0) − x·z + log(1 + e^−|x|), gradient ← scale·(σ(x) − z)</summary>
internal readonly ref struct BinaryCrossEntropyKernel<T>(
    ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, T scale, Span<T> gradient, ref T sum) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _logits = logits;
    private readonly ReadOnlySpan<T> _targets = targets;
    private readonly T _scale = scale;
    private readonly Span<T> _gradient = gradient;
    private readonly ref T _sum = ref sum;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        ref T logits = ref MemoryMarshal.GetReference(_logits);
        ref T targets = ref MemoryMarshal.GetReference(_targets);
        ref T gradient = ref MemoryMarshal.GetReference(_gradient);
        nuint length = (nuint)_logits.Length;
        V sums = V.Broadcast(T.Zero);
        nuint i = 0;
        for (; i + (nuint)V.Count <= length; i += (nuint)V.Count)
        {
            sums += Term<V>(ref logits, ref targets, ref gradient, i);
        }

        T sum = V.Sum(sums);
        for (; i < length; i++)
        {
            sum += Simd1<T>.Sum(Term<Simd1<T>>(ref logits, ref targets, ref gradient, i));
        }

        _sum = sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Term<V>(ref T logits, ref T targets, ref T gradient, nuint i)
        where V : struct, ISimd<V, T>
    {
        V zero = V.Broadcast(T.Zero);
        V x = V.Load(in logits, i);
        V z = V.Load(in targets, i);
        V.Store(V.Broadcast(_scale) * (Elementary.Sigmoid<V, T>(x) - z), ref gradient, i);
        V e = Elementary.ExpOfNegative<V, T>(-V.Abs(x));
        return V.SelectGreater(zero, x, zero, x) - x * z + Elementary.LogOfOnePlus<V, T>(e);
    }
}
