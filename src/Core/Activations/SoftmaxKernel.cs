using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>
/// y ← scale·e^(a − maximum) / sum with sum = Σ e^(a − maximum), which is handed back. No term exceeds 1 and the largest is 1, so
/// nothing overflows and the sum is at least 1.
/// </summary>
internal readonly ref struct SoftmaxKernel<T>(ReadOnlySpan<T> a, T maximum, T scale, Span<T> y, ref T sum) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ReadOnlySpan<T> _a = a;
    private readonly T _maximum = maximum;
    private readonly T _scale = scale;
    private readonly Span<T> _y = y;
    private readonly ref T _sum = ref sum;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        ref T a = ref MemoryMarshal.GetReference(_a);
        ref T y = ref MemoryMarshal.GetReference(_y);
        nuint length = (nuint)_a.Length;
        V sums = V.Broadcast(T.Zero);
        nuint i = 0;
        for (; i + (nuint)V.Count <= length; i += (nuint)V.Count)
        {
            sums += Power<V>(ref a, ref y, i);
        }

        T sum = V.Sum(sums);
        for (; i < length; i++)
        {
            sum += Simd1<T>.Sum(Power<Simd1<T>>(ref a, ref y, i));
        }

        T factor = _scale / sum;
        for (i = 0; i + (nuint)V.Count <= length; i += (nuint)V.Count)
        {
            V.Store(V.Load(in y, i) * V.Broadcast(factor), ref y, i);
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref y, i) *= factor;
        }

        _sum = sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Power<V>(ref T a, ref T y, nuint i)
        where V : struct, ISimd<V, T>
    {
        V power = Elementary.ExpOfNegative<V, T>(V.Load(in a, i) - V.Broadcast(_maximum));
        V.Store(power, ref y, i);
        return power;
    }
}
